"""PostgreSQL and MariaDB, each started once for all tests here."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete, update

from gateway.threads import Address
from gateway.tiny_mlflow import TinyMlflow, tiny_mlflow
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.tables import metadata, policy
from services.databases import mariadb_server, postgresql_server
from services.databases.server import DatabaseServer, running

KINDS = {
    "postgresql": (postgresql_server.PostgresqlServer, postgresql_server.find_program),
    "mariadb": (mariadb_server.MariadbServer, mariadb_server.find_program),
}


@pytest.fixture(scope="session", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """A running server."""
    kind, find_program = KINDS[request.param]
    with running(kind, find_program()) as one:
        yield one


@pytest.fixture
def url(server: DatabaseServer) -> str:
    """The URL of an empty database."""
    return server.make_database()


@pytest.fixture(scope="session")
def _kept_url(server: DatabaseServer) -> str:
    """The URL of a database that is migrated once, for many tests."""
    url = server.make_database()
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture
def engine(_kept_url: str) -> Iterator[Engine]:
    """An engine as the gateway has it, on a migrated database with nothing in it."""
    opened = open_engine(_kept_url)
    with Database(opened).writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is policy:
                connection.execute(update(policy).values(version=1))
            else:
                connection.execute(delete(table))
    yield opened
    opened.dispose()


@pytest.fixture
def database(engine: Engine) -> Database:
    """A migrated database."""
    return Database(engine)


@pytest.fixture(scope="session")
def upstream() -> Iterator[Address]:
    """Where a small server in MLflow's place listens."""
    with tiny_mlflow(TinyMlflow()) as address:
        yield address
