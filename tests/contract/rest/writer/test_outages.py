"""What happens to what is logged while the server takes nothing."""

import logging
import signal
import threading
import time

import pytest

from contract.rest.loopback import Reply, Then, answering
from contract.rest.writer.tiny_mlflow import Odd, tiny_mlflow
from penstock import MlflowClient
from penstock.errors import QueueFull, TransportError, Unsent
from servers import wait_until


def log(client, values):
    return [client.log_metric("r", "m", value, step=value, synchronous=False) for value in values]


def fail_times(tiny, count, odd):
    """Have the next calls answered oddly."""
    left = [odd] * count
    tiny.disturb = lambda _endpoint, _body: left.pop() if left else None


def test_logging_goes_on_while_the_server_is_away(tiny, client, caplog):
    """All of it is there when the server is back, once, and the log tells of both."""
    log(client, range(100))
    client.flush()
    tiny.stop()
    log(client, range(100, 5000))
    wait_until(lambda: "sent again and again" in caplog.text)
    tiny.start()
    client.flush()
    assert list(range(5000)) == tiny.history("r")
    assert {1} == set(tiny.times_sent.values())
    assert "takes what is logged again" in caplog.text


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(tiny, client, status):
    """Nothing is refused by that."""
    fail_times(tiny, 2, Odd(status, {}))
    log(client, range(10))
    client.flush()
    assert list(range(10)) == tiny.history("r")
    assert [] == client.failures


def test_what_the_server_asks_to_wait_is_waited(tiny, client):
    """Also when somebody is in a hurry."""
    fail_times(tiny, 1, Odd(503, {}, {"Retry-After": "1"}))
    (operation,) = log(client, [1])
    started = time.monotonic()
    operation.wait()
    assert time.monotonic() - started >= 1


def test_a_failing_server_is_asked_again(tiny, client):
    """As long as it fails at an empty batch too, the fault is not in what is logged."""
    fail_times(tiny, 5, Odd(500, {}))
    log(client, range(10))
    client.flush()
    assert list(range(10)) == tiny.history("r")
    assert [] == client.failures


def test_an_answer_that_is_none_of_mlflows_is_no_success():
    """A proxy shows its own page with status 200 while the server is away."""
    page = b"<html>back soon</html>"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
    with (
        answering(Reply(head.encode() + page)) as proxy,
        MlflowClient(proxy.url, flush_timeout=0.3) as unlucky,
    ):
        log(unlucky, [1])
        with pytest.raises(Unsent, match="an HTML page"):
            unlucky.flush()


def test_a_call_that_broke_off_is_sent_again(tiny, client):
    """The server has it once, for it knows an identical metric."""
    broken = []

    def take_and_break(_endpoint, body):
        if not broken:
            broken.append(body)
            tiny.break_connections()

    tiny.disturb = take_and_break
    log(client, range(10))
    client.flush()
    assert list(range(10)) == tiny.history("r")
    assert {2} == set(tiny.times_sent.values())


def test_waiting_has_an_end(tiny):
    """It tells what the matter is; what waits goes on waiting, and can be waited for again."""
    tiny.stop()
    with MlflowClient(tiny.url, flush_timeout=0.2) as hasty:
        (operation,) = log(hasty, [1])
        for wait in (operation.wait, hasty.flush, lambda: hasty.set_terminated("r")):
            with pytest.raises(Unsent, match=r"1 logged item is not on the server.*no server"):
                wait()
        tiny.start()
        wait_until(lambda: operation.is_settled)
        operation.wait()
    assert [1] == tiny.history("r")


def test_a_slow_server_is_waited_for_as_long_as_it_takes_something(tiny):
    """The limit is for a server that takes nothing at all."""
    tiny.disturb = lambda _endpoint, _body: time.sleep(0.6)
    with MlflowClient(tiny.url, flush_timeout=2) as hasty:
        log(hasty, range(5000))
        started = time.monotonic()
        hasty.flush()
        assert time.monotonic() - started > 2
    assert 5000 == len(tiny.history("r"))


def test_leaving_tells_how_much_is_lost(tiny, caplog):
    """When the server takes nothing, and there is no spool."""
    tiny.stop()
    with MlflowClient(tiny.url, flush_timeout=0.2) as client:
        operations = log(client, range(7))
    assert "7 logged items are lost" in caplog.text
    assert "a client with a spool= loses nothing" in caplog.text
    for operation in operations:
        with pytest.raises(Unsent, match="not sent before the client was closed"):
            operation.wait()


def test_a_server_that_hangs_does_not_hold_up_the_end(caplog):
    """The call that nobody answers is broken off."""
    with answering(Reply(b"", Then.HANG)) as server:
        started = time.monotonic()
        with MlflowClient(server.url, timeout=60, flush_timeout=0.3) as client:
            log(client, [1])
        assert time.monotonic() - started < 5
    assert "1 logged item is lost" in caplog.text


def test_a_full_queue_holds_the_caller_back_until_there_is_room(tiny):
    """Not an item is dropped."""
    gate = threading.Event()
    tiny.disturb = lambda _endpoint, _body: wait_until(gate.is_set) and None
    with MlflowClient(tiny.url, queue_size=50) as client:
        log(client, range(50))
        thread = threading.Thread(target=log, args=(client, range(50, 200)))
        thread.start()
        wait_until(lambda: client._writing._writer._full_since is not None)
        assert thread.is_alive()
        gate.set()
        thread.join()
    assert list(range(200)) == tiny.history("r")


