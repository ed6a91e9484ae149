"""Servers that misbehave: each failure is one clear error, in time, for both ways of sending."""

import gzip
import json
import logging
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from contract.rest.loopback import Then, answering, reply
from penstock.errors import (
    ConnectTimeout,
    IncompleteResponse,
    LocalFileError,
    MlflowException,
    NotMlflow,
    PenstockError,
    PermissionDenied,
    RequestTimeout,
    ServerUnreachable,
    TransportError,
    Unauthenticated,
)
from penstock.rest._channel import Channel
from penstock.rest._connection import resolve_connections
from penstock.rest._exchange import open_exchange
from penstock.rest._forked_transport import ForkedTransport
from penstock.rest._retries import RetryPolicy
from penstock.rest._sink import DownloadSink
from servers import free_port

GET, SEARCH, CREATE = "mlflow/runs/get", "mlflow/runs/search", "mlflow/runs/create"
RUN = '{"run": {"info": {"run_id": "abc"}}}'
HTML = "<!doctype html><title>Log in</title>"
QUICK = RetryPolicy(retries=2, first_pause=0.01)
SECRET = "hunter2"


@pytest.fixture(params=[open_exchange, ForkedTransport], ids=["pyreqwest", "forked"])
def connect(request):
    """Opens channels to a server, by the usual way and by the one of forked processes."""
    channels = []

    def connect(url: str, policy: RetryPolicy = QUICK, **arguments: Any) -> Channel:
        arguments = {"timeout": (5, 5), "username": "u", "password": SECRET, **arguments}
        connection = resolve_connections(url, **arguments).tracking
        channels.append(Channel(connection, policy=policy, opener=request.param))
        return channels[-1]

    yield connect
    for channel in channels:
        channel.close()


def unused_url() -> str:
    return f"http://127.0.0.1:{free_port()}"


def test_a_good_answer(connect):
    """With method, path, login, and who is asking."""
    with answering(reply(RUN)) as server:
        channel = connect(server.url)
        assert json.loads(RUN) == channel.call("GET", GET, query={"run_id": "ä/%"}).json()
        channel.call("POST", CREATE, body={"name": "ä"})
    first, second = server.received
    assert ("GET", f"/api/2.0/{GET}?run_id=%C3%A4%2F%25") == (first.method, first.target)
    assert "Basic dTpodW50ZXIy" == first.headers["authorization"]
    assert first.headers["user-agent"].startswith("penstock/")
    assert ("POST", b'{"name":"\xc3\xa4"}') == (second.method, second.body)
    assert "application/json" == second.headers["content-type"]


def test_connections_are_kept(connect):
    """One after the other over a single one."""
    with answering(reply(RUN)) as server:
        channel = connect(server.url)
        for _ in range(20):
            channel.call("GET", GET)
        assert (20, 1) == (len(server.received), len(server.connections))


