"""What the audit says of what was done and refused."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from gateway.browsing import Browser, csrf, header
from gateway.grants import PASSWORD, grant
from gateway.running import ADMIN, USER, USER_PASSWORD, running_gateway
from gateway.wire import Caller, basic
from penstock.gateway.audit.journal import COUNT_SECONDS
from penstock.gateway.audit.retention import Retention
from penstock.gateway.db.audit_record import Record
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.tables import audit
from penstock.gateway.permissions.level import Level
from servers import wait_until

JSON = {"content-type": "application/json"}
CREATE = "/api/2.0/mlflow/experiments/create"


def experiment(experiment_id: str) -> bytes:
    """Return MLflow's answer about an experiment."""
    found = {"experiment_id": experiment_id, "name": f"e{experiment_id}", "tags": []}
    return json.dumps(
        {"experiment": {**found, "artifact_location": "mlflow-artifacts:/x"}}
    ).encode()


def read(gateway, query: str = "") -> list[dict[str, Any]]:
    answer = gateway.admin.call("GET", f"/v1/audit{query}")
    assert 200 == answer.status, answer.body
    return json.loads(answer.body)["data"]


def written(gateway, query: str, result: str) -> dict[str, Any]:
    """Wait until the newest record that a query finds has a result, and return it."""

    def newest() -> dict[str, Any] | None:
        found = read(gateway, query)
        return found[0] if found and found[0]["result"] == result else None

    wait_until(newest, 10, what=f"a record with the result {result}")
    found = newest()
    assert found is not None
    return found


def test_a_write_to_mlflow_is_written_down(gateway, recorder):
    """Who, what, on what, from where, with which result, under the id that the caller was told."""
    recorder.answer_with(200, b'{"experiment_id": "7"}')
    answer = gateway.user.call("POST", CREATE, b'{"name": "audited"}', headers=JSON)
    assert 200 == answer.status
    record = written(gateway, "?target=new+experiment:audited", "200")
    assert {
        "actor": USER,
        "action": f"POST {CREATE}",
        "target": "new experiment:audited",
        "address": "127.0.0.1",
        "request_id": header(answer, "x-request-id"),
        "result": "200",
        "detail": {},
        "count": 1,
    } == {name: value for name, value in record.items() if name not in {"id", "at"}}
    assert abs(datetime.now(UTC) - datetime.fromisoformat(record["at"])) < timedelta(minutes=1)


@pytest.mark.parametrize("status", [400, 500])
def test_a_write_that_mlflow_refuses_is_too(gateway, recorder, status):
    """With MLflow's status."""
    recorder.answer_with(status, b"{}")
    gateway.user.call("POST", CREATE, b'{"name": "refused"}', headers=JSON)
    written(gateway, "?target=new+experiment:refused", str(status))


def test_a_write_to_a_dead_mlflow_is_too(tmp_path):
    """With what the caller was told."""
    with running_gateway(tmp_path, "http://127.0.0.1:9") as gateway:
        gateway.user.call("POST", CREATE, b'{"name": "x"}', headers=JSON)
        written(gateway, "?target=new+experiment:x", "503")


def test_what_cannot_be_written_down_is_not_done(upstream_address, recorder, tmp_path):
    """Neither in MLflow nor here; reading goes on, and later all is as before."""
    recorder.answer_with(200, b'{"experiment_id": "7"}')
    with running_gateway(tmp_path, upstream_address.url) as gateway:
        database = gateway.app.parts.database
        assert 200 == gateway.user.call("GET", "/version").status
        assert 200 == gateway.admin.call("GET", "/v1/me").status
        with database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE audit RENAME TO gone")
        assert 503 == gateway.user.call("POST", CREATE, b'{"name": "x"}', headers=JSON).status
        body = b'{"name": "g"}'
        assert 503 == gateway.admin.call("POST", "/v1/group", body, headers=JSON).status
        assert 200 == gateway.user.call("GET", "/version").status
        with database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO audit")
        assert [] == [seen.target for seen in recorder.seen if seen.method == "POST"]
        assert 200 == gateway.user.call("POST", CREATE, b'{"name": "x"}', headers=JSON).status
        assert [] == gateway.app.parts.groups.list_groups()


