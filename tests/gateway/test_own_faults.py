import json
import sqlite3
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from gateway.recorder import Recorder
from gateway.running import (
    ADMIN,
    USER,
    USER_PASSWORD,
    CheapPasswords,
    running_gateway,
)
from gateway.wire import Caller, basic


@pytest.fixture
def own_gateway(tmp_path, upstream_address):
    with running_gateway(tmp_path / "data", upstream_address.url) as running:
        yield running


def test_a_database_that_vanishes_is_told_and_comes_back(own_gateway, recorder: Recorder, tmp_path):
    """503 to whom it must verify, the others are served; `/ready` says which part fails."""
    path = "/api/2.0/mlflow/experiments/search"
    assert 200 == own_gateway.user.call("GET", path).status
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


def test_pages_tell_the_log_of_a_database_that_vanishes(own_gateway, tmp_path):
    """503 to who asks; the log has the reason and the row, but nothing secret of the address."""
    with closing(sqlite3.connect(tmp_path / "data" / "penstock.db")) as connection, connection:
        connection.execute("ALTER TABLE invitations RENAME TO gone")
    with capture_logs() as lines:
        answer = own_gateway.anonymous.call("GET", "/invitation/s3cr3t")
    assert 503 == answer.status
    assert b"invitations" not in answer.body
    (line,) = [one for one in lines if one["event"] == "request failed"]
    assert ("GET /invitation/{token}", answer.one("x-request-id")) == (
        line["action"],
        line["request_id"],
    )
    assert "no such table" in line["reason"]
    assert "s3cr3t" not in str(lines)


def test_ready_tells_of_a_database_that_does_not_answer(own_gateway, tmp_path):
    """The other part that `/ready` asks."""
    assert 200 == own_gateway.anonymous.call("GET", "/ready").status
    own_gateway.app.parts.database.engine.dispose()
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
