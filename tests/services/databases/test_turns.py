"""Transactions at once on a database server: each is done wholly or not at all, one by one."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import event

from gateway.running import CheapPasswords
from penstock.errors import AccountError, AccountExists, DatabaseUnavailable, InvitationOver
from penstock.gateway.access.grants import Grants
from penstock.gateway.access.groups import Groups
from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.invitations import Invitations
from penstock.gateway.db import mysql, postgresql
from penstock.gateway.db.audit import AuditQuery, add_counts, list_records
from penstock.gateway.db.audit_record import CountedCall
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.policy import Part, bump, read_versions
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind
from penstock.gateway.secret_key import SecretKey

T = TypeVar("T")

SECRET = "a long secret"
AT_ONCE = 4
MEETING_SECONDS = 0.3


@pytest.fixture
def databases(engine) -> Iterator[list[Database]]:
    """The migrated database as several gateways have it, each with connections of its own."""
    url = engine.url.render_as_string(hide_password=False)
    engines = [engine, *(open_engine(url) for _ in range(AT_ONCE - 1))]
    yield [Database(one) for one in engines]
    for one in engines:
        one.dispose()


@contextmanager
def meeting(databases: list[Database]) -> Iterator[None]:
    """Let each database's first change wait until all others are as far, if they can be.

    Without turns all have read by then what none has changed yet.
    """
    barrier = threading.Barrier(len(databases))

    def wait(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            with suppress(threading.BrokenBarrierError):
                barrier.wait(MEETING_SECONDS)

    for database in databases:
        event.listen(database.engine, "before_cursor_execute", wait)
    try:
        yield
    finally:
        for database in databases:
            event.remove(database.engine, "before_cursor_execute", wait)


def at_once(databases: list[Database], work: Callable[[int, Database], T]) -> list[T]:
    """Do the same with all databases at the same moment, and return the answers."""
    with meeting(databases), ThreadPoolExecutor(len(databases)) as pool:
        return list(pool.map(work, range(len(databases)), databases))


def accounts_of(database: Database) -> Accounts:
    return Accounts(database, CheapPasswords())


def test_there_is_one_first_administrator(databases):
    """Each gateway would make one; the others find that there is one."""

    def make(number: int, database: Database) -> bool:
        made = accounts_of(database).add_first_administrator(f"{number}@example.org", SECRET)
        return made is not None

    assert [False] * (AT_ONCE - 1) + [True] == sorted(at_once(databases, make))
    assert 1 == len(accounts_of(databases[0]).list_users())


def test_one_administrator_stays(databases):
    """Whoever is the last one then keeps the role, whatever each of them saw at first."""
    accounts = accounts_of(databases[0])
    for number in range(AT_ONCE):
        accounts.add(f"{number}@example.org", password=SECRET, is_admin=True)

    def end(number: int, database: Database) -> bool:
        changes = accounts_of(database)
        name = f"{number}@example.org"
        try:
            if number % 2:
                changes.change(name, is_admin=False)
            else:
                changes.delete(name)
        except AccountError:
            return False
        return True

    assert [False] + [True] * (AT_ONCE - 1) == sorted(at_once(databases, end))
    assert 1 == sum(user.is_admin for user in accounts.list_users())


def test_a_name_is_given_once(databases):
    """To accounts and to groups; names compare without case."""
    names = ("Ann@example.org", "ann@Example.org", "ANN@example.org", "ann@example.org")

    def add(number: int, database: Database) -> bool:
        try:
            accounts_of(database).add(names[number], password=SECRET)
        except AccountExists:
            return False
        return True

    assert [False] * (AT_ONCE - 1) + [True] == sorted(at_once(databases, add))


def test_an_invitation_is_accepted_once(databases):
    """The password is that of the one who was told so."""
    accounts_of(databases[0]).add("ann@example.org", password=None)
    token = Invitations(databases[0], CheapPasswords(), seconds=60).invite("ann@example.org").token

    def accept(number: int, database: Database) -> str:
        password = f"{number} is a long secret"
        try:
            Invitations(database, CheapPasswords(), seconds=60).accept(token, password)
        except InvitationOver:
            return ""
        return password

    *refused, password = sorted(at_once(databases, accept))
    assert [""] * (AT_ONCE - 1) == refused
    assert accounts_of(databases[0]).find_proven("ann@example.org", password) is not None


def test_a_grant_that_is_given_twice_is_one(databases):
    """All learn the same id, and one of the levels is in force."""
    accounts_of(databases[0]).add("ann@example.org", password=SECRET)
    pattern = Pattern(Kind.EXPERIMENT, "team-a/*")
    levels = (Level.READ, Level.EDIT, Level.MANAGE, Level.NONE)

    def put(number: int, database: Database) -> int:
        return Grants(database).put("user:ann@example.org", pattern, levels[number])

    assert 1 == len(set(at_once(databases, put)))
    (grant,) = Grants(databases[0]).list_grants()
    assert grant.level in levels


def test_a_member_that_joins_twice_is_one(databases):
    """The second finds them there."""
    accounts_of(databases[0]).add("ann@example.org", password=SECRET)
    Groups(databases[0]).add("team-a")
    at_once(
        databases,
        lambda _, database: Groups(database).set_member(
            "team-a", "ann@example.org", is_member=True
        ),
    )
    (group,) = Groups(databases[0]).list_groups()
    assert ("ann@example.org",) == group.members


def test_calls_of_a_minute_are_counted_in_one_record(databases):
    """Also the first ones, when none of the gateways finds a record yet."""
    call = CountedCall(datetime(2026, 1, 1, tzinfo=UTC), "ann", "GET", "experiment:1", "200")

    def count(_number: int, database: Database) -> None:
        with database.writing() as connection:
            add_counts(connection, {call: 5})

    at_once(databases, count)
    with databases[0].reading() as connection:
        ((_, record),) = list_records(connection, AuditQuery())
    assert (5 * AT_ONCE, call.minute) == (record.count, record.at)


def test_no_change_of_the_policy_is_lost(databases):
    """Each one makes the version greater by one."""

    def change(_number: int, database: Database) -> None:
        for _ in range(10):
            with database.writing() as connection:
                bump(connection)

    at_once(databases, change)
    with databases[0].reading() as connection:
        assert 1 + 10 * AT_ONCE == read_versions(connection)[Part.GRANTS]


def test_all_gateways_have_the_key_that_one_has_made(databases):
    """Sessions and pages of one are good at the others."""

    def load(_number: int, database: Database) -> bytes:
        key = SecretKey()
        key.load(database)
        return key.derive("a test")

    assert 1 == len(set(at_once(databases, load)))


def test_an_error_undoes_a_transaction(database):
    """Of what was written before it, nothing is left."""
    accounts = accounts_of(database)
    accounts.add("ann@example.org", password=SECRET, is_admin=True)
    with pytest.raises(AccountError, match="last administrator"):
        accounts.delete("ann@example.org")
    assert ["ann@example.org"] == [user.email for user in accounts.list_users()]
    with database.reading() as connection:
        assert 1 == read_versions(connection)[Part.GRANTS]


def test_who_reads_sees_one_state(databases):
    """What others commit meanwhile is seen by the next transaction."""
    one, other = databases[:2]
    with one.reading() as connection:
        before = read_versions(connection)
        with other.writing() as writing:
            bump(writing)
        assert before == read_versions(connection)
    with one.reading() as connection:
        assert before != read_versions(connection)


def test_who_writes_sees_what_all_others_have_written(databases):
    """However long it has waited for its turn."""
    one, other = databases[:2]
    waits = threading.Event()

    def wait_for_a_turn() -> int:
        waits.set()
        with other.writing() as connection:
            return read_versions(connection)[Part.GRANTS]

    with ThreadPoolExecutor(1) as pool:
        with one.writing() as connection:
            waiting = pool.submit(wait_for_a_turn)
            assert waits.wait(20)
            bump(connection)
            assert not waiting.done()
        assert 2 == waiting.result(20)


@pytest.fixture
def _impatient(monkeypatch):
    """Let engines that are opened from now on wait for no more than a second."""
    for backend in (postgresql, mysql):
        monkeypatch.setattr(backend, "BUSY_SECONDS", 1)


@pytest.mark.usefixtures("_impatient")
def test_a_turn_that_does_not_come_is_told(databases):
    """After a while; those who read notice nothing of it."""
    one, other = databases[1:3]
    with one.writing() as connection:
        bump(connection)
        with other.reading() as reading:
            assert 1 == read_versions(reading)[Part.GRANTS]
        with pytest.raises(DatabaseUnavailable, match=r"(?i)timeout"), other.writing():
            pass
    with other.writing() as connection:
        assert 2 == read_versions(connection)[Part.GRANTS]


def test_moments_keep_their_microseconds_and_their_zone(database):
    """What expires does so at the same moment for all gateways, wherever they run."""
    moment = datetime(2026, 1, 31, 23, 59, 59, 987654, tzinfo=UTC)
    call = CountedCall(moment, "ann", "GET", "experiment:1", "200")
    with database.writing() as connection:
        add_counts(connection, {call: 1})
    elsewhere = moment.astimezone(datetime.now().astimezone().tzinfo) + timedelta(microseconds=1)
    with database.reading() as connection:
        ((_, record),) = list_records(connection, AuditQuery(since=moment))
        assert [] == list_records(connection, AuditQuery(since=elsewhere))
    assert moment == record.at
