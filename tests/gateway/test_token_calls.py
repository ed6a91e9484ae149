"""Tokens, and changes of accounts, over HTTP."""

import json
from typing import Any

import pytest

from gateway.running import ADMIN, USER, USER_PASSWORD, Gateway, running_gateway
from gateway.wire import Caller, basic
from penstock.gateway.auth.proof import TOKEN_PREFIX
from servers import wait_until

JSON = {"content-type": "application/json"}
PASSWORD = "a long enough secret"


def call(who: Caller, method: str, path: str, document: object = None) -> tuple[int, Any]:
    body = None if document is None else json.dumps(document).encode()
    answer = who.call(method, path, body, headers=JSON)
    return answer.status, json.loads(answer.body)


def data(who: Caller, method: str, path: str, document: object = None) -> Any:
    status, answer = call(who, method, path, document)
    assert 200 == status, answer
    return answer.get("data")


def bearer(gateway: Gateway, token: str) -> Caller:
    return Caller(gateway.address, authorization=f"Bearer {token}")


def me(who: Caller) -> int:
    return call(who, "GET", "/v1/me")[0]


@pytest.fixture
def token(gateway):
    """A token of the user, for everything that the user may do."""
    return data(gateway.user, "POST", "/v1/token", {"name": "laptop"})["token"]


def test_a_token_proves_who_calls(gateway, token):
    """As Bearer, and as the password of its owner or of nobody in particular."""
    assert token.startswith(TOKEN_PREFIX)
    told = data(bearer(gateway, token), "GET", "/v1/me")
    assert (USER, "laptop") == (told["email"], told["token"])
    for name in (USER, USER.upper(), "token"):
        assert 200 == me(Caller(gateway.address, authorization=basic(name, token)))


def test_a_token_is_no_proof_for_another_account(gateway, token):
    """Nor is half of it, or one that was never made."""
    for authorization in (
        basic(ADMIN, token),
        basic("nobody@example.org", token),
        f"Bearer {token[:-1]}",
        f"Bearer {TOKEN_PREFIX}{'A' * 43}",
        "Bearer ",
        "Bearer \u00e9",
    ):
        assert 401 == me(Caller(gateway.address, authorization=authorization))


def test_a_token_costs_no_password_hash(gateway, token):
    """Neither the first time nor later."""
    gateway.passwords.reset()
    assert [200, 200] == [me(bearer(gateway, token)) for _ in range(2)]
    assert 0 == gateway.passwords.verifications


def test_a_token_makes_none_that_outlives_it(gateway):
    """Not by asking for more, nor by asking for no end; an administrator's for others neither."""
    short = {"name": "short", "expires_in": 3600}
    parent = bearer(gateway, data(gateway.user, "POST", "/v1/token", short)["token"])
    for longer in (3700, 10**8):
        status, answer = call(parent, "POST", "/v1/token", {"name": "x", "expires_in": longer})
        assert (400, True) == (status, "ends at" in answer["detail"])
    endless = data(parent, "POST", "/v1/token", {"name": "endless"})["id"]
    shorter = data(parent, "POST", "/v1/token", {"name": "x", "expires_in": 60})["id"]
    ends = {one["id"]: one["expires_at"] for one in data(gateway.user, "GET", "/v1/tokens")}
    names = {one["name"]: one["expires_at"] for one in data(gateway.user, "GET", "/v1/tokens")}
    assert names["short"] == ends[endless]
    assert ends[shorter] < ends[endless]
    admins = bearer(gateway, data(gateway.admin, "POST", "/v1/token", short)["token"])
    body = {"name": "x", "user": USER, "expires_in": 3700}
    assert 400 == call(admins, "POST", "/v1/token", body)[0]