def is_sent(client: MlflowClient) -> bool:
    """Return whether the client knows that the server has everything."""
    try:
        client.flush()
    except Unsent:
        return False
    return True


def test_a_full_queue_is_an_error_when_the_server_takes_nothing(tiny):
    """After a bounded wait, and from then on at once; what was taken is sent."""
    tiny.stop()
    with MlflowClient(tiny.url, queue_size=20, flush_timeout=0.5) as client:
        log(client, range(20))
        started = time.monotonic()
        with pytest.raises(QueueFull, match=r"20 logged items are waiting.*spool=") as full:
            log(client, [20])
        assert 0.4 < time.monotonic() - started < 5
        assert "RESOURCE_EXHAUSTED" == full.value.error_code
        started = time.monotonic()
        for value in range(21, 121):
            with pytest.raises(QueueFull):
                log(client, [value])
        assert time.monotonic() - started < 0.5
        tiny.start()
        wait_until(lambda: len(tiny.history("r")) == 20)
        wait_until(lambda: is_sent(client))
        log(client, [121])
    assert [*range(20), 121] == tiny.history("r")


def test_a_queue_that_is_full_again_is_waited_for_again(tiny):
    """The wait counts from when the server stopped taking anything, or the queue was full."""
    with MlflowClient(tiny.url, queue_size=20, flush_timeout=0.5) as client:
        for _ in range(2):
            tiny.stop()
            log(client, range(20))
            started = time.monotonic()
            with pytest.raises(QueueFull):
                log(client, [20])
            assert time.monotonic() - started > 0.4
            tiny.start()
            wait_until(lambda: not client._writing._writer._backlog.count)


def test_whoever_waits_for_room_is_told_when_the_client_is_closed(tiny):
    """What had no room is not sent in secret."""
    tiny.stop()
    client = MlflowClient(tiny.url, queue_size=5, flush_timeout=1)
    log(client, range(5))
    told = []

    def work():
        try:
            log(client, [5])
        except TransportError as error:
            told.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    wait_until(lambda: client._writing._writer._full_since is not None)
    client.close()
    thread.join()
    tiny.start()
    assert 1 == len(told)
    assert not tiny.calls


def test_a_client_that_is_closed_twice_at_a_time_sends_all(tiny):
    """The second one waits as the first one does."""
    gate = threading.Event()
    tiny.disturb = lambda _endpoint, _body: wait_until(gate.is_set) and None
    client = MlflowClient(tiny.url)
    log(client, range(2500))
    threads = [threading.Thread(target=client.close) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: client._writing._writer._worker._hurried == 2)
    gate.set()
    for thread in threads:
        thread.join()
    assert list(range(2500)) == tiny.history("r")


def test_one_may_wait_for_ever(tiny):
    """Even longer than the system can at one go."""
    tiny.disturb = lambda _endpoint, _body: None
    with MlflowClient(tiny.url, flush_timeout=float("inf")) as client:
        log(client, range(10))
        client.flush()
    assert 10 == len(tiny.history("r"))


def test_a_server_that_refuses_the_login_is_told_of_once(tiny, client, caplog):
    """What is logged meanwhile is refused, with the error; what comes later is sent."""
    log(client, range(5))
    client.flush()
    tiny.disturb = lambda _endpoint, _body: Odd(401, {"error_code": "UNAUTHENTICATED"})
    refused = []
    for value in range(5, 8):
        refused += log(client, [value])
        refused.append(client.log_metric(f"other{value}", "m", 1, synchronous=False))
        client.flush()
    tiny.disturb = lambda _endpoint, _body: None
    log(client, range(8, 10))
    client.flush()
    assert [0, 1, 2, 3, 4, 8, 9] == tiny.history("r")
    for operation in refused:
        with pytest.raises(Exception, match="401 UNAUTHENTICATED") as refusal:
            operation.wait()
        assert "Unauthenticated" == type(refusal.value).__name__
    assert 6 == len(client.failures)
    assert 1 == caplog.text.count("was refused")


def test_a_signal_handler_may_log(tiny, client):
    """Also in the middle of another item, in the same thread."""

    def handler(_number, _frame):
        client.log_metric("signal", "m", 1, synchronous=False)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        log(client, range(30_000))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    client.flush()
    assert list(range(30_000)) == tiny.history("r")
    assert tiny.history("signal")


def test_nothing_of_a_login_is_logged(tiny, caplog):
    """Whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    address = tiny.url.replace("//", "//u:hunter2@")
    tiny.disturb = lambda _endpoint, _body: Odd(403, {"error_code": "PERMISSION_DENIED"})
    with MlflowClient(address, flush_timeout=0.2) as client:
        log(client, [1])
        client.flush()
        tiny.stop()
        log(client, [2])
    assert "refused" in caplog.text
    assert "hunter2" not in caplog.text + repr(client.failures)


def test_two_servers_do_not_wait_for_each_other(tiny, client):
    """Each client has a writer of its own."""
    with tiny_mlflow() as other, MlflowClient(other.url, flush_timeout=0.2) as second:
        other.stop()
        log(second, [1])
        log(client, [1])
        client.flush()
        assert [1] == tiny.history("r")
