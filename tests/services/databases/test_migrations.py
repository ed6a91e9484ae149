"""The tables that a start makes on a database server."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, inspect

from penstock.errors import DatabaseUnavailable
from penstock.gateway.auth.accounts import open_accounts
from penstock.gateway.db import mysql
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.policy import Part, read_versions
from penstock.gateway.db.tables import metadata


def test_the_migrations_lead_to_the_tables(engine):
    """What the code thinks of the database is what the migrations make of it."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [] == compare_metadata(context, metadata)
        assert {*metadata.tables, "alembic_version"} == set(inspect(connection).get_table_names())


def test_a_start_with_nothing_to_migrate_changes_nothing(url):
    """It finds what the last one has left."""
    with open_accounts(url) as accounts:
        accounts.add("ann@example.org", password="a long secret")
    with open_accounts(url) as accounts:
        assert ["ann@example.org"] == [one.email for one in accounts.list_users()]


def test_starts_at_once_migrate_once(url):
    """One works, the others wait for it; there is one administrator at the end."""
    barrier = threading.Barrier(4)

    def start(number: int) -> bool:
        barrier.wait(20)
        with open_accounts(url) as accounts:
            made = accounts.add_first_administrator(f"{number}@example.org", "a long secret")
        return made is not None

    with ThreadPoolExecutor(4) as pool:
        assert [False] * 3 + [True] == sorted(pool.map(start, range(4)))
    with open_accounts(url) as accounts:
        assert 1 == len(accounts.list_users())


class PowerCut(Exception):
    """Ends a migration between two of its statements."""


def migrate_until(url: str, last: int) -> bool:
    """Migrate, at most with so many statements that change something; return whether it ended."""
    left = iter(range(last))

    def cut(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.lstrip().startswith(("CREATE", "ALTER", "INSERT", "UPDATE")):
            try:
                next(left)
            except StopIteration:
                raise PowerCut from None

    engine = open_engine(url)
    event.listen(Engine, "before_cursor_execute", cut)
    try:
        migrate(engine)
    except PowerCut:
        return False
    finally:
        event.remove(Engine, "before_cursor_execute", cut)
        engine.dispose()
    return True


def test_an_interrupted_migration_is_completed_by_the_next_start(server):
    """Wherever it ended: what MySQL keeps of it is passed over, elsewhere nothing is left."""
    for last in (2, 9, 16, 23):
        url = server.make_database()
        assert not migrate_until(url, last)
        assert migrate_until(url, 1000)
        engine = open_engine(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert [] == compare_metadata(context, metadata)
            assert set(Part) == set(read_versions(connection))
        engine.dispose()


def test_texts_differ_where_any_character_does(engine):
    """On MySQL that is a matter of each table's collation, whatever the server's own one is."""
    if engine.dialect.name != "mysql":
        pytest.skip("only MySQL has collations that take different texts for one")
    with engine.connect() as connection:
        columns = connection.exec_driver_sql(
            "SELECT DISTINCT table_name, collation_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND collation_name IS NOT NULL"
        )
        collations = dict(tuple(row) for row in columns)
    collations.pop("alembic_version")
    assert {"utf8mb4_nopad_bin"} == set(collations.values())
    with_texts = {name for name, table in metadata.tables.items() if name != "policy"}
    assert with_texts == set(collations)


def test_a_server_that_is_too_old_is_told(engine, monkeypatch):
    """Before anything is made there."""
    if engine.dialect.name != "mysql":
        pytest.skip("every PostgreSQL that is maintained will do")
    monkeypatch.setattr(mysql, "MARIADB_SINCE", (99, 1))
    with (
        pytest.raises(DatabaseUnavailable, match=r"MariaDB 99\.1 or newer"),
        mysql.Mysql().migrating(engine),
    ):
        pass
