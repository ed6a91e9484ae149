"""Changes of the policy: those made here, those of another gateway, and a database that is away."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from gateway.grants import PASSWORD, granting_gateway
from gateway.tiny_mlflow import GRANTED, TinyMlflow, tiny_mlflow
from gateway.wire import Caller, basic
from penstock.gateway import background
from penstock.gateway.access import policy_watch
from penstock.gateway.access.policy_watch import PolicyWatch
from penstock.gateway.background import in_background
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.policy import Part, bump
from penstock.gateway.db.tables import policy
from servers import wait_until

SECONDS = 20
RUN = f"/api/2.0/mlflow/runs/get?run_id={GRANTED['run']}"


class Told:
    """A watch on a database, and how often it has told of each part."""

    def __init__(self, database: Database) -> None:
        self.watch = PolicyWatch(database)
        self.times = dict.fromkeys(Part, 0)
        for part in Part:
            self.watch.listen(lambda part=part: self._count(part), part)

    def _count(self, part: Part) -> None:
        self.times[part] += 1

    def reset(self) -> None:
        """Count anew."""
        self.times = dict.fromkeys(Part, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def open_database(folder: Path) -> Iterator[Callable[[], Database]]:
    """Open the database as another process would, as often as called."""
    engines = []

    def open_one() -> Database:
        engines.append(open_engine(f"sqlite:///{folder / 'penstock.db'}"))
        return Database(engines[-1])

    migrate(open_one().engine)
    engines[0].dispose()
    yield open_one
    for engine in engines:
        engine.dispose()


@pytest.fixture
def told(open_database) -> Told:
    return Told(open_database())


async def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.02)


def watching(told: Told, while_watching: Callable[[], Awaitable[None]]) -> None:
    """Watch until something is done; it begins when the watch has read the versions once."""

    async def run() -> None:
        task = asyncio.create_task(told.watch.keep_watching())
        try:
            await until(lambda: told.watch._versions != {})
            told.reset()
            await while_watching()
            assert not task.done(), "the watch has ended"
        finally:
            task.cancel()

    asyncio.run(run())


def bump_by(database: Database, part: Part) -> None:
    with database.writing() as connection:
        bump(connection, part)


@contextmanager
def away(folder: Path, database: Database) -> Iterator[None]:
    """Take the database away, under connections too, and bring it back."""
    hidden = folder.with_name("hidden")
    folder.rename(hidden)
    database.engine.dispose()
    try:
        yield
    finally:
        hidden.rename(folder)


@contextmanager
def hanging(folder: Path, database: Database) -> Iterator[None]:
    """Let every other connection wait for a lock."""

    def lock() -> bool:
        database.engine.dispose()
        with suppress(sqlite3.OperationalError):
            connection.execute("BEGIN EXCLUSIVE")
        return connection.in_transaction

    connection = sqlite3.connect(folder / "penstock.db", timeout=0.1, isolation_level=None)
    with closing(connection):
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").close()
        wait_until(lock, SECONDS, what="a lock on the whole database")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("part", Part)
def test_a_change_here_is_told_at_once(told, part):
    """To those who listen to this part, before the call returns."""
    told.watch.changed(part)
    assert {one: int(one is part) for one in Part} == told.times


@pytest.mark.parametrize("part", Part)
def test_a_change_elsewhere_is_told_within_a_second(told, open_database, part):
    """Once, and of this part alone."""
    other = open_database()

    async def change() -> None:
        bump_by(other, part)
        await until(lambda: told.times[part] > 0, 1)
        versions = dict(told.watch._versions)
        bump_by(other, part)
        await until(lambda: told.watch._versions != versions)

    watching(told, change)
    assert {one: 2 * (one is part) for one in Part} == told.times


def test_a_version_that_is_known_here_is_not_told(told, open_database):
    """Who made it has told whom it concerns; a version between, made elsewhere, is told."""
    here, elsewhere = open_database(), open_database()

    async def change() -> None:
        bump_by(here, Part.SESSIONS)
        with here.writing() as connection:
            version = bump(connection, Part.ACCOUNTS)
        told.watch.know(Part.ACCOUNTS, version)
        await until(lambda: told.times[Part.SESSIONS] > 0)
        assert 0 == told.times[Part.ACCOUNTS]
        bump_by(elsewhere, Part.ACCOUNTS)
        with here.writing() as connection:
            version = bump(connection, Part.ACCOUNTS)
        told.watch.know(Part.ACCOUNTS, version)
        await until(lambda: told.times[Part.ACCOUNTS] > 0)

    watching(told, change)


def test_what_is_in_force_at_the_beginning_is_no_change(told, open_database):
    """Nobody remembers anything from before it."""
    other = open_database()

    async def begin() -> None:
        await told.watch.begin()
        task = asyncio.create_task(told.watch.keep_watching())
        bump_by(other, Part.SESSIONS)
        await until(lambda: told.times[Part.SESSIONS] > 0)
        task.cancel()

    asyncio.run(begin())
    assert 0 == told.times[Part.ACCOUNTS] + told.times[Part.GRANTS]


def test_a_part_that_a_newer_gateway_watches_does_not_end_the_watch(told, open_database):
    """Two versions of the gateway may share a database for a while."""
    other = open_database()

    async def change() -> None:
        with other.writing() as connection:
            connection.execute(insert(policy).values({"id": max(Part) + 1, "version": 1}))
            bump(connection)
        await until(lambda: told.times[Part.GRANTS] > 0, 1)

    watching(told, change)


def test_a_database_that_is_away_is_waited_for_and_then_counts_as_changed(
    told, folder, monkeypatch
):
    """Of all parts, as nobody knows what has changed; until it is back."""
    monkeypatch.setattr(policy_watch, "BLIND_SECONDS", 3)

    async def take_away() -> None:
        with away(folder, told.watch._database):
            await until(lambda: told.watch._is_missed)
            assert dict.fromkeys(Part, 0) == told.times
            await until(lambda: all(told.times.values()))
        await until(lambda: not told.watch._is_missed)
        told.reset()

    watching(told, take_away)
    assert dict.fromkeys(Part, 0) == told.times


def test_a_database_that_hangs_counts_as_away(told, folder, monkeypatch):
    """One that neither answers nor refuses is no reason to trust what was known."""
    monkeypatch.setattr(policy_watch, "BLIND_SECONDS", 1)

    async def let_hang() -> None:
        with hanging(folder, told.watch._database):
            await until(lambda: all(told.times.values()), 5)
        await until(lambda: not told.watch._is_missed)

    watching(told, let_hang)


def test_a_watch_that_fails_by_a_defect_watches_on(told, open_database, monkeypatch):
    """Meanwhile what was known counts no longer than without a database; the log has the defect."""
    monkeypatch.setattr(background, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(policy_watch, "BLIND_SECONDS", 0.3)
    real = told.watch._database

    async def run() -> None:
        async with in_background(told.watch.keep_watching):
            await until(lambda: told.watch._versions != {})
            told.reset()
            told.watch._database = None
            await until(lambda: all(told.times.values()))
            told.watch._database = real
            await until(lambda: not told.watch._is_missed)
            told.reset()
            bump_by(open_database(), Part.GRANTS)
            await until(lambda: told.times[Part.GRANTS] > 0)

    with capture_logs() as lines:
        asyncio.run(run())
    assert "background work failed and begins again" in [line["event"] for line in lines]


def test_what_was_known_counts_only_for_a_while_without_a_database(tmp_path, monkeypatch):
    """Calls go on at first, are refused for the time being then, and go on when it is back."""
    monkeypatch.setattr(policy_watch, "BLIND_SECONDS", 3)
    folder = tmp_path / "data"
    with (
        tiny_mlflow(TinyMlflow()) as address,
        granting_gateway(folder, address.url, experiment="1", model="model-1") as gateway,
    ):
        reader = Caller(gateway.address, authorization=basic("read@example.org", PASSWORD))
        assert 200 == reader.call("GET", RUN).status
        with away(folder, gateway.app.parts.database):
            assert 200 == reader.call("GET", RUN).status
            wait_until(lambda: reader.call("GET", RUN).status == 503, SECONDS)
            assert 503 == reader.call("GET", RUN).status
        wait_until(lambda: reader.call("GET", RUN).status == 200, SECONDS)