def test_many_threads_share_a_channel(connect):
    """Each gets its own answer."""
    seen = []

    def ask(channel: Channel) -> None:
        seen.extend(channel.call("GET", GET).json() for _ in range(20))

    with answering(reply(RUN)) as server:
        channel = connect(server.url)
        threads = [threading.Thread(target=ask, args=(channel,)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [json.loads(RUN)] * 200 == seen
        assert 200 == len(server.received)
        assert len(server.connections) < 100


def test_a_connection_that_the_server_closed_is_replaced(connect):
    """As after a quiet minute."""
    with answering(reply(RUN, then=Then.CLOSE)) as server:
        channel = connect(server.url)
        for _ in range(3):
            assert json.loads(RUN) == channel.call("GET", GET).json()
        assert 3 == len(server.connections)


def test_a_large_answer(connect):
    """Several megabytes, in one piece."""
    large = json.dumps({"run": "x" * 5_000_000})
    with answering(reply(large)) as server:
        assert 5_000_000 == len(connect(server.url).call("GET", GET).json()["run"])


def test_an_answer_without_a_body(connect):
    """Some servers have nothing to say."""
    with answering(reply(b"", status=204)) as server:
        assert {} == connect(server.url).call("DELETE", GET).json()


def test_a_packed_answer(connect):
    """Unpacked by the usual way; the other does not ask for one."""
    packed = reply(gzip.compress(RUN.encode()), Content_Encoding="gzip")
    with answering(reply(RUN), packed) as server:
        channel = connect(server.url)
        channel.call("GET", GET)
        if "gzip" in server.received[0].headers["accept-encoding"]:
            assert json.loads(RUN) == channel.call("GET", GET).json()
        else:
            assert "identity" == server.received[0].headers["accept-encoding"]


CUT = reply(RUN, then=Then.CLOSE)
CUT_SHORT = CUT._replace(data=CUT.data[:-9])
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
FAILURES = {
    "an HTML page": (reply(HTML, kind="text/html"), NotMlflow),
    "an HTML page with another status": (reply(HTML, status=404, kind="text/html"), NotMlflow),
    "a redirect to a login": (reply(status=302, Location="https://sso/login?x=1"), NotMlflow),
    "a permanent redirect": (reply(status=308, Location="/elsewhere"), NotMlflow),
    "other JSON": (reply('{"status": "ok"}'), NotMlflow),
    "broken JSON": (reply('{"run": '), NotMlflow),
    "no JSON": (reply("OK"), NotMlflow),
    "nothing": (reply(b""), NotMlflow),
    "another protocol": (CUT._replace(data=b"SSH-2.0-OpenSSH_9\r\n\r\n"), NotMlflow),
    "no login": (reply(HTML, status=401, kind="text/html"), Unauthenticated),
    "no permission": (reply("{}", status=403), PermissionDenied),
    "a body cut short": (CUT_SHORT, IncompleteResponse),
    "a chunk cut short": (CUT._replace(data=CHUNKS + b"ff\r\n{}"), IncompleteResponse),
    "chunks without an end": (CUT._replace(data=CHUNKS + b"2\r\n{}\r\n"), IncompleteResponse),
    "a head cut short": (CUT._replace(data=b"HTTP/1.1 200 OK\r\nContent-Le"), PenstockError),
    "a closed connection": (CUT._replace(data=b""), IncompleteResponse),
    "no answer": (CUT._replace(data=b"", then=Then.HANG), RequestTimeout),
    "half an answer": (CUT_SHORT._replace(then=Then.HANG), RequestTimeout),
    "an error": (reply('{"error_code": "INTERNAL_ERROR"}', status=500), MlflowException),
    "out of order": (reply(HTML, status=502, kind="text/html"), MlflowException),
    "busy": (reply(status=503, Retry_After="0"), MlflowException),
    "too much": (reply(status=429), MlflowException),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_an_error_of_its_kind(connect, caplog, failure):
    """In time, with the call in the message, and never with a secret."""
    answer, kind = FAILURES[failure]
    with answering(answer) as server, caplog.at_level(logging.DEBUG):
        channel = connect(server.url, timeout=(5, 0.5))
        started = time.monotonic()
        with pytest.raises(kind) as refusal:
            channel.call("GET", GET, query={"run_id": "1"}).one("run", dict)
        assert time.monotonic() - started < 5
    message = str(refusal.value)
    assert f"GET /api/2.0/{GET}" in message
    assert isinstance(refusal.value, MlflowException)
    for text in (message, "".join(traceback.format_exception(refusal.value)), caplog.text):
        assert SECRET not in text
        assert "dTpodW50ZXIy" not in text


def test_a_failed_download_is_an_error_of_its_kind(connect, tmp_path):
    """A login page is a redirect there as well; a stalled body ends in time."""
    for failure in ("a redirect to a login", "no login", "a body cut short", "half an answer"):
        answer, kind = FAILURES[failure]
        with answering(answer) as server, (tmp_path / "x").open("wb") as file:
            channel = connect(server.url, timeout=(5, 0.5))
            with pytest.raises(kind, match="mlflow-artifacts/artifacts/x"):
                channel.download("mlflow-artifacts/artifacts/x", file)


def test_a_full_disk_is_not_the_networks_fault(connect, tmp_path):
    """Nor is the download made again."""
    with answering(reply(b"x" * 100_000)) as server, Path("/dev/full").open("wb", 0) as file:
        sink = DownloadSink(file, tmp_path / "target", threading.Event())
        with pytest.raises(LocalFileError, match="target"):
            connect(server.url).download("mlflow-artifacts/artifacts/x", NoSeek(sink))
        assert 1 == len(server.received)


class NoSeek:
    """A sink that cannot start again, and need not."""

    def __init__(self, sink):
        self.write = sink.write

    def tell(self):
        return 0

    def seek(self, _offset):
        return None

    def truncate(self):
        return None


@pytest.mark.parametrize("failure", ["no answer", "half an answer"])
def test_a_slow_server_is_not_asked_again(connect, failure):
    """It has enough to do."""
    with answering(FAILURES[failure][0]) as server:
        with pytest.raises(RequestTimeout, match="MLFLOW_HTTP_REQUEST_TIMEOUT"):
            connect(server.url, timeout=(5, 0.2)).call("GET", GET)
        assert 1 == len(server.received)


def test_an_answer_that_drips_for_ever_ends(connect):
    """Each byte comes in time, the answer does not."""
    dripping = CUT_SHORT._replace(then=Then.DRIP)
    endless = dripping._replace(
        data=dripping.data.replace(b"Content-Length: 36", b"Content-Length: 999999")
    )
    with answering(endless) as server, pytest.raises(RequestTimeout):
        connect(server.url, timeout=(5, 0.3)).call("GET", GET)


def test_nothing_listens(connect):
    """The message names the address and the setting."""
    url = unused_url()
    with pytest.raises(ServerUnreachable, match="MLFLOW_TRACKING_URI") as refusal:
        connect(url).call("GET", GET)
    assert url in str(refusal.value)


def test_nobody_accepts(connect):
    """A host that lets connections wait is told apart from a slow server."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = []
        try:
            while True:  # until the queue of the kernel is full
                waiting.append(socket.create_connection(address, timeout=0.3))
        except TimeoutError:
            pass
        channel = connect(f"http://127.0.0.1:{address[1]}", RetryPolicy(0), timeout=(0.3, 5))
        with pytest.raises(ConnectTimeout, match=r"within 0\.3 s"):
            channel.call("GET", GET)
        for one in waiting:
            one.close()


BUSY = [
    reply(status=503, Retry_After="0"),
    reply(status=429),
    reply(HTML, status=502, kind="text/html"),
    reply(status=504),
    CUT_SHORT,
    CUT._replace(data=b""),
]


@pytest.mark.parametrize("answer", BUSY)
@pytest.mark.parametrize(("method", "endpoint"), [("GET", GET), ("POST", SEARCH)])
def test_what_does_no_harm_is_asked_again(connect, caplog, answer, method, endpoint):
    """Until it works; a warning says so meanwhile."""
    with answering(answer, answer, reply(RUN)) as server:
        channel = connect(server.url)
        assert json.loads(RUN) == channel.call(method, endpoint, body={}).json()
        assert 3 == len(server.received)
    assert 2 == caplog.text.count("trying again in")


@pytest.mark.parametrize("answer", BUSY)
def test_what_could_happen_twice_is_not_asked_again(connect, answer):
    """Or there would be two runs."""
    with answering(answer, reply(RUN)) as server:
        with pytest.raises(MlflowException):
            connect(server.url).call("POST", CREATE, body={})
        assert 1 == len(server.received)


def test_retries_end_with_the_last_error(connect):
    """After as many attempts as were allowed."""
    with answering(reply(status=503)) as server:
        with pytest.raises(MlflowException) as refusal:
            connect(server.url).call("GET", GET)
        assert 3 == len(server.received)
    assert (503, "TEMPORARILY_UNAVAILABLE") == (
        refusal.value.get_http_status_code(),
        refusal.value.error_code,
    )


def test_a_wait_that_the_server_asks_for_is_obeyed(connect):
    """To the second."""
    with answering(reply(status=503, Retry_After="1"), reply(RUN)) as server:
        started = time.monotonic()
        connect(server.url).call("GET", GET)
        assert 1 <= time.monotonic() - started < 5


def test_a_wait_of_an_hour_is_left_to_the_caller(connect):
    """It is in the error."""
    with answering(reply(status=503, Retry_After="3600")) as server:
        with pytest.raises(MlflowException, match="asks to wait: 3600") as refusal:
            connect(server.url).call("GET", GET)
        assert 1 == len(server.received)
    assert "3600" == refusal.value.retry_after


def test_a_server_that_is_just_starting_is_waited_for(connect):
    """Even by what could happen twice: where nobody listens, nothing has happened."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    channel = connect(f"http://127.0.0.1:{listener.getsockname()[1]}")
    original, attempts = channel._opener, []

    class Starting:
        """Passes requests on; the server listens from the second one on."""

        def __init__(self, connection):
            self.exchange = original(connection)

        def send(self, request):
            attempts.append(request)
            if len(attempts) == 2:
                listener.listen()
                threading.Thread(target=answer_once, args=(listener,), daemon=True).start()
            return self.exchange.send(request)

        def close(self):
            self.exchange.close()

    channel._opener = Starting
    assert json.loads(RUN) == channel.call("POST", CREATE, body={}).json()
    assert 2 == len(attempts)
    listener.close()


def answer_once(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(reply(RUN).data)


def test_a_damaged_packing_is_told(connect):
    """Neither a crash nor garbage."""
    whole = gzip.compress(RUN.encode() * 100)
    damaged = reply(b"no gzip", Content_Encoding="gzip")
    cut = reply(whole[:-20], Content_Encoding="gzip")
    for answer in (damaged, cut):
        with answering(answer) as server, pytest.raises((NotMlflow, IncompleteResponse)):
            connect(server.url).call("GET", GET).one("run", dict)


def test_closing_ends_what_is_under_way(connect):
    """The waiting thread gets an error of ours."""
    errors = []

    def ask(channel: Channel) -> None:
        try:
            channel.call("GET", GET)
        except TransportError as error:
            errors.append(error)

    with answering(CUT._replace(data=b"", then=Then.HANG)) as server:
        channel = connect(server.url, RetryPolicy(0), timeout=(5, 1))
        thread = threading.Thread(target=ask, args=(channel,))
        thread.start()
        deadline = time.monotonic() + 30
        while not server.received and time.monotonic() < deadline:
            time.sleep(0.01)
        channel.close()
        thread.join(30)
    assert 1 == len(errors)
