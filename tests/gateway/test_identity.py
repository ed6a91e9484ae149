import base64
import json

import pytest

from gateway.running import ADMIN, ADMIN_PASSWORD, USER, USER_PASSWORD
from gateway.wire import Caller, basic, exchange, head, status

MLFLOW_PATH = "/version?a=0"
OWN_PATH = "/v1/me"


def encoded(content: bytes) -> str:
    return "Basic " + base64.b64encode(content).decode()


WRONG_PROOFS = {
    "wrong password": basic(USER, "not ann's secret"),
    "empty password": basic(USER, ""),
    "password in another case": basic(USER, USER_PASSWORD.upper()),
    "password with a space behind": basic(USER, USER_PASSWORD + " "),
    "unknown user": basic("nobody@example.org", USER_PASSWORD),
    "impossible name": basic("a\x00b", USER_PASSWORD),
    "empty name": basic("", USER_PASSWORD),
    "name and password of two accounts": basic(ADMIN, USER_PASSWORD),
    "no base64": "Basic ?????",
    "base64 with a hole": "Basic QW5u QGV4",
    "base64 without its padding": encoded(b"ann:ann's own long secrets").rstrip("="),
    "no colon": encoded(USER.encode()),
    "not UTF-8": encoded(b"\xff\xfe:secret"),
    "nothing behind the scheme": "Basic",
    "empty header": "",
    "bearer": "Bearer " + base64.b64encode(f"{USER}:{USER_PASSWORD}".encode()).decode(),
    "no scheme": base64.b64encode(f"{USER}:{USER_PASSWORD}".encode()).decode(),
    "digest": f'Digest username="{USER}"',
    "header too long": encoded(f"{USER}:{'x' * 9000}".encode()),
}


@pytest.mark.parametrize("authorization", WRONG_PROOFS.values(), ids=WRONG_PROOFS)
def test_a_wrong_proof_is_refused_and_nothing_reaches_mlflow(gateway, recorder, authorization):
    """Whatever is no proof of identity is a 401 with a challenge, at the gateway."""
    answer = Caller(gateway.address, authorization=authorization).call("GET", MLFLOW_PATH)
    assert 401 == answer.status
    assert 'Basic realm="Penstock", charset="UTF-8"' == answer.one("www-authenticate")
    assert [] == recorder.seen


@pytest.mark.parametrize("authorization", WRONG_PROOFS.values(), ids=WRONG_PROOFS)
def test_the_refusal_does_not_repeat_the_proof(gateway, authorization):
    """An answer may end in a log: it holds nothing of a name or a password."""
    answer = Caller(gateway.address, authorization=authorization).call("GET", MLFLOW_PATH)
    for secret in (USER, USER_PASSWORD, "secret", "nobody@"):
        assert secret not in answer.body.decode()


def test_no_proof_is_refused_and_nothing_reaches_mlflow(gateway, recorder):
    """An anonymous request is a 401 with a challenge, at the gateway."""
    answer = gateway.anonymous.call("GET", MLFLOW_PATH)
    assert 401 == answer.status
    assert 'Basic realm="Penstock", charset="UTF-8"' == answer.one("www-authenticate")
    assert [] == recorder.seen


def test_a_right_proof_reaches_mlflow(gateway, recorder):
    """The negative tests would be worth nothing if nothing got through."""
    assert 200 == gateway.user.call("GET", MLFLOW_PATH).status
    assert MLFLOW_PATH.encode() == recorder.one().target


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc", "Basic  "])
def test_the_scheme_is_read_as_http_says(gateway, scheme):
    """Schemes compare without case, and any number of spaces may follow (RFC 9110, 11)."""
    proof = basic(USER, USER_PASSWORD).removeprefix("Basic ")
    caller = Caller(gateway.address, authorization=f"{scheme} {proof}")
    assert 200 == caller.call("GET", OWN_PATH).status