def test_a_token_for_reading_changes_nothing(gateway):
    """Neither here nor in MLflow; it searches, though by POST."""
    made = data(gateway.admin, "POST", "/v1/token", {"name": "board", "scope": "read"})
    reader = bearer(gateway, made["token"])
    assert 200 == me(reader)
    body = b'{"max_results": 1}'
    path = "/api/2.0/mlflow/experiments/search"
    assert 200 == reader.call("POST", path, body, headers=JSON).status
    for method, path, body in (
        ("POST", "/v1/token", {"name": "more"}),
        ("POST", "/v1/user", {"email": "x@example.org", "password": PASSWORD}),
        ("POST", "/api/2.0/mlflow/experiments/create", {"name": "x"}),
        ("POST", "/api/2.0/mlflow/runs/log-metric", {"run_id": "a", "key": "b", "value": 1}),
    ):
        status, answer = call(reader, method, path, body)
        assert 403 == status
        assert "reading" in answer.get("detail", "") + answer.get("message", "")


def test_a_revoked_token_is_over_at_once(gateway, token):
    """And is not listed any more; the others stay."""
    other = data(gateway.user, "POST", "/v1/token", {"name": "server"})
    (listed,) = [one for one in data(gateway.user, "GET", "/v1/tokens") if one["name"] == "server"]
    assert (other["id"], USER, "write", None) == tuple(
        listed[name] for name in ("id", "user", "scope", "expires_at")
    )
    assert 200 == me(bearer(gateway, other["token"]))
    data(gateway.user, "DELETE", f"/v1/token/{other['id']}")
    assert 401 == me(bearer(gateway, other["token"]))
    assert 200 == me(bearer(gateway, token))


def test_an_expired_token_is_none(gateway):
    """From the second on at which it ends, also where it was proven before."""
    made = data(gateway.user, "POST", "/v1/token", {"name": "short", "expires_in": 1})
    assert 200 == me(bearer(gateway, made["token"]))
    wait_until(lambda: me(bearer(gateway, made["token"])) == 401, 3, what="the token's end")


def test_tokens_of_others_are_for_administrators(gateway):
    """To make, to see and to end."""
    made = data(gateway.admin, "POST", "/v1/token", {"name": "for ann", "user": USER})
    assert USER == data(bearer(gateway, made["token"]), "GET", "/v1/me")["email"]
    names = [one["name"] for one in data(gateway.admin, "GET", f"/v1/tokens?user={USER}")]
    assert "for ann" in names
    own = data(gateway.admin, "POST", "/v1/token", {"name": "mine"})
    assert 404 == call(gateway.user, "DELETE", f"/v1/token/{own['id']}")[0]
    assert 403 == call(gateway.user, "GET", f"/v1/tokens?user={ADMIN}")[0]
    assert 403 == call(gateway.user, "POST", "/v1/token", {"name": "x", "user": ADMIN})[0]
    assert 404 == call(gateway.admin, "POST", "/v1/token", {"name": "x", "user": "no@b.c"})[0]
    assert 404 == call(gateway.admin, "DELETE", "/v1/token/999999")[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": ""}, 400),
        ({"name": "a\nb"}, 400),
        ({"name": "x", "scope": "admin"}, 422),
        ({"name": "x", "expires_in": 0}, 400),
        ({"name": "x", "expires_in": -1}, 400),
        ({"name": "x", "expires_in": "1"}, 422),
        ({"name": "x", "expires_in": 10**12}, 400),
        ({"name": "x", "more": 1}, 422),
    ],
)
def test_a_wrong_token_is_refused(gateway, body, status):
    """And none is made."""
    before = data(gateway.user, "GET", "/v1/tokens")
    assert status == call(gateway.user, "POST", "/v1/token", body)[0]
    assert before == data(gateway.user, "GET", "/v1/tokens")


def test_a_token_is_stored_nowhere(gateway, token):
    """Only its hash: who reads the database cannot log in with what is there."""
    with gateway.app.parts.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM tokens").all()
    assert rows
    assert token[len(TOKEN_PREFIX) :] not in repr(rows)


def account(gateway: Gateway, name: str) -> Caller:
    gateway.accounts.add(name, password=PASSWORD)
    return Caller(gateway.address, authorization=basic(name, PASSWORD))


