import json
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.recorder import Recorder
from gateway.running import (
    ADMIN,
    USER,
    USER_PASSWORD,
    CheapPasswords,
    gateway_settings,
    running_gateway,
)
from gateway.wire import Caller, basic
from penstock.errors import (
    AccountExists,
    ConfigurationError,
    DatabaseUnavailable,
    UnknownAccount,
)
from penstock.gateway.auth.accounts import Accounts, open_accounts
from penstock.gateway.db import engine as engine_module
from penstock.gateway.db.engine import WRITES, check_connection, open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.tables import metadata


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'penstock.db'}"


@pytest.fixture
def engine(url):
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def accounts(engine):
    migrate(engine)
    return Accounts(engine, CheapPasswords())


def test_the_migrations_lead_to_the_tables(engine):
    """What the code thinks of the database is what the migrations make of it."""
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert [] == compare_metadata(context, metadata)
        inspected = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
        assert {*metadata.tables, "alembic_version"} == {name for (name,) in inspected}


def test_migrating_again_changes_nothing(engine):
    """A start finds the database as the last one left it."""
    migrate(engine)
    Accounts(engine, CheapPasswords()).add("a@b.c", password="a long secret")
    migrate(engine)
    emails = [user.email for user in Accounts(engine, CheapPasswords()).list_users()]
    assert ["a@b.c"] == emails


def test_migrating_at_once_is_done_once(url):
    """Several starts on one fresh database do not get in each other's way."""
    barrier = threading.Barrier(6)

    def start(_number: int) -> bool:
        opened = open_engine(url)
        try:
            barrier.wait(20)
            migrate(opened)
            made = Accounts(opened, CheapPasswords()).add_first_administrator(
                ADMIN, "a long secret"
            )
        finally:
            opened.dispose()
        return made is not None

    with ThreadPoolExecutor(6) as pool:
        assert [False] * 5 + [True] == sorted(pool.map(start, range(6)))


def test_a_migration_that_fails_leaves_nothing_behind(engine, url):
    """All or none: after the cause is gone the next start works."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("CREATE TABLE users (id INTEGER)")
    with pytest.raises(DatabaseUnavailable, match="users"):
        migrate(engine)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("DROP TABLE users")
    migrate(engine)
    assert [] == Accounts(engine, CheapPasswords()).list_users()


def test_names_are_unique_in_the_database(accounts):
    """Also when two requests add the same name at once."""
    barrier = threading.Barrier(4)

    def add(number: int) -> str:
        barrier.wait(20)
        try:
            return accounts.add(
                "Ann@b.c" if number % 2 else "ann@B.C", password="a long secret"
            ).email
        except AccountExists:
            return ""

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(add, range(4)))
    assert 3 == made.count("")
    assert 1 == len(accounts.list_users())


def test_writers_wait_for_each_other(accounts):
    """Many changes at once all happen."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: accounts.add(f"u{n}@b.c", password="a long secret"), range(40)))
    assert 40 == len(accounts.list_users())


def test_an_unknown_account_cannot_be_changed(accounts):
    """The error says whom."""
    for change in (
        lambda: accounts.set_password("no@b.c", "a long secret"),
        lambda: accounts.set_disabled("no@b.c", disabled=True),
    ):
        with pytest.raises(UnknownAccount, match=r"no@b\.c"):
            change()


def test_a_disabled_administrator_does_not_count(accounts):
    """There is no administrator when the only one is barred."""
    accounts.add_first_administrator(ADMIN, "a long secret")
    assert accounts.has_administrator()
    accounts.set_disabled(ADMIN, disabled=True)
    assert not accounts.has_administrator()


def test_accounts_without_a_gateway(url):
    """The command line works on the database itself, and migrates it first."""
    with open_accounts(url) as accounts:
        accounts.add("a@b.c", password="a long secret", is_admin=True)
    with open_accounts(url) as accounts:
        assert ["a@b.c"] == [user.email for user in accounts.list_users()]


