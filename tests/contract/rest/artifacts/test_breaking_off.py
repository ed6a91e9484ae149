"""Transfers that break off, stall or are cut short come to a good end, or to a clear error."""

import os
import threading
import time
from pathlib import Path

import pytest

from contract.rest.artifacts.breaking import Fault, Kind, breaking
from contract.rest.artifacts.folders import content, fill
from penstock import MlflowClient
from penstock.errors import (
    IncompleteResponse,
    LocalFileError,
    MlflowException,
    RequestTimeout,
    TransferFailed,
    Unauthenticated,
)
from penstock.rest._channel import Channel
from penstock.rest._connection import resolve_connections
from penstock.rest._content import CHUNK, file_content
from penstock.rest._exchange import open_exchange
from penstock.rest._forked_transport import ForkedTransport
from penstock.rest._retries import RetryPolicy

MEBIBYTE = 1 << 20
DATA = os.urandom(5 * MEBIBYTE)
OTHER = os.urandom(5 * MEBIBYTE)
QUICK = RetryPolicy(retries=2, first_pause=0.01)
PLACE = "mlflow-artifacts/artifacts/r/x"


def break_at(*positions: int) -> list[Fault]:
    return [Fault(Kind.BREAK, position) for position in positions]


@pytest.fixture(params=[open_exchange, ForkedTransport], ids=["pyreqwest", "forked"])
def connect(request):
    """Opens channels to a server, by the usual way and by the one of forked processes."""
    channels = []

    def connect(url: str, *, timeout: float = 10) -> Channel:
        connection = resolve_connections(url, timeout=timeout).tracking
        channels.append(Channel(connection, policy=QUICK, opener=request.param))
        return channels[-1]

    yield connect
    for channel in channels:
        channel.close()


def fetch(channel: Channel, target: Path, size: int | None = None) -> bytes:
    with target.open("w+b") as file:
        channel.download(PLACE, file, size=size)
    return target.read_bytes()


def test_a_download_goes_on_where_it_broke_off(connect, tmp_path):
    """What had come does not come again."""
    with breaking({"x": DATA}, break_at(MEBIBYTE, MEBIBYTE)) as server:
        assert DATA == fetch(connect(server.url), tmp_path / "x")
        ranges = [asked for _, _, asked in server.asked]
        assert None is ranges[0]
        assert 3 == len(ranges)
        assert len(DATA) <= server.sent < len(DATA) + MEBIBYTE


def test_other_content_begins_anew(connect, tmp_path):
    """Half of one file and half of another would be neither."""
    with breaking({"x": DATA}, break_at(MEBIBYTE)) as server:
        channel = connect(server.url)

        def change(seconds=30):
            deadline = time.monotonic() + seconds
            while not server.sent and time.monotonic() < deadline:
                time.sleep(0.001)
            server.files["x"], server.etag = OTHER, '"2"'

        thread = threading.Thread(target=change)
        thread.start()
        got = fetch(channel, tmp_path / "x")
        thread.join()
    assert got in {DATA, OTHER}


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_without_a_proof_a_download_begins_anew(connect, tmp_path, etag):
    """The server cannot say whether it is the same."""
    with breaking({"x": DATA}, break_at(MEBIBYTE), etag=etag) as server:
        assert DATA == fetch(connect(server.url), tmp_path / "x")
        assert [None, None] == [asked for _, _, asked in server.asked]


def test_a_download_that_comes_further_may_break_off_often(connect, tmp_path):
    """More often than a call is repeated that gets nowhere."""
    with breaking({"x": DATA}, break_at(*[MEBIBYTE + 1] * 4)) as server:
        assert DATA == fetch(connect(server.url), tmp_path / "x")
        assert 5 == len(server.asked)


def test_a_download_that_gets_nowhere_ends(connect, tmp_path):
    """After as many attempts as any other call."""
    with breaking({"x": DATA}, break_at(*[1000] * 9)) as server:
        with pytest.raises(IncompleteResponse):
            fetch(connect(server.url), tmp_path / "x")
        assert 3 == len(server.asked)