@pytest.mark.parametrize(
    "name", ["ann@example.org", "ANN@EXAMPLE.ORG", "\uff41\uff4e\uff4e@example.org"]
)
def test_account_names_compare_without_case_and_width(gateway, name):
    """A person types their name as they please; the answer has it as it was registered."""
    answer = Caller(gateway.address, authorization=basic(name, USER_PASSWORD)).call("GET", OWN_PATH)
    assert USER == json.loads(answer.body)["data"]["email"]


def test_a_password_may_hold_colons_and_any_characters(gateway):
    """Only the first colon ends the name (RFC 7617, 2)."""
    password = 'a:b::"\\ é 漢字 \t:'
    gateway.accounts.add("colon@example.org", password=password)
    caller = Caller(gateway.address, authorization=basic("colon@example.org", password))
    assert 200 == caller.call("GET", OWN_PATH).status


def test_a_disabled_user_is_refused(gateway, recorder):
    """Whoever is disabled cannot log in, and can again when they are let in again."""
    gateway.accounts.add("eve@example.org", password="eve's own long secret")
    eve = Caller(gateway.address, authorization=basic("eve@example.org", "eve's own long secret"))
    assert 200 == eve.call("GET", MLFLOW_PATH).status
    recorder.reset()
    gateway.accounts.change("eve@example.org", disabled=True)
    assert 401 == eve.call("GET", MLFLOW_PATH).status
    assert [] == recorder.seen
    gateway.accounts.change("eve@example.org", disabled=False)
    assert 200 == eve.call("GET", MLFLOW_PATH).status


def test_refusals_of_a_disabled_an_unknown_and_a_wrong_login_are_alike(gateway):
    """The answer does not tell which accounts exist."""
    gateway.accounts.add("off@example.org", password="off's own long secret")
    gateway.accounts.change("off@example.org", disabled=True)
    bodies = {
        Caller(gateway.address, authorization=basic(name, password)).call("GET", OWN_PATH).body
        for name, password in (
            ("off@example.org", "off's own long secret"),
            ("nobody@example.org", "some long secret"),
            ("a\x00b", "some long secret"),
            (USER, "some long secret"),
        )
    }
    assert 1 == len(bodies)


def test_two_proofs_are_refused(gateway, recorder):
    """Two parts of a system could each count another one of them."""
    proofs = [("Authorization", basic(*who)) for who in ((USER, USER_PASSWORD), (ADMIN, "x"))]
    for headers in (proofs, proofs[::-1], [proofs[0], proofs[0]]):
        answer = gateway.anonymous.call("GET", MLFLOW_PATH, headers=headers)
        assert 400 == answer.status
        assert "BAD_REQUEST" == json.loads(answer.body)["error_code"]
    assert [] == recorder.seen


@pytest.mark.parametrize(
    "email", [ADMIN, "", "ann@example", "ann@example.org.evil", "ann@example.org, " + ADMIN]
)
def test_an_email_header_that_names_somebody_else_is_refused(gateway, recorder, email):
    """The header proves nothing, and must not contradict what is proven."""
    answer = gateway.user.call("GET", MLFLOW_PATH, headers={"email": email})
    assert 401 == answer.status
    assert [] == recorder.seen


def test_one_of_two_email_headers_that_names_somebody_else_is_refused(gateway, recorder):
    """A part behind the gateway could read either of them."""
    for pair in ((USER, ADMIN), (ADMIN, USER)):
        headers = [("email", name) for name in pair]
        assert 401 == gateway.user.call("GET", MLFLOW_PATH, headers=headers).status
    assert [] == recorder.seen


@pytest.mark.parametrize("email", [USER, USER.lower(), USER.upper()])
def test_an_email_header_that_names_the_caller_is_accepted(gateway, recorder, email):
    """Clients may send it with every request; it stays at the gateway."""
    assert 200 == gateway.user.call("GET", MLFLOW_PATH, headers={"email": email}).status
    assert [] == recorder.one().all(b"email")


