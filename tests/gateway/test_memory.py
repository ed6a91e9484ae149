import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bare import Bare, bare_server
from gateway.running import ADMIN, ADMIN_PASSWORD
from gateway.threads import Address
from gateway.wire import basic, connected, head, read_until
from servers import clean_environment, wait_until

MIB = 1024 * 1024
SIZE = 200 * MIB
ALLOWED_GROWTH = 32 * MIB
TARGET = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"
PIECE = b"x" * MIB
PROGRAM = (
    "from penstock.gateway.server import run; from penstock.gateway.settings import "
    "GatewaySettings; from penstock.config import load_config; "
    "run(GatewaySettings.from_config(load_config()))"
)


class Process:
    """A gateway in its own process."""

    def __init__(self, process: subprocess.Popen[bytes], address: Address) -> None:
        self._status = Path(f"/proc/{process.pid}/status")
        self.address = address

    def most_memory(self) -> int:
        """Return the most memory that the process has had so far, in bytes."""
        for line in self._status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the process is gone")


def take_and_give(received: bytes, connection: socket.socket) -> None:
    """Take an upload of any length and count it, or give a download of the length asked for."""
    begun, _, rest = received.partition(b"\r\n\r\n")
    if begun.startswith(b"PUT"):
        (length,) = [line for line in begun.split(b"\r\n") if line.startswith(b"content-length")]
        count, missing = len(rest), int(length.split(b": ")[1])
        buffer = bytearray(MIB)
        while count < missing:
            count += connection.recv_into(buffer)
        answer = json.dumps({"count": count}).encode()
        _say(connection, len(answer))
        connection.sendall(answer)
    else:
        size = int(begun.split(b" ")[1].partition(b"?size=")[2])
        _say(connection, size)
        for _ in range(size // MIB):
            connection.sendall(PIECE)


def _say(connection: socket.socket, length: int) -> None:
    said = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(said.encode())


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    bare = Bare()
    bare.converse = take_and_give
    log = tmp_path / "log"
    with bare_server(bare) as upstream, log.open("wb") as stream:
        environment = clean_environment(
            PENSTOCK_UPSTREAM_URL=upstream.url,
            PENSTOCK_DATA_DIR=str(tmp_path),
            PENSTOCK_ADMIN_USERNAME=ADMIN,
            PENSTOCK_ADMIN_PASSWORD=ADMIN_PASSWORD,
            PENSTOCK_PORT="0",
        )
        running = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stderr=stream,
        )
        try:
            line = wait_until(lambda: _listening(running, log), what="the gateway's start")
            yield Process(running, Address(line["host"], line["port"]))
        finally:
            running.terminate()
            assert 0 == running.wait(20), log.read_text()


def _listening(running: subprocess.Popen[bytes], log: Path) -> dict[str, str] | None:
    assert running.poll() is None, log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    return next((line for line in lines if line["event"] == "gateway is listening"), None)


def upload(address: Address, size: int) -> int:
    fields = (("Host", "h"), ("Authorization", basic(ADMIN, ADMIN_PASSWORD)))
    with connected(address) as connection:
        connection.sendall(head("PUT", TARGET, *fields, ("Content-Length", size)))
        for _ in range(size // MIB):
            connection.sendall(PIECE)
        return json.loads(read_until(connection, b"}").partition(b"\r\n\r\n")[2])["count"]


def download(address: Address, size: int) -> int:
    fields = (("Host", "h"), ("Authorization", basic(ADMIN, ADMIN_PASSWORD)))
    buffer = bytearray(MIB)
    with connected(address) as connection:
        connection.sendall(head("GET", f"{TARGET}?size={size}", *fields))
        count = len(read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")[2])
        while count < size:
            count += connection.recv_into(buffer)
    return count


def test_artifacts_of_any_size_pass_in_bounded_memory(process):
    """200 MiB up and 200 MiB down cost the gateway no more than 32 MiB."""
    assert (4 * MIB, 4 * MIB) == (
        upload(process.address, 4 * MIB),
        download(process.address, 4 * MIB),
    )
    before = process.most_memory()
    assert SIZE == upload(process.address, SIZE)
    assert SIZE == download(process.address, SIZE)
    assert process.most_memory() - before < ALLOWED_GROWTH