def test_the_intent_is_stored_before_mlflow_is_asked(gateway, recorder):
    """And reads `unknown` until there is a result."""
    seen: list[Any] = []

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        with gateway.app.parts.database.reading() as connection:
            query = "SELECT result FROM audit WHERE target = 'new experiment:early'"
            seen.extend(connection.exec_driver_sql(query).scalars())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"experiment_id": "7"}'})

    recorder.answer_by(answer)
    assert 200 == gateway.user.call("POST", CREATE, b'{"name": "early"}', headers=JSON).status
    assert ["unknown"] == seen
    written(gateway, "?target=new+experiment:early", "200")


def test_a_write_costs_its_two_rows_alone(gateway, recorder):
    """One statement for the intent and one for the result, where proof and scope are known."""
    recorder.answer_with(200, b"{}")
    gateway.accounts.add("cora@example.org", password=PASSWORD)
    grant(gateway, "cora@example.org", "experiment", "id:5", Level.EDIT)
    who = Caller(gateway.address, authorization=basic("cora@example.org", PASSWORD))
    recorder.answer_with(200, experiment("5"))
    body = b'{"experiment_id": "5", "key": "k", "value": "v"}'
    path = "/api/2.0/mlflow/experiments/set-experiment-tag"
    assert 200 == who.call("POST", path, body, headers=JSON).status
    written(gateway, "?actor=cora@example.org", "200")
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        is_watching = "FROM policy" in statement or "FROM follow_ups" in statement
        if not statement.startswith("BEGIN") and not is_watching:
            statements.append(statement.split(maxsplit=1)[0])

    engine = gateway.app.parts.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert 200 == who.call("POST", path, body, headers=JSON).status
        wait_until(lambda: len(statements) >= 2, 10, what="the result")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert ["INSERT", "UPDATE"] == statements
    gateway.accounts.delete("cora@example.org")


def test_logging_is_counted_by_the_minute(gateway, recorder):
    """One row for all calls of a minute to one run; the rows of two minutes at most."""
    recorder.answer_with(200, b"{}")
    body = b'{"run_id": "r1", "key": "loss", "value": 1, "timestamp": 1}'
    before = len(read(gateway))
    for _ in range(20):
        gateway.admin.call("POST", "/api/2.0/mlflow/runs/log-metric", body, headers=JSON)

    def counted() -> int:
        return sum(one["count"] for one in read(gateway, "?target=run:r1"))

    wait_until(lambda: counted() == 20, 10, what="all counts")
    found = read(gateway, "?target=run:r1")
    assert len(found) <= 2
    assert {(ADMIN, "200", "")} == {
        (one["actor"], one["result"], one["request_id"]) for one in found
    }
    assert len(read(gateway)) <= before + 2


def test_a_refusal_is_written_down(gateway, recorder):
    """Of what may not be seen, not be done, or is for others; what there is not is no refusal."""
    gateway.accounts.add("rita@example.org", password=PASSWORD)
    grant(gateway, "rita@example.org", "experiment", "id:1", Level.READ)
    who = Caller(gateway.address, authorization=basic("rita@example.org", PASSWORD))
    recorder.answer_with(200, experiment("1"))
    delete = "/api/2.0/mlflow/experiments/delete"
    assert 403 == who.call("POST", delete, b'{"experiment_id": "1"}', headers=JSON).status
    assert 403 == who.call("GET", "/v1/users").status
    query = "?actor=rita@example.org"
    wait_until(lambda: len(read(gateway, query)) == 2, 10, what="two refusals")
    assert {
        ("403", f"POST {delete}", "experiment:1"),
        ("403", "GET /v1/users", ""),
    } == {(one["result"], one["action"], one["target"]) for one in read(gateway, query)}
    recorder.answer_with(200, experiment("2"))
    get = "/api/2.0/mlflow/experiments/get?experiment_id="
    assert 404 == who.call("GET", get + "2").status
    recorder.answer_with(404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}')
    assert 404 == who.call("GET", get + "3").status
    wait_until(lambda: len(read(gateway, query)) == 3, 10, what="the hidden one")
    assert ("404", "experiment:2") == tuple(
        read(gateway, query)[0][name] for name in ("result", "target")
    )
    gateway.accounts.delete("rita@example.org")


