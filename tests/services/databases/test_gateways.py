"""Two gateways on one database server: what one is told, the other knows within a second."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from gateway.browsing import Browser, csrf
from gateway.running import ADMIN, ADMIN_PASSWORD, USER, USER_PASSWORD, Gateway, running_gateway
from gateway.tiny_mlflow import GRANTED
from gateway.wire import Answer, Caller, basic
from servers import wait_until

RUN = f"/api/2.0/mlflow/runs/get?run_id={GRANTED['run']}"
JSON = {"content-type": "application/json"}
PASSWORD = "a long and common secret"
SOON_SECONDS = 1
"""Until when a change holds in the other gateway."""


class Pair(NamedTuple):
    """Two gateways on one database."""

    one: Gateway
    other: Gateway


@pytest.fixture(scope="module")
def pair(server, upstream, tmp_path_factory) -> Iterator[Pair]:
    url, folder = server.make_database(), tmp_path_factory.mktemp("pair")
    with (
        running_gateway(folder / "one", upstream.url, database_url=url) as one,
        running_gateway(folder / "other", upstream.url, database_url=url) as other,
    ):
        yield Pair(one, other)


def call(who: Caller, method: str, path: str, document: object = None) -> Any:
    """Call the gateway's own API; return the JSON of its answer."""
    body = None if document is None else json.dumps(document).encode()
    answer = who.call(method, path, body, headers=JSON if body else {})
    assert 200 == answer.status, answer.body
    return json.loads(answer.body)


def soon(ask: Callable[[], Answer], status: int) -> None:
    """See that an answer has another status soon."""
    wait_until(lambda: ask().status == status, SOON_SECONDS, what=f"status {status}")


def logged_in(gateway: Gateway, email: str, password: str = PASSWORD) -> Caller:
    return Caller(gateway.address, authorization=basic(email, password))


def test_an_account_is_one_for_all_gateways(pair):
    """Made at one, it logs in at the other; barred at one, it is out at the other."""
    pair.one.accounts.add("nina@example.org", password=PASSWORD)
    nina = logged_in(pair.other, "NINA@example.org")
    assert 200 == nina.call("GET", "/v1/me").status
    call(pair.one.admin, "PUT", "/v1/user/nina@example.org", {"disabled": True})
    soon(lambda: nina.call("GET", "/v1/me"), 401)
    call(pair.one.admin, "DELETE", "/v1/user/nina@example.org")
    users = call(pair.other.admin, "GET", "/v1/users")["data"]
    assert "nina@example.org" not in {user["email"] for user in users}


def test_a_token_is_one_for_all_gateways(pair):
    """It ends everywhere when it is revoked, and by itself when its time is over."""
    made = call(pair.one.user, "POST", "/v1/token", {"name": "nightly", "expires_in": 3600})["data"]
    bearer = Caller(pair.other.address, authorization=f"Bearer {made['token']}")
    assert USER == call(bearer, "GET", "/v1/me")["data"]["email"]
    (listed,) = call(pair.other.user, "GET", "/v1/tokens")["data"]
    assert ("nightly", made["id"]) == (listed["name"], listed["id"])
    call(pair.one.user, "DELETE", f"/v1/token/{made['id']}")
    soon(lambda: bearer.call("GET", "/v1/me"), 401)
    short = call(pair.one.user, "POST", "/v1/token", {"name": "short", "expires_in": 1})["data"]
    bearer = Caller(pair.other.address, authorization=f"Bearer {short['token']}")
    wait_until(lambda: bearer.call("GET", "/v1/me").status == 401, 10)


def test_a_session_is_one_for_all_gateways(pair):
    """A browser may be sent to any of them, and logs out of all."""
    browser = Browser(pair.one.address)
    assert 303 == browser.log_in(USER, USER_PASSWORD).status
    elsewhere = Browser(pair.other.address)
    elsewhere.cookies = dict(browser.cookies)
    assert 200 == elsewhere.send("GET", "/v1/me").status
    browser.submit("/logout", csrf_token=csrf(browser.go("/account")))
    soon(lambda: elsewhere.send("GET", "/v1/me"), 401)


def test_grants_and_groups_count_at_all_gateways(pair):
    """What is given or taken at one is in force at the other."""
    reader = logged_in(pair.other, "rita@example.org")
    pair.one.accounts.add("rita@example.org", password=PASSWORD)
    call(pair.one.admin, "POST", "/v1/group", {"name": "Readers"})
    grant = {"subject": "group:readers", "kind": "experiment", "level": "READ"}
    pattern = GRANTED["experiment_name"]
    made = call(pair.one.admin, "POST", "/v1/grant", {**grant, "pattern": pattern})["data"]
    assert 404 == reader.call("GET", RUN).status
    call(pair.one.admin, "PUT", "/v1/group/READERS/member/rita@example.org")
    soon(lambda: reader.call("GET", RUN), 200)
    assert ["Readers"] == call(reader, "GET", "/v1/me")["data"]["groups"]
    call(pair.one.admin, "DELETE", f"/v1/grant/{made['id']}")
    soon(lambda: reader.call("GET", RUN), 404)
    call(pair.one.admin, "DELETE", "/v1/group/readers")
    assert [] == call(reader, "GET", "/v1/me")["data"]["groups"]


