"""The tables that a start makes on a database server."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from penstock.errors import DatabaseUnavailable
from penstock.gateway.auth.accounts import open_accounts
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.tables import REVISION, metadata


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