def test_no_secret_is_shown(accounts, url):
    """Neither objects nor errors tell a password or its hash."""
    user = accounts.add("a@b.c", password="a long secret")
    proven = accounts.find_proven("a@b.c", "a long secret")
    assert proven is not None
    for shown in (repr(user), str(user), repr(proven), repr(accounts)):
        assert "argon2" not in shown
        assert "secret" not in shown
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("ALTER TABLE users RENAME TO gone")
    for act in (
        lambda: accounts.add("c@b.c", password="another long secret"),
        lambda: accounts.find_proven("c@b.c", "another long secret"),
        lambda: accounts.set_password("a@b.c", "another long secret"),
    ):
        with pytest.raises(DatabaseUnavailable) as caught:
            act()
        cause = caught.value.__cause__
        assert "argon2" not in f"{caught.value!s}{cause!s}{cause!r}"
        assert "another" not in f"{caught.value!s}{cause!s}{cause!r}"


def test_passwords_are_stored_as_argon2id(url):
    """At the cost that OWASP names, each with its own salt."""
    with open_accounts(url) as accounts:
        hashes = {
            accounts.add(f"{name}@b.c", password="the same secret").password_hash
            for name in ("a", "b")
        }
    assert 2 == len(hashes)
    assert all(one.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for one in hashes)


def test_a_lock_that_does_not_end_is_told(accounts, url, monkeypatch):
    """Another process that writes all the time makes a write fail, and reads go on."""
    accounts.add("a@b.c", password="a long secret")
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.1)
    with (
        closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other,
        open_engine_and_accounts(url) as impatient,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="locked"):
            impatient.set_disabled("a@b.c", disabled=True)
        assert ["a@b.c"] == [user.email for user in impatient.list_users()]
        other.execute("ROLLBACK")
        impatient.set_disabled("a@b.c", disabled=True)
    assert [True] == [user.disabled for user in accounts.list_users()]


