"""PostgreSQL and MariaDB, each started once for all tests here."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from gateway.threads import Address
from gateway.tiny_mlflow import TinyMlflow, tiny_mlflow
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
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


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine as the gateway has it, on a migrated database."""
    opened = open_engine(url)
    migrate(opened)
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