def test_names_of_any_letters_are_kept_as_they_are(pair):
    """Those of four bytes, too; accounts and groups compare without case, but with accents."""
    for name in ("Zoë@例え.org", "straße@example.org", "👩@example.org"):
        pair.one.accounts.add(name, password=PASSWORD)
    assert 200 == logged_in(pair.other, "zoË@例え.ORG").call("GET", "/v1/me").status
    assert 200 == logged_in(pair.other, "STRASSE@example.org").call("GET", "/v1/me").status
    assert 401 == logged_in(pair.other, "zoe@例え.org").call("GET", "/v1/me").status
    for group in ("Équipe 🚀", "Equipe 🚀"):
        call(pair.one.admin, "POST", "/v1/group", {"name": group})
    groups = {one["name"] for one in call(pair.other.admin, "GET", "/v1/groups")["data"]}
    assert {"Équipe 🚀", "Equipe 🚀"} <= groups


def test_patterns_that_differ_at_all_are_others(pair):
    """By case, accent, or a space at the end: the names of MLflow's resources do, too."""
    patterns = ("Model", "model", "modèl", "model ", "model*", "model %", "model _", "m\\del")
    ids = set()
    for pattern in patterns:
        grant = {"subject": f"user:{USER}", "kind": "registered_model", "level": "READ"}
        made = call(pair.one.admin, "POST", "/v1/grant", {**grant, "pattern": pattern})
        ids.add(made["data"]["id"])
    assert len(patterns) == len(ids)
    grants = call(pair.other.admin, "GET", f"/v1/grants?subject=user:{USER}")["data"]
    assert sorted(patterns) == sorted(grant["pattern"] for grant in grants)
    (found,) = call(pair.other.admin, "GET", "/v1/grants?pattern=model%20")["data"]
    assert "model " == found["pattern"]


def test_the_audit_is_one_of_all_gateways(pair):
    """Writes at each of them, in order; calls that are counted, in one record a minute."""
    for gateway in pair:
        pair.one.accounts.add(f"{gateway.address.port}@example.org", password=PASSWORD)
        call(gateway.admin, "POST", "/v1/group", {"name": f"group-{gateway.address.port}"})
        for _ in range(3):
            wrong = logged_in(gateway, "eve@example.org", "a guess")
            assert 401 == wrong.call("GET", "/v1/me").status

    def read(query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = call(pair.other.admin, "GET", f"/v1/audit?{query}")["data"]
        return found

    written = read("action=POST+/v1/group&target=/v1/group+group-*")
    assert [str(one.address.port) for one in reversed(pair)] == [
        one["target"].rpartition("-")[2] for one in written
    ]
    assert {ADMIN} == {one["actor"] for one in written}
    query = "target=account:eve@example.org"
    wait_until(lambda: sum(one["count"] for one in read(query)) == 6, 10)
    minutes = [one["at"] for one in read(query)]
    assert len(minutes) == len(set(minutes))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/grants?pattern=a%00b",
        "/v1/grants?subject=user:a%00b",
        "/v1/audit?actor=a%00b",
        "/v1/audit?target=a%00b*",
        "/v1/access?kind=experiment&name=a%00b",
        "/v1/grants?pattern=%ED%A0%80",
        "/v1/grants?pattern=" + "x" * 5000,
        "/v1/audit?target=%F0%9F%9A%80*",
    ],
    ids=repr,
)
def test_texts_that_no_column_holds_are_no_fault_of_the_database(pair, path):
    """They are refused, or nothing is found."""
    assert pair.one.admin.call("GET", path).status in {200, 400, 404}


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/v1/user", {"email": "a\0b@example.org", "password": PASSWORD}),
        ("/v1/token", {"name": "t", "user": "a\0b"}),
        ("/v1/group", {"name": "e\u0301" * 250}),
        (
            "/v1/grant",
            {"subject": "user:\0", "kind": "experiment", "pattern": "x", "level": "READ"},
        ),
    ],
    ids=repr,
)
def test_a_body_with_such_a_text_is_refused(pair, path, document):
    """By the gateway's own rules, or because the database cannot hold it."""
    answer = pair.one.admin.call("POST", path, json.dumps(document).encode(), headers=JSON)
    assert answer.status in {400, 404}, answer.body


def test_a_wrong_login_of_any_form_is_a_wrong_login(pair):
    """Nothing that a caller can send makes the database fail."""
    for name in ("a\0b", "x" * 5000, "\ud7ff\uffff", "' OR 1=1 --", "\\", "%"):
        assert 401 == logged_in(pair.one, name).call("GET", "/v1/me").status, name
    ready = Caller(pair.one.address, authorization=basic(ADMIN, ADMIN_PASSWORD))
    assert 200 == ready.call("GET", "/v1/me").status
