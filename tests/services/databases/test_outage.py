"""A database server that is killed, frozen or restarted under a gateway."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.running import ADMIN, ADMIN_PASSWORD, running_gateway
from gateway.wire import Caller, basic
from penstock.errors import DatabaseUnavailable
from penstock.gateway.access import policy_watch
from penstock.gateway.auth.accounts import open_accounts
from penstock.gateway.db import mysql, postgresql
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.policy import Part, bump, read_versions
from servers import wait_until

SECONDS = 30
CALLERS = 6
ALLOWED_SECONDS = 12
"""For an answer that a silent server takes no longer than three to miss, on a busy machine."""


@pytest.fixture
def gateway(url, upstream, tmp_path, monkeypatch):
    """A gateway that soon takes a silent server for one that is away."""
    with open_accounts(url):
        pass  # migrated with the usual patience
    for backend in (postgresql, mysql):
        monkeypatch.setattr(backend, "ANSWER_SECONDS", 3)
        monkeypatch.setattr(backend, "CONNECT_SECONDS", 3)
    monkeypatch.setattr(policy_watch, "BLIND_SECONDS", 1)
    with running_gateway(tmp_path, upstream.url, database_url=url, credential_seconds=0) as running:
        yield running


@contextmanager
def load(gateway) -> Iterator[Counter[int]]:
    """Let callers read and write without a pause until the block ends, and count the answers."""
    over, statuses = threading.Event(), Counter[int]()

    def call(number: int) -> None:
        admin = Caller(gateway.address, authorization=basic(ADMIN, ADMIN_PASSWORD))
        while not over.is_set():
            body = f'{{"name": "group-{number}-{time.monotonic_ns()}"}}'.encode()
            headers = {"content-type": "application/json"}
            for answer in (
                admin.call("GET", "/v1/users"),
                admin.call("POST", "/v1/group", body, headers=headers),
            ):
                statuses[answer.status] += 1

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        over.set()
        for thread in threads:
            thread.join(SECONDS)
        assert not any(thread.is_alive() for thread in threads)


def test_a_killed_server_is_away_until_it_is_back(server, gateway):
    """Under load: 503 at once meanwhile and nothing else, and all is well after its return."""
    with load(gateway) as statuses:
        wait_until(lambda: statuses[200] > CALLERS, SECONDS)
        server.kill()
        wait_until(lambda: statuses[503] > 2 * CALLERS, SECONDS)
        assert 503 == gateway.anonymous.call("GET", "/ready").status
        assert 200 == gateway.anonymous.call("GET", "/health").status
        server.start()
        before = statuses[200]
        wait_until(lambda: statuses[200] > before + 2 * CALLERS, SECONDS)
    assert {200, 503} == set(statuses)
    assert [200] * 20 == [gateway.admin.call("GET", "/v1/users").status for _ in range(20)]


def test_a_server_that_hangs_counts_as_away(server, gateway):
    """It takes connections and says nothing: each caller learns of it, and it may come back."""
    assert 200 == gateway.admin.call("GET", "/v1/users").status
    with server.frozen():
        begun = time.monotonic()
        assert 503 == gateway.admin.call("GET", "/v1/users").status
        assert time.monotonic() - begun < ALLOWED_SECONDS
    wait_until(lambda: gateway.admin.call("GET", "/v1/users").status == 200, SECONDS)


def stop_in_the_middle(stopped: Database, other: Database) -> None:
    """Say nothing in a transaction until another one has had its turn; then go on."""
    with stopped.writing() as connection:
        bump(connection)
        with other.writing() as turn:
            assert 1 == read_versions(turn)[Part.GRANTS]
        bump(connection)


def test_a_gateway_that_stops_in_the_middle_of_a_write_blocks_nobody(url, monkeypatch):
    """The server ends a transaction that is silent for long; then others have their turn."""
    for backend in (postgresql, mysql):
        monkeypatch.setattr(backend, "IDLE_SECONDS", 1)
        monkeypatch.setattr(backend, "ANSWER_SECONDS", 1)
    stopped = Database(open_engine(url))
    monkeypatch.undo()
    migrate(stopped.engine)
    other = Database(open_engine(url))
    try:
        with pytest.raises(DatabaseUnavailable):
            stop_in_the_middle(stopped, other)
    finally:
        for one in (stopped, other):
            one.engine.dispose()