def test_a_download_that_stalls_goes_on(connect, tmp_path):
    """If something had come; connections die without a word."""
    faults = [Fault(Kind.STALL, 2 * MEBIBYTE)]
    with breaking({"x": DATA}, faults) as server:
        assert DATA == fetch(connect(server.url, timeout=0.5), tmp_path / "x")


def test_a_download_that_is_cut_short_is_made_again(connect, tmp_path):
    """The listing told how long the file is."""
    with breaking({"x": DATA}, [Fault(Kind.CUT, 1000)]) as server:
        assert DATA == fetch(connect(server.url), tmp_path / "x", len(DATA))


def test_a_server_that_lies_about_the_length_is_told(connect, tmp_path):
    """It never sends what it promised."""
    with breaking({"x": DATA[:1000]}, [Fault(Kind.LIE)] * 3) as server:
        with pytest.raises(IncompleteResponse):
            fetch(connect(server.url), tmp_path / "x")
        assert 3 == len(server.asked)


def test_a_busy_server_is_asked_again(connect, tmp_path):
    """Up and down."""
    path = fill(tmp_path, {"up": DATA}) / "up"
    busy = [Fault(Kind.REFUSE, len(DATA)), Fault(Kind.REFUSE, len(DATA))]
    with breaking({}, busy) as server:
        connect(server.url).store(PLACE, file_content(path), media_type=None)
        assert {"x": DATA} == server.files
        server.faults = [Fault(Kind.REFUSE)] * 2
        assert DATA == fetch(connect(server.url), tmp_path / "x")


def test_an_upload_that_breaks_off_is_made_again(connect, tmp_path):
    """From the beginning: a file is there as a whole or not at all."""
    path = fill(tmp_path, {"up": DATA}) / "up"
    with breaking({}, break_at(100_000, 3 * MEBIBYTE)) as server:
        connect(server.url).store(PLACE, file_content(path), media_type=None)
        assert {"x": DATA} == server.files
        assert 3 == len(server.asked)


def test_an_upload_that_is_refused_early_is_not_sent_to_its_end(connect, tmp_path):
    """The answer is read at once."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with breaking({}, [Fault(Kind.REFUSE, 0, 401)]) as server:
        with pytest.raises(Unauthenticated, match="401"):
            connect(server.url).store(PLACE, file_content(path), media_type=None)
        assert [("PUT", "x", str(1 << 30))] == server.asked


def test_an_upload_that_nobody_reads_ends_in_time(connect, tmp_path):
    """It says after how long."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 26)
    with breaking({}, [Fault(Kind.STALL, 1)]) as server:
        started = time.monotonic()
        with pytest.raises(RequestTimeout, match=r"0\.5 s without a sign"):
            connect(server.url, timeout=0.5).store(PLACE, file_content(path), media_type=None)
        assert time.monotonic() - started < 10


def test_an_upload_may_take_longer_than_the_read_timeout(connect, tmp_path):
    """As long as something moves."""
    path = fill(tmp_path, {"up": DATA * 4}) / "up"
    with breaking({}) as server:
        server.on_piece = lambda: time.sleep(0.004)
        started = time.monotonic()
        connect(server.url, timeout=0.5).store(PLACE, file_content(path), media_type=None)
        assert time.monotonic() - started > 0.5
        assert {"x": DATA * 4} == server.files


def test_an_empty_file_goes_up_and_down(connect, tmp_path):
    """With a length of 0."""
    path = fill(tmp_path, {"up": b""}) / "up"
    with breaking({}) as server:
        connect(server.url).store(PLACE, file_content(path), media_type="text/plain")
        assert [("PUT", "x", "0")] == server.asked
        assert b"" == fetch(connect(server.url), tmp_path / "x")


