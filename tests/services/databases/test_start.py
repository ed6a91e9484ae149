"""The start of a gateway on a database server that is not as it should be."""

import json

import pytest

from gateway.processes import started_gateway
from gateway.running import ADMIN, ADMIN_PASSWORD, gateway_settings
from gateway.wire import Caller, basic
from penstock.errors import ConfigurationError, DatabaseUnavailable
from penstock.gateway.auth.accounts import open_accounts
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.migrate import migrate
from servers import free_port
from services.databases.server import PASSWORD, USER

UPSTREAM = "http://127.0.0.1:1"


def refusal(url: str) -> str:
    """Return why a start on a database fails; no secret may stand there."""
    engine = open_engine(url)
    try:
        with pytest.raises(DatabaseUnavailable) as caught:
            migrate(engine)
    finally:
        engine.dispose()
    error: BaseException | None = caught.value
    while error is not None:
        assert PASSWORD not in f"{error!s}{error!r}"
        error = error.__cause__ or error.__context__
    return str(caught.value)


def test_a_wrong_password_is_told(server):
    """Not the password itself, but the setting that holds it is."""
    said = refusal(server.url(password="hunter2"))
    assert "hunter2" not in said
    assert USER in said
    assert "PENSTOCK_DATABASE_URL" in said


def test_a_database_that_is_not_there_is_told(server):
    """It is not made: a mistyped name would become a second, empty one."""
    said = refusal(server.url("no_such_database"))
    assert "no_such_database" in said
    assert "is not made" in said


def test_a_server_that_does_not_run_is_told(server):
    """With the advice to start it."""
    url = server.url().replace(str(server.port), str(free_port()))
    assert "check that the server runs" in refusal(url)


def test_somebody_else_s_tables_are_left_alone(server, url):
    """A gateway that took them for its own would show or destroy what is in them."""
    server.execute("CREATE TABLE users (id INTEGER)", url)
    assert "users" in refusal(url)
    server.execute("INSERT INTO users VALUES (7)", url)
    assert [(7,)] == [tuple(row) for row in server.execute("SELECT id FROM users", url)]


def test_a_database_of_a_newer_version_is_left_alone(server, url):
    """Or of another program that keeps its revision in the same way, such as MLflow."""
    server.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))", url)
    server.execute("INSERT INTO alembic_version VALUES ('9999')", url)
    assert "another version" in refusal(url)


def test_the_password_is_shown_nowhere(server, url, tmp_path):
    """Neither by the settings nor by the engine."""
    settings = gateway_settings(tmp_path, UPSTREAM, database_url=url)
    engine = open_engine(url)
    try:
        shown = f"{settings!r}{settings}{engine!r}{engine.url!r}{engine.url}{engine.pool!r}"
    finally:
        engine.dispose()
    assert PASSWORD not in shown
    assert server.url().partition("@127")[0].rpartition(":")[2] not in shown


def test_two_gateways_start_at_once_on_an_empty_database(url, tmp_path):
    """As processes; both come up, there is one administrator, and their logs tell no password."""
    settings = {"DATABASE_URL": url, "UPSTREAM_URL": UPSTREAM}
    with (
        started_gateway(tmp_path / "one", **settings) as one,
        started_gateway(tmp_path / "two", **settings) as two,
    ):
        for started in (one, two):
            admin = Caller(started.address, authorization=basic(ADMIN, ADMIN_PASSWORD))
            users = json.loads(admin.call("GET", "/v1/users").body)["data"]
            assert [ADMIN] == [user["email"] for user in users]
    assert PASSWORD not in one.said() + two.said()
    with open_accounts(url) as accounts:
        assert [ADMIN] == [user.email for user in accounts.list_users()]


def test_a_url_without_a_database_is_told(server):
    """A server has many, and the one that a driver would take is nobody's intention."""
    with pytest.raises(ConfigurationError, match="must name a database"):
        open_engine(server.url().rpartition("/")[0])