def test_refusals_of_nobody_are_counted(gateway):
    """With the account that was claimed; not one row for each, but for each second."""
    wrong = Caller(gateway.address, authorization=basic("eve@example.org", "guess"))
    begun = time.monotonic()
    for _ in range(12):
        assert 401 == wrong.call("GET", "/v1/me").status
    seconds = time.monotonic() - begun

    def found() -> list[dict[str, Any]]:
        return read(gateway, "?target=account:eve@example.org")

    wait_until(lambda: sum(one["count"] for one in found()) == 12, 10, what="the counts")
    assert len(found()) <= 2 + seconds / COUNT_SECONDS
    assert {("", "401")} == {(one["actor"], one["result"]) for one in found()}


def test_own_writes_tell_what_they_change_and_no_secret(gateway):
    """Names and levels, never passwords or tokens."""
    secret = "a very secret secret"
    body = {"email": "otto@example.org", "password": secret}
    gateway.admin.call("POST", "/v1/user", json.dumps(body).encode(), headers=JSON)
    record = written(gateway, "?action=POST+/v1/user", "200")
    assert ("/v1/user otto@example.org", {"email": "otto@example.org"}) == (
        record["target"],
        record["detail"],
    )
    body = {"password": secret + "!"}
    path = "/v1/user/otto@example.org/password"
    gateway.admin.call("PUT", path, json.dumps(body).encode(), headers=JSON)
    written(gateway, f"?target={path}", "200")
    bad = {"subject": "user:none@b.c", "kind": "experiment", "pattern": "x*", "level": "READ"}
    gateway.admin.call("POST", "/v1/grant", json.dumps(bad).encode(), headers=JSON)
    assert bad == written(gateway, "?action=POST+/v1/grant", "404")["detail"]
    with gateway.app.parts.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM audit").all()
    assert secret not in repr(rows)


def test_logins_by_the_page_are_written_down(gateway):
    """Those that failed, too, under the name that was claimed."""
    browser = Browser(gateway.address)
    browser.log_in(USER, USER_PASSWORD)
    written(gateway, f"?actor={USER}&action=POST+/login", "303")
    Browser(gateway.address).log_in("mallory@example.org", "x")
    query = "?action=POST+/login&target=account:mallory@example.org"
    wait_until(lambda: read(gateway, query), 10, what="the failure")
    token = csrf(browser.go("/account"))
    browser.submit("/logout", csrf_token=token)
    written(gateway, f"?actor={USER}&action=POST+/logout&target=account:{USER}", "303")


def test_a_logout_that_no_page_of_ours_asks_for_is_written_down(gateway):
    """As the refusals of the entry are."""
    browser = Browser(gateway.address)
    browser.log_in(USER, USER_PASSWORD)
    assert 403 == browser.send("POST", "/logout", b"").status
    assert 1 <= written(gateway, "?actor=&action=POST+/logout", "403")["count"]


def test_the_audit_is_for_administrators(gateway):
    """Nobody else learns what others do."""
    assert [401, 403] == [
        who.call("GET", "/v1/audit").status for who in (gateway.anonymous, gateway.user)
    ]