def test_a_file_that_changes_while_it_is_uploaded_is_told(tmp_path):
    """The server never gets the whole of a mixture.

    The file is larger than all that can be on its way before the server has seen the first piece.
    """
    path = tmp_path / "x"
    path.write_bytes(DATA * (32 * CHUNK // len(DATA)))
    with breaking({}) as server, MlflowClient(server.url) as client:
        server.on_piece = lambda: os.utime(path, ns=(1, server.read))
        with pytest.raises(LocalFileError, match="changed while it was being uploaded"):
            client.log_artifact("1", path)
        assert {} == server.files


def test_of_a_folder_all_files_are_tried_and_each_failure_is_named(tmp_path):
    """Up and down; the good ones are there."""
    files = {str(number): bytes([number]) for number in range(12)}
    fill(tmp_path / "up", files)
    refuse = [Fault(Kind.REFUSE, 1, 500)] * 3
    with breaking({}, refuse) as server, MlflowClient(server.url) as client:
        with pytest.raises(TransferFailed, match="3 of 12 files were not uploaded") as failure:
            client.log_artifacts("1", tmp_path / "up")
        assert files.keys() - failure.value.failures.keys() == server.files.keys()
        assert 3 == len(failure.value.failures)
        assert "SOME_CODE" == failure.value.error_code
        server.files, server.faults = dict(files), list(refuse)
        with pytest.raises(TransferFailed, match="3 of 12 files were not downloaded") as failure:
            client.download_artifacts("1", "", tmp_path / "down")
        expected = {name: files[name] for name in files.keys() - failure.value.failures.keys()}
        assert expected == content(tmp_path / "down")


def test_a_download_that_fails_leaves_no_empty_folders(tmp_path):
    """But those that were there before, and the files that came."""
    target = tmp_path / "down"
    (target / "old").mkdir(parents=True)
    refuse = [Fault(Kind.REFUSE, 1, 500)]
    with breaking({"x": b"1"}, refuse) as server, MlflowClient(server.url) as client:
        with pytest.raises(MlflowException, match="SOME_CODE"):
            client.download_artifacts("1", "x", target / "new" / "deeper")
        assert ["old"] == [path.name for path in target.iterdir()]
        client.download_artifacts("1", "x", target / "new" / "deeper")
    assert {"new/deeper/x": b"1"} == content(target)


def test_a_download_that_fails_leaves_what_was_there(tmp_path):
    """And no part of the new file."""
    fill(tmp_path, {"x": b"old"})
    with (
        breaking({"x": DATA}, break_at(1000)) as server,
        MlflowClient(server.url, retries=0) as client,
        pytest.raises(IncompleteResponse),
    ):
        client.download_artifacts("1", "x", tmp_path)
    assert {"x": b"old"} == content(tmp_path)


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/x", "a/../../x", "a\\b", "%2e%2e/x", "%252e%252e/x", "a\nb", "a\0b", "a#b"],
)
def test_a_path_that_leads_elsewhere_is_never_written(tmp_path, path):
    """Not even the harmless file beside it."""
    fill(tmp_path, {"x": b"x"})
    with breaking() as server, MlflowClient(server.url) as client:
        for log in (
            lambda: client.log_text("1", "x", path),
            lambda: client.log_artifact("1", tmp_path / "x", path),
            lambda: client.log_artifacts("1", tmp_path, path),
        ):
            with pytest.raises(MlflowException) as refusal:
                log()
            assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code
        assert {"GET"} == {method for method, _, _ in server.asked}


def test_a_folder_with_a_name_that_the_server_would_change_is_not_uploaded(tmp_path):
    """Nothing of it."""
    fill(tmp_path, {"fine": b"1", "100%25": b"2"})
    with breaking() as server, MlflowClient(server.url) as client:
        with pytest.raises(MlflowException, match="would take the artifact path '100%25'"):
            client.log_artifacts("1", tmp_path)
        assert {} == server.files