def test_an_email_header_that_is_no_text_is_refused(gateway, recorder):
    """Bytes that are no UTF-8 name nobody."""
    headers = {"email": "ann\xff@example.org", "Authorization": gateway.user.authorization}
    assert 401 == gateway.anonymous.call("GET", MLFLOW_PATH, headers=headers).status
    assert [] == recorder.seen


def test_an_email_header_alone_proves_nothing(gateway, recorder):
    """Anybody can write a header; it is no proof."""
    answer = gateway.anonymous.call("GET", MLFLOW_PATH, headers={"email": ADMIN})
    assert 401 == answer.status
    assert [] == recorder.seen


@pytest.mark.parametrize(
    "name", ["Cookie", "X-Forwarded-User", "Remote-User", "Proxy-Authorization", "X-Api-Key"]
)
def test_no_other_header_proves_an_identity(gateway, recorder, name):
    """Only `Authorization` is read for a proof."""
    for value in (ADMIN, basic(ADMIN, ADMIN_PASSWORD)):
        assert 401 == gateway.anonymous.call("GET", MLFLOW_PATH, headers={name: value}).status
    assert [] == recorder.seen


def test_credentials_in_the_query_or_the_target_prove_nothing(gateway, recorder):
    """Neither `?authorization=` nor `http://user:password@host/` is a login."""
    target = f"/v1/me?authorization={basic(USER, USER_PASSWORD).replace(' ', '%20')}"
    assert 401 == gateway.anonymous.call("GET", target).status
    answer = exchange(gateway.address, head("GET", "http://a:b@h/v1/me", ("Host", "h")))
    assert 400 == status(answer)
    assert [] == recorder.seen


TRAILER = head("POST", "/v1/traces", ("Host", "h"), ("Transfer-Encoding", "chunked"))


def test_a_proof_behind_the_body_is_no_proof(gateway, recorder):
    """Fields of a trailer are not headers (RFC 9110, 6.5.1)."""
    field = f"Authorization: {gateway.user.authorization}\r\n\r\n".encode()
    request = TRAILER.replace(b"Host: h", b"Host: h\r\nConnection: close")
    assert 401 == status(exchange(gateway.address, request + b"0\r\n" + field))
    assert [] == recorder.seen


def test_fields_behind_the_body_change_nothing(gateway, recorder):
    """Neither another name nor another framing comes in by a trailer."""
    login = ("Authorization", gateway.admin.authorization)
    fields = (("Host", "h"), ("Connection", "close"), login, ("Transfer-Encoding", "chunked"))
    request = head("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/a", *fields)
    trailer = b"1\r\nx\r\n0\r\nemail: ann@example.org\r\nX-MLflow-Workspace: w\r\nA: b\r\n\r\n"
    assert 200 == status(exchange(gateway.address, request + trailer))
    assert [] == recorder.one().all(b"x-mlflow-workspace")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (MLFLOW_PATH, {"error_code", "message"}),
        ("/get-artifact", {"error_code", "message"}),
        ("/", {"error_code", "message"}),
        ("/v1/traces", {"error_code", "message"}),
        ("/no/such/path", {"error_code", "message"}),
        ("/v1/me", {"detail"}),
        ("/v1/users", {"detail"}),
        ("/v1/no-such-call", {"detail"}),
    ],
)
def test_a_refusal_has_the_shape_of_its_path(gateway, path, fields):
    """MLflow's clients read MLflow's shape; the gateway's own API has `detail`."""
    answer = gateway.anonymous.call("POST" if path == "/v1/traces" else "GET", path)
    assert (401, "application/json") == (answer.status, answer.one("content-type"))
    assert fields == set(json.loads(answer.body))
    assert "no-store" == answer.one("cache-control")


def test_mlflow_s_shape_carries_its_error_code(gateway):
    """MLflow's client shows `error_code` and `message`."""
    document = json.loads(gateway.anonymous.call("GET", MLFLOW_PATH).body)
    assert "UNAUTHENTICATED" == document["error_code"]
    assert "log in" in document["message"]