class open_engine_and_accounts:  # noqa: N801 - a context, named like the function it stands beside
    """Open accounts on an engine that is made now."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def __enter__(self) -> Accounts:
        return Accounts(self._engine, CheapPasswords())

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "sqlite+nosuch:///x.db",
        "sqlite://user:hunter2@host/x.db",
        "postgresql+nosuch://user:hunter2@host/x",
        "oracle://user:hunter2@host/x",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "://",
        "sqlite://host:port/x",
    ],
)
def test_a_url_that_cannot_be_used_is_told(url):
    """The message names the setting, and not the password in it."""
    with pytest.raises(ConfigurationError, match="PENSTOCK_DATABASE_URL") as caught:
        open_engine(url)
    assert "hunter2" not in str(caught.value)


def test_a_database_that_is_gone_does_not_answer(tmp_path):
    """The question for the connection says so."""
    opened = open_engine(f"sqlite:///{tmp_path / 'a' / 'b.db'}")
    shutil.rmtree(tmp_path / "a")
    try:
        with pytest.raises(DatabaseUnavailable):
            check_connection(opened)
    finally:
        opened.dispose()


def test_a_transaction_that_writes_locks_at_its_start(engine, accounts):
    """So that two of them wait for each other instead of failing half-way."""
    assert accounts.list_users() == []
    with (
        engine.connect().execution_options(**WRITES) as one,
        one.begin(),
        closing(sqlite3.connect(engine.url.database, timeout=0, isolation_level=None)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


@pytest.fixture
def own_gateway(tmp_path, upstream_address):
    with running_gateway(tmp_path / "data", upstream_address.url) as running:
        yield running


def test_a_database_that_vanishes_is_told_and_comes_back(own_gateway, recorder: Recorder, tmp_path):
    """503 to whom it must verify, the others are served; `/ready` says which part fails."""
    path = "/api/2.0/mlflow/experiments/search"
    assert 200 == own_gateway.user.call("GET", path).status
    files = list((tmp_path / "data").iterdir())
    with closing(sqlite3.connect(tmp_path / "data" / "penstock.db")) as connection, connection:
        connection.execute("ALTER TABLE users RENAME TO gone")
    new = Caller(own_gateway.address, authorization=basic(ADMIN, "not the secret"))
    recorder.reset()
    answer = new.call("GET", path)
    document = json.loads(answer.body)
    assert (503, "TEMPORARILY_UNAVAILABLE", "5") == (
        answer.status,
        document["error_code"],
        answer.one("retry-after"),
    )
    assert "database" in document["message"]
    assert "users" not in document["message"]
    assert [] == recorder.seen
    assert 200 == own_gateway.user.call("GET", path).status
    own = new.call("GET", "/v1/me")
    assert (503, {"detail"}) == (own.status, set(json.loads(own.body)))
    with closing(sqlite3.connect(tmp_path / "data" / "penstock.db")) as connection, connection:
        connection.execute("ALTER TABLE gone RENAME TO users")
    assert 401 == new.call("GET", path).status
    assert files


def test_ready_tells_of_a_database_that_does_not_answer(own_gateway, tmp_path):
    """The other part that `/ready` asks."""
    assert 200 == own_gateway.anonymous.call("GET", "/ready").status
    own_gateway.app.parts.engine.dispose()
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    (tmp_path / "data").rmdir()
    answer = own_gateway.anonymous.call("GET", "/ready")
    assert (503, True) == (answer.status, "database" in json.loads(answer.body)["detail"])
    assert 200 == own_gateway.anonymous.call("GET", "/health").status


def test_a_defect_is_a_500_that_tells_nothing(tmp_path, upstream_address, caplog):
    """JSON in the shape of the path; the log has the reason, and no secret."""

    class Broken(CheapPasswords):
        def verify(self, *_: object) -> bool:
            raise KeyError("a defect")

    with running_gateway(tmp_path, upstream_address.url, passwords=Broken()) as running:
        for path, fields in (
            ("/api/2.0/mlflow/runs/get", {"error_code", "message"}),
            ("/v1/me", {"detail"}),
        ):
            answer = running.user.call("GET", path)
            assert (500, fields) == (answer.status, set(json.loads(answer.body)))
            assert b"defect" not in answer.body
            assert 200 == running.anonymous.call("GET", "/health").status
    assert "a defect" in caplog.text
    assert USER_PASSWORD not in caplog.text
    assert basic(USER, USER_PASSWORD).split()[1] not in caplog.text


def test_a_defect_of_an_own_call_is_a_500_that_tells_nothing(tmp_path, upstream_address, caplog):
    """The same behind the entry."""

    class Broken(CheapPasswords):
        def hash(self, password: str) -> str:
            if password == "the breaking secret":
                raise KeyError("a defect")
            return super().hash(password)

    body = json.dumps({"email": "b@b.c", "password": "the breaking secret"}).encode()
    with running_gateway(tmp_path, upstream_address.url, passwords=Broken()) as running:
        headers = {"Content-Type": "application/json"}
        answer = running.admin.call("POST", "/v1/user", body, headers=headers)
    assert (500, {"detail"}) == (answer.status, set(json.loads(answer.body)))
    assert "a defect" in caplog.text
    assert "breaking" not in caplog.text


def test_settings_find_the_database(tmp_path):
    """As set, or in the data folder."""
    default = gateway_settings(tmp_path, "http://h")
    assert open_and_name(default.resolved_database_url) == str(tmp_path / "penstock.db")
    chosen = gateway_settings(tmp_path, "http://h", database_url=f"sqlite:///{tmp_path}/x.db")
    assert open_and_name(chosen.resolved_database_url) == f"{tmp_path}/x.db"


def open_and_name(url: str) -> str | None:
    opened = open_engine(url)
    opened.dispose()
    return opened.url.database
