"""Transfers that meet a full disk, Ctrl-C, `kill -9` or another process; what a terminal shows."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contract.rest.artifacts.breaking import Fault, Kind, breaking
from contract.rest.artifacts.folders import content, fill
from penstock import MlflowClient
from servers import wait_until
from terminals import at_terminal

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30

DOWNLOAD = """
import sys
from penstock import MlflowClient
MlflowClient(sys.argv[1], timeout=60).download_artifacts("1", sys.argv[2], sys.argv[3])
"""
UPLOAD = """
import sys
from penstock import MlflowClient
MlflowClient(sys.argv[1], timeout=60).log_artifacts("1", sys.argv[2])
"""
SMALL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
"""
MEASURED = """
import resource, sys
from penstock import MlflowClient

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

client = MlflowClient(sys.argv[1], timeout=60)
client.log_artifact("1", sys.argv[2])
before = peak()
client.log_artifact("1", sys.argv[3])
print(peak() - before)
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    """The files that fit are there; nothing is there of the one that did not."""
    files = {"small": b"1", "large": os.urandom(MEBIBYTE), "tiny": b"2"}
    with breaking(files) as server:
        process = start(SMALL_DISK + DOWNLOAD, server.url, "", tmp_path)
        _, told = process.communicate(timeout=60)
    assert 1 == process.returncode
    assert "TransferFailed: 1 of 3 files were not downloaded" in told
    assert f"cannot write {tmp_path / 'large'}" in told
    assert ["small", "tiny"] == names(tmp_path)


def test_a_client_that_is_killed_leaves_no_half_file(tmp_path):
    """Nothing at all, and the next one is not disturbed."""
    fill(tmp_path, {"x": b"old"})
    data = os.urandom(3 * MEBIBYTE)
    with breaking({"x": data}, [Fault(Kind.STALL, 2 * MEBIBYTE)]) as server:
        process = start(DOWNLOAD, server.url, "x", tmp_path)
        wait_until(lambda: server.sent)
        process.kill()
        process.communicate(timeout=60)
        assert {"x": b"old"} == content(tmp_path)
        with MlflowClient(server.url) as client:
            client.download_artifacts("1", "x", tmp_path)
    assert {"x": data} == content(tmp_path)


@pytest.mark.parametrize(
    ("program", "arguments"), [(DOWNLOAD, ["x"]), (UPLOAD, [])], ids=["down", "up"]
)
def test_ctrl_c_ends_a_transfer_that_stalls(tmp_path, program, arguments):
    """Nobody waits for a server that is silent."""
    folder = fill(tmp_path / "folder", {"a": bytes(MEBIBYTE * 20), "b": bytes(10)})
    with breaking({"x": bytes(10)}, [Fault(Kind.STALL, 1)] * 9) as server:
        process = start(program, server.url, *arguments, folder)
        wait_until(lambda: server.read or server.sent)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=15)
    assert "KeyboardInterrupt" in told
    assert ["a", "b"] == names(folder)


def test_two_processes_may_download_the_same(tmp_path):
    """Into the same folder; each file is whole."""
    files = {f"d/{number}": os.urandom(300_000) for number in range(20)}
    listed = {name.removeprefix("d/"): data for name, data in files.items()}
    with breaking(listed) as server:
        processes = [start(DOWNLOAD, server.url, "", tmp_path) for _ in range(2)]
        assert ["", ""] == [process.communicate(timeout=60)[1] for process in processes]
    assert listed == content(tmp_path)


def test_a_large_upload_does_not_fill_the_memory(tmp_path):
    """A gibibyte passes through in pieces."""
    with (tmp_path / "warm").open("wb") as file:
        file.truncate(2 * MEBIBYTE)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(GIBIBYTE)
    with breaking(keeps_files=False) as server:
        process = start(MEASURED, server.url, tmp_path / "warm", tmp_path / "large")
        told, failure = process.communicate(timeout=120)
        assert GIBIBYTE + 2 * MEBIBYTE == server.read
    assert "" == failure
    assert int(told) < 32


def show(program: str, folder: Path, *arguments: str, **environment: str) -> bytes:
    """Return what a program shows at a terminal until it says that it is done."""
    command = [sys.executable, "-c", f"{program}\nprint('all done')", *arguments]
    with at_terminal(command, folder, {**os.environ, **environment}) as terminal:
        terminal.read_until(b"all done")
        return terminal.shown


def test_a_terminal_shows_how_far_a_transfer_is(tmp_path):
    """Files, bytes, and which way; not if a setting says so."""
    fill(tmp_path / "folder", {str(number): bytes(MEBIBYTE) for number in range(4)})
    with breaking() as server:
        server.on_piece = lambda: server.stopped.wait(0.05)
        shown = show(UPLOAD, tmp_path, server.url, "folder", TERM="xterm", COLUMNS="100")
        assert b"Uploading" in shown
        assert b"4/4 files" in shown
        assert b"4.0/4.0 MiB" in shown
        quiet = {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
        assert b"Uploading" not in show(UPLOAD, tmp_path, server.url, "folder", **quiet)


def test_where_there_is_no_terminal_nothing_is_shown(tmp_path):
    """Logs stay readable, and the library for it is not even loaded."""
    fill(tmp_path / "folder", {"x": bytes(MEBIBYTE)})
    program = f"{UPLOAD}\nassert 'rich' not in sys.modules"
    with breaking() as server:
        server.on_piece = lambda: server.stopped.wait(0.05)
        assert ("", "") == start(program, server.url, tmp_path / "folder").communicate(timeout=60)
