import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from gateway.running import (
    ADMIN,
    CheapPasswords,
    gateway_settings,
)
from penstock.errors import (
    ConfigurationError,
    DatabaseUnavailable,
)
from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.db import server_url
from penstock.gateway.db import sqlite as sqlite_module
from penstock.gateway.db.backend import WRITES
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import backend_of, check_connection, open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.tables import REVISION, metadata
from penstock.gateway.db.upgrade import migrations


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
    return Accounts(Database(engine), CheapPasswords())


def test_the_migrations_lead_to_the_tables(engine):
    """What the code thinks of the database is what the migrations make of it."""
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert [] == compare_metadata(context, metadata)
        inspected = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
        names = {name for (name,) in inspected if not name.startswith("sqlite_")}
        assert {*metadata.tables, "alembic_version"} == names


def test_the_newest_revision_is_that_of_the_migrations(engine):
    """A start compares a database with it before it loads what runs migrations."""
    assert REVISION == ScriptDirectory.from_config(migrations()).get_current_head()
    migrate(engine)
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    assert REVISION == stored


def test_a_start_with_nothing_to_migrate_does_not_load_the_migrations(engine):
    """Their libraries cost 10 MB and half a second, which most starts can do without."""
    migrate(engine)
    script = (
        "import sys\n"
        "from penstock.gateway.app import create_app\n"
        "from penstock.gateway.db.engine import open_engine\n"
        "from penstock.gateway.db.migrate import migrate\n"
        "migrate(open_engine(sys.argv[1]))\n"
        "print(sorted({'alembic', 'mako'} & set(sys.modules)))\n"
    )
    url = engine.url.render_as_string()
    command = [sys.executable, "-c", script, url]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("[]\n", "") == (ended.stdout, ended.stderr)


def test_migrating_again_changes_nothing(engine):
    """A start finds the database as the last one left it."""
    migrate(engine)
    Accounts(Database(engine), CheapPasswords()).add("a@b.c", password="a long secret")
    migrate(engine)
    emails = [user.email for user in Accounts(Database(engine), CheapPasswords()).list_users()]
    assert ["a@b.c"] == emails


def test_migrating_at_once_is_done_once(url):
    """Several starts on one fresh database do not get in each other's way."""
    barrier = threading.Barrier(6)

    def start(_number: int) -> bool:
        opened = open_engine(url)
        try:
            barrier.wait(20)
            migrate(opened)
            made = Accounts(Database(opened), CheapPasswords()).add_first_administrator(
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
    assert [] == Accounts(Database(engine), CheapPasswords()).list_users()


def test_a_lock_that_does_not_end_is_told(accounts, engine, monkeypatch):
    """Another process that writes all the time makes a write fail, and reads go on."""
    accounts.add("a@b.c", password="a long secret")
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.1)
    engine.dispose()  # the next connection takes the new time
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="locked"):
            accounts.change("a@b.c", disabled=True)
        assert ["a@b.c"] == [user.email for user in accounts.list_users()]
        other.execute("ROLLBACK")
        accounts.change("a@b.c", disabled=True)
    assert [True] == [user.disabled for user in accounts.list_users()]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "sqlite+nosuch:///x.db",
        "sqlite://user:hunter2@host/x.db",
        "postgresql+nosuch://user:hunter2@host/x",
        "oracle://user:hunter2@host/x",
        "postgresql://user:hunter2@host",
        "postgresql+psycopg2://user:hunter2@host/x",
        "mysql://user:hunter2@host/",
        "mysql+asyncmy://user:hunter2@host/x",
        "mysql://user:hunter2@host:port/x",
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


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://user:hunter2@host/x", "postgresql"),
        ("postgres://user:hunter2@host/x", "postgresql"),
        ("postgresql+psycopg://user:hunter2@host/x?options=-csearch_path%3Dours", "postgresql"),
        ("mysql://user:hunter2@host/x", "mysql"),
        ("mariadb://user:hunter2@host/x?charset=latin1", "mysql"),
        ("mysql+pymysql://user:hunter2@host/x?ssl_ca=/ca.pem", "mysql"),
    ],
)
def test_a_url_names_the_kind_of_database(url, kind):
    """With the driver's name or without; nothing is connected yet, and no password is shown."""
    opened = open_engine(url)
    assert kind == opened.dialect.name
    assert "hunter2" not in f"{opened!r}{opened.url!r}{opened.url}"


