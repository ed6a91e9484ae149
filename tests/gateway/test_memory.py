import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.bare import Bare, bare_server
from gateway.browsing import Browser
from gateway.processes import started_gateway
from gateway.rollout_calls import Plans, active
from gateway.running import ADMIN, ADMIN_PASSWORD
from gateway.threads import Address
from gateway.tiny_rollouts import TinyRollouts, tiny_rollouts
from gateway.wire import Caller, basic, connected, head, read_until

MIB = 1024 * 1024
SIZE = 200 * MIB
ALLOWED_GROWTH = 32 * MIB
BUDGET = 120 * MIB
ROLLOUT_BUDGET = 130 * MIB
LOGINS = 100
TARGET = "/api/2.0/mlflow-artifacts/artifacts/1/a/model.bin"
PIECE = b"x" * MIB
LOGIN = (("Host", "h"), ("Authorization", basic(ADMIN, ADMIN_PASSWORD)))


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
def process(tmp_path):
    bare = Bare()
    bare.converse = take_and_give
    with (
        bare_server(bare) as upstream,
        started_gateway(tmp_path / "data", UPSTREAM_URL=upstream.url) as started,
    ):
        yield started


def upload(address: Address, size: int) -> int:
    with connected(address) as connection:
        connection.sendall(head("PUT", TARGET, *LOGIN, ("Content-Length", size)))
        for _ in range(size // MIB):
            connection.sendall(PIECE)
        return json.loads(read_until(connection, b"}").partition(b"\r\n\r\n")[2])["count"]


def download(address: Address, size: int) -> int:
    buffer = bytearray(MIB)
    with connected(address) as connection:
        connection.sendall(head("GET", f"{TARGET}?size={size}", *LOGIN))
        count = len(read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")[2])
        while count < size:
            count += connection.recv_into(buffer)
    return count


def test_artifacts_of_any_size_pass_in_bounded_memory(process):
    """200 MiB up and 200 MiB down cost the gateway no more than 32 MiB."""
    address, little = process.address, 4 * MIB
    assert (little, little) == (upload(address, little), download(address, little))
    before = process.most_memory()
    assert (SIZE, SIZE) == (upload(address, SIZE), download(address, SIZE))
    assert process.most_memory() - before < ALLOWED_GROWTH


def test_a_gateway_that_many_have_used_fits_its_budget(upstream_address, tmp_path):
    """A hundred right logins, a hundred wrong ones, and as many calls leave no heap behind."""

    def use(number: int) -> tuple[int, int, int]:
        right = Browser(started.address).log_in(ADMIN, ADMIN_PASSWORD)
        wrong = Caller(started.address, authorization=basic(f"{number}@b.c", "a guess of theirs"))
        admin = Caller(started.address, authorization=basic(ADMIN, ADMIN_PASSWORD))
        call = admin.call("GET", "/api/2.0/mlflow/experiments/get?experiment_id=1")
        return right.status, wrong.call("GET", "/v1/me").status, call.status

    with started_gateway(tmp_path, UPSTREAM_URL=upstream_address.url) as started:
        with ThreadPoolExecutor(4) as pool:
            assert {(303, 401, 200)} == set(pool.map(use, range(LOGINS)))
        assert started.memory() <= BUDGET


def test_a_gateway_that_changes_rollouts_fits_its_budget(tmp_path):
    """The client that it speaks to MLflow with is imported for them alone, and weighs little."""
    mlflow = TinyRollouts()
    for letter in "ab":
        mlflow.add_run(letter * 32)
    with (
        tiny_rollouts(mlflow) as upstream,
        started_gateway(tmp_path, UPSTREAM_URL=upstream.url) as started,
    ):
        admin = Caller(started.address, authorization=basic(ADMIN, ADMIN_PASSWORD))
        plans = Plans(admin)
        for revision in range(20):
            assert 200 == plans.put(active(**{"ab"[revision % 2]: 1.0}), revision)[0]
            assert 200 == admin.call("GET", "/v1/openapi.json").status
        assert started.memory() <= ROLLOUT_BUDGET