def test_a_disabled_account_is_out_at_once(gateway):
    """With its password and with its tokens; enabled, it is in again."""
    who = account(gateway, "dora@example.org")
    token = data(who, "POST", "/v1/token", {"name": "t"})["token"]
    assert [200, 200] == [me(who), me(bearer(gateway, token))]
    data(gateway.admin, "PUT", "/v1/user/dora@example.org", {"disabled": True})
    assert [401, 401] == [me(who), me(bearer(gateway, token))]
    data(gateway.admin, "PUT", "/v1/user/DORA@example.org", {"disabled": False})
    assert [200, 200] == [me(who), me(bearer(gateway, token))]


def test_a_deleted_account_is_gone_with_its_tokens(gateway):
    """Who takes the name later has none of them."""
    who = account(gateway, "etta@example.org")
    token = data(who, "POST", "/v1/token", {"name": "t"})["token"]
    data(gateway.admin, "DELETE", "/v1/user/etta@example.org")
    assert 401 == me(who)
    account(gateway, "etta@example.org")
    assert 401 == me(bearer(gateway, token))
    assert [] == data(gateway.admin, "GET", "/v1/tokens?user=etta@example.org")


def test_rights_of_an_administrator_end_at_once(gateway):
    """And begin at once."""
    who = account(gateway, "fay@example.org")
    assert 403 == call(who, "GET", "/v1/users")[0]
    data(gateway.admin, "PUT", "/v1/user/fay@example.org", {"is_admin": True})
    assert 200 == call(who, "GET", "/v1/users")[0]
    data(gateway.admin, "PUT", "/v1/user/fay@example.org", {"is_admin": False})
    assert 403 == call(who, "GET", "/v1/users")[0]


def test_everybody_changes_their_own_password(gateway):
    """With the current one; administrators change anybody's."""
    who, path = account(gateway, "gus@example.org"), "/v1/user/gus@example.org/password"
    new = "another long secret"
    assert 403 == call(who, "PUT", path, {"password": new})[0]
    assert 403 == call(who, "PUT", path, {"password": new, "current": "wrong"})[0]
    other = f"/v1/user/{USER}/password"
    assert 403 == call(who, "PUT", other, {"password": new, "current": USER_PASSWORD})[0]
    assert 400 == call(who, "PUT", path, {"password": "short", "current": PASSWORD})[0]
    data(who, "PUT", path, {"password": new, "current": PASSWORD})
    assert 401 == me(who)
    data(gateway.admin, "PUT", path, {"password": PASSWORD})
    assert 200 == me(who)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/v1/user/{ADMIN}", {"disabled": True}),
        ("DELETE", f"/v1/user/{ADMIN}", None),
        ("PUT", f"/v1/user/{USER}", {"is_admin": True}),
    ],
)
def test_accounts_are_changed_by_administrators(gateway, method, path, body):
    """A user changes nobody, not even themselves."""
    assert 403 == call(gateway.user, method, path, body)[0]


def test_wrong_changes_are_refused(gateway):
    """Unknown accounts, empty changes, flags that are none."""
    assert 404 == call(gateway.admin, "PUT", "/v1/user/no@b.c", {"disabled": True})[0]
    assert 404 == call(gateway.admin, "DELETE", "/v1/user/no@b.c")[0]
    assert 400 == call(gateway.admin, "PUT", f"/v1/user/{USER}", {})[0]
    assert 422 == call(gateway.admin, "PUT", f"/v1/user/{USER}", {"disabled": "yes"})[0]


def test_what_ends_here_ends_in_another_gateway_within_a_second(gateway, tmp_path):
    """A revoked token and a disabled account, on one database."""
    url = gateway.app.parts.upstream.url
    with (
        running_gateway(tmp_path, url) as one,
        running_gateway(tmp_path, url) as other,
    ):
        token_id, token = one.app.parts.tokens.create(USER, "t")
        assert [200, 200] == [me(bearer(other, token)), me(other.user)]
        one.app.parts.tokens.revoke(token_id)
        wait_until(lambda: me(bearer(other, token)) == 401, 1, what="the token's end")
        one.accounts.change(USER, disabled=True)
        wait_until(lambda: me(other.user) == 401, 1, what="the account's end")