@pytest.mark.parametrize(
    ("url", "extra"),
    [("postgres://h/x", r"'penstock\[postgresql\]'"), ("mariadb://h/x", r"'penstock\[mysql\]'")],
)
def test_a_missing_driver_is_told_with_its_extra(monkeypatch, url, extra):
    """Before anything is connected."""
    monkeypatch.setattr(server_url, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=f"pip install {extra}"):
        open_engine(url)


def test_a_database_that_is_gone_does_not_answer(tmp_path):
    """The question for the connection says so."""
    opened = open_engine(f"sqlite:///{tmp_path / 'a' / 'b.db'}")
    shutil.rmtree(tmp_path / "a")
    try:
        with pytest.raises(DatabaseUnavailable):
            check_connection(opened)
    finally:
        opened.dispose()


def test_a_file_that_is_removed_takes_no_more_writes(accounts, engine):
    """What would be written to it would be gone with the gateway; nor is an empty one made."""
    accounts.add("a@b.c", password="a long secret")
    file = Path(engine.url.database)
    kept = file.rename(file.with_name("kept.db"))
    for act in (accounts.list_users, lambda: accounts.add("b@b.c", password="a long secret")):
        with pytest.raises(DatabaseUnavailable, match="no file"):
            act()
    assert not file.exists()
    kept.rename(file)
    assert ["a@b.c"] == [user.email for user in accounts.list_users()]


def test_a_file_that_is_replaced_counts_at_once(accounts, engine):
    """As when a backup is put in the place of what was there."""
    file = Path(engine.url.database)
    accounts.add("a@b.c", password="a long secret")
    with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(f"{file}.old")) as other:
        one.backup(other)
    accounts.add("b@b.c", password="a long secret")
    for left in file.parent.glob(f"{file.name}-*"):
        left.unlink()
    Path(f"{file}.old").replace(file)
    assert ["a@b.c"] == [user.email for user in accounts.list_users()]


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


def test_an_id_is_never_used_again(accounts):
    """What was remembered or is still to follow about who has gone is not about who comes next."""
    gone = accounts.add("gone@example.org", password=None)
    accounts.delete("gone@example.org")
    assert gone.id < accounts.add("next@example.org", password=None).id


def test_ids_count_on_after_a_migration(engine):
    """What refers to users stays, and goes with them as before."""
    migrate_to(engine, "0005")
    with Database(engine).writing() as connection:
        for statement in (
            "INSERT INTO users (id, email, email_key) VALUES (7, 'a@b.c', 'a@b.c')",
            "INSERT INTO groups (id, name, name_key) VALUES (5, 'g', 'g')",
            "INSERT INTO memberships (group_id, user_id, source) VALUES (5, 7, '')",
            "INSERT INTO grants (id, user_id, kind, pattern, level) VALUES (3, 7, 'k', 'p', 1)",
            "INSERT INTO tokens (user_id, name, token_hash, scope) VALUES (7, 'n', 'h', 'read')",
        ):
            connection.exec_driver_sql(statement)
    migrate(engine)
    counts = (
        "SELECT (SELECT count(*) FROM {}) + (SELECT count(*) FROM {}) + (SELECT count(*) FROM {})"
    )
    held = counts.format("memberships", "grants", "tokens")
    with Database(engine).writing() as connection:
        assert 3 == connection.exec_driver_sql(held).scalar()
        connection.exec_driver_sql("DELETE FROM users")
        assert 0 == connection.exec_driver_sql(held).scalar()
    accounts = Accounts(Database(engine), CheapPasswords())
    assert 8 == accounts.add("next@example.org", password=None).id


def migrate_to(engine: Engine, revision: str) -> None:
    """Run the migrations up to one of them."""
    config = migrations()
    with backend_of(engine).migrating(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