def test_pages_hold_every_record_once(gateway):
    """From the newest to the oldest, however many came in between."""
    for number in range(7):
        body = json.dumps({"name": f"paged{number}"}).encode()
        gateway.admin.call("POST", "/v1/group", body, headers=JSON)
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        query = f"?action=POST+/v1/gr*&page_size=3{token and '&page_token=' + token}"
        answer = gateway.admin.call("GET", f"/v1/audit{query}")
        page = json.loads(answer.body)
        found += page["data"]
        token = page["next_page_token"]
        if token is None:
            break
        gateway.admin.call("POST", "/v1/group", b'{"name": "between"}', headers=JSON)
    ids = [one["id"] for one in found]
    assert sorted(set(ids), reverse=True) == ids
    names = [one["target"].removeprefix("/v1/group ") for one in found]
    assert [f"paged{number}" for number in reversed(range(7))] == [
        name for name in names if name.startswith("paged")
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?since=yesterday", 400),
        ("?since=", 400),
        ("?since=99999999999999999999", 400),
        ("?since=2026-13-01", 400),
        ("?page_token=", 400),
        ("?page_token=x", 400),
        ("?page_token=-1", 400),
        ("?page_token=0", 400),
        ("?page_token=99999999999999999999999", 400),
        ("?page_token=%D9%A3", 400),
        ("?page_size=0", 400),
        ("?page_size=x", 400),
        ("?since=2026-01-01T00:00:00%2B02:00", 200),
        ("?since=2026-01-01", 200),
        ("?since=1767225600", 200),
    ],
)
def test_arguments_are_checked(gateway, query, status):
    """A wrong moment or token is no empty answer."""
    assert status == gateway.admin.call("GET", f"/v1/audit{query}").status


def test_since_leaves_out_what_was_before(gateway):
    """By the moment, in whatever zone it is said."""
    gateway.admin.call("POST", "/v1/group", b'{"name": "old"}', headers=JSON)
    written(gateway, "?target=/v1/group+old", "200")
    with gateway.app.parts.database.writing() as connection:
        connection.execute(
            update(audit)
            .where(audit.c.target == "/v1/group old")
            .values(at=datetime(2020, 1, 1, 12, tzinfo=UTC))
        )
    target = "&target=/v1/group+old"
    assert [] == read(gateway, "?since=2020-01-01T12:00:01Z" + target)
    assert [] == read(gateway, "?since=2020-01-01T11:00:01-01:00".replace("+", "%2B") + target)
    assert 1 == len(read(gateway, "?since=2020-01-01T12:00:00Z" + target))


def test_patterns_are_no_sql(gateway):
    """`%` and `_` stand for themselves."""
    assert [] == read(gateway, "?target=%25")
    assert [] == read(gateway, "?target=%25*")
    assert [] == read(gateway, "?action=_*")


def test_old_records_are_deleted(tmp_path):
    """Those from before the setting's days, however many; 0 keeps everything."""
    with running_gateway(tmp_path, "http://127.0.0.1:9"):
        pass
    engine = open_engine(f"sqlite:///{tmp_path / 'penstock.db'}")
    database = Database(engine)
    now = datetime.now(UTC)
    ages = [timedelta(days=400)] * 1200 + [timedelta(days=364)] * 3
    with database.writing() as connection:
        for age in ages:
            record = Record(now - age, "a", "b", "c")
            values = {"at": record.at, "actor": "a", "action": "b", "target": "c"}
            rest = {"address": "", "request_id": "", "result": "200", "detail": ""}
            connection.execute(audit.insert().values(values | rest))
    assert 0 == Retention(database, days=0).delete_old()
    assert 1200 == Retention(database, days=365).delete_old()
    with database.reading() as connection:
        assert 3 == connection.exec_driver_sql("SELECT count(*) FROM audit").scalar()
    engine.dispose()


def test_what_was_counted_last_is_written_at_the_end(upstream_address, recorder, tmp_path):
    """A gateway that ends leaves nothing behind in memory."""
    recorder.answer_with(200, b"{}")
    body = b'{"run_id": "r1", "key": "loss", "value": 1, "timestamp": 1}'
    with running_gateway(tmp_path, upstream_address.url) as gateway:
        gateway.admin.call("POST", "/api/2.0/mlflow/runs/log-metric", body, headers=JSON)
    engine = open_engine(f"sqlite:///{tmp_path / 'penstock.db'}")
    with Database(engine).reading() as connection:
        query = "SELECT count FROM audit WHERE target = 'run:r1'"
        assert [1] == list(connection.exec_driver_sql(query).scalars())
    engine.dispose()
