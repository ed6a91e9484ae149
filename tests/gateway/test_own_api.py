import json

import pytest

from gateway.running import ADMIN, USER, USER_PASSWORD
from gateway.wire import Caller, basic

JSON = {"Content-Type": "application/json"}
PASSWORD = "a long enough secret"
SECRET = "S3cr3t-that-must-not-be-told"


def post(caller: Caller, document: object, path: str = "/v1/user"):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return caller.call("POST", path, body, headers=JSON)


def me_of(email: str, *, is_admin: bool) -> dict[str, object]:
    """Return what `/v1/me` tells of an account in no group, with its password."""
    return {"email": email, "is_admin": is_admin, "groups": [], "token": None}


def emails(gateway) -> list[str]:
    answer = gateway.admin.call("GET", "/v1/users")
    return [user["email"] for user in json.loads(answer.body)["data"]]


@pytest.mark.parametrize(("field", "is_admin"), [("email", False), ("username", True)])
def test_an_administrator_makes_accounts(gateway, field, is_admin):
    """By either name of the field; the new account logs in at once."""
    name = f"made-by-{field}@example.org"
    answer = post(gateway.admin, {field: name, "password": PASSWORD, "is_admin": is_admin})
    kind = "administrator" if is_admin else "user"
    assert {"status": "SUCCESS", "message": f"{kind} '{name}' created"} == json.loads(answer.body)
    me = Caller(gateway.address, authorization=basic(name, PASSWORD)).call("GET", "/v1/me")
    expected = {"status": "SUCCESS", "data": me_of(name, is_admin=is_admin)}
    assert expected == json.loads(me.body)


def test_accounts_are_listed_by_name(gateway):
    """Administrators see who there is, and no hash."""
    answer = gateway.admin.call("GET", "/v1/users")
    document = json.loads(answer.body)
    names = [user["email"] for user in document["data"]]
    assert sorted(names, key=str.casefold) == names
    assert {ADMIN, USER} <= set(names)
    assert {frozenset({"email", "is_admin", "disabled"})} == {
        frozenset(user) for user in document["data"]
    }
    assert b"argon2" not in answer.body


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/user"), ("GET", "/v1/users")])
def test_accounts_are_for_administrators(gateway, method, path):
    """A user gets 403 in the gateway's own shape, and nothing is made."""
    body = json.dumps({"email": "own@example.org", "password": PASSWORD, "is_admin": True}).encode()
    answer = gateway.user.call(method, path, body if method == "POST" else None, headers=JSON)
    assert (403, {"detail"}) == (answer.status, set(json.loads(answer.body)))
    assert "own@example.org" not in emails(gateway)


WRONG_NAMES = {
    "colon": "a:b@example.org",
    "line feed": "a\nb@example.org",
    "zero byte": "a\x00b@example.org",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "C1 control": "a\x85b",
    "zero width space": "a\u200bb@example.org",
    "zero width joiner": "a\u200db",
    "byte order mark": "\ufeffa@example.org",
    "right to left": "a\u202eb@example.org",
    "soft hyphen": "a\u00adb",
    "line separator": "a\u2028b@example.org",
    "paragraph separator": "a\u2029b",
    "variation selector": "admin@localhost\ufe0f",
    "filler": "admin\u3164@localhost",
    "fullwidth colon": "a\uff1ab",
    "private use": "a\ue000b",
    "lone surrogate": "a\ud800b",
    "empty": "",
    "space": " ",
    "space in front": " a@example.org",
    "space behind": "a@example.org ",
    "no-break space behind": "a@example.org\u00a0",
    "overlong": "x" * 256,
    "overlong when compared": "\ufdfa" * 100,
    "much too long": "x" * 5000,
}


@pytest.mark.parametrize("name", WRONG_NAMES.values(), ids=WRONG_NAMES)
def test_impossible_names_are_refused(gateway, name):
    """What could not log in, or would look like somebody else, does not become an account."""
    before = emails(gateway)
    answer = post(gateway.admin, {"email": name, "password": PASSWORD})
    assert answer.status in {400, 422}, answer
    assert "detail" in json.loads(answer.body)
    assert before == emails(gateway)


TAKEN = ["ADMIN@localhost", "Admin@LocalHost", "\uff41dmin@localhost", "\U0001d41admin@localhost"]


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_is_taken_in_another_spelling_is_refused(gateway, name):
    """Names compare without case and width: nobody gets a name that looks like another's."""
    answer = post(gateway.admin, {"email": name, "password": PASSWORD})
    assert 409 == answer.status
    assert "already" in json.loads(answer.body)["detail"]


def test_a_composed_and_a_decomposed_name_are_one(gateway):
    """The same letters typed on two systems are the same name."""
    assert 200 == post(gateway.admin, {"email": "ren\u00e9@a.org", "password": PASSWORD}).status
    again = post(gateway.admin, {"email": "rene\u0301@a.org", "password": PASSWORD})
    assert 409 == again.status


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"password": PASSWORD}, "email"),
        ({"email": "a@b.c", "username": "a@b.c", "password": PASSWORD}, "either"),
        ({"email": "a@b.c", "service_account": True, "password": PASSWORD}, "service account"),
        ({"email": "a@b.c", "service_account": True, "is_admin": True}, "service account"),
        ({"email": "a@b.c", "password": ""}, "10 characters"),
        ({"email": "a@b.c", "password": "short"}, "10 characters"),
        ({"email": "a@b.c", "password": "x" * 1025}, "1024 characters"),
        ({"email": "long-name@b.c", "password": "long-name@b.c"}, "differ"),
        ({"email": "long-name@b.c", "password": "Long-Name@B.C"}, "differ"),
        ({"email": "long-name@b.c", "password": "\uff4cong-name@b.c"}, "differ"),
    ],
)
def test_bad_accounts_are_refused_with_the_reason(gateway, document, word):
    """400 says what to change, and nothing is made."""
    before = emails(gateway)
    answer = post(gateway.admin, document)
    assert 400 == answer.status
    assert word in json.loads(answer.body)["detail"]
    assert before == emails(gateway)


FORMS = {
    "number as name": {"email": 1, "password": SECRET},
    "number as password": {"email": "a@b.c", "password": 1234567890123},
    "list as password": {"email": "a@b.c", "password": [SECRET]},
    "object as password": {"email": "a@b.c", "password": {"value": SECRET}},
    "text as flag": {"email": "a@b.c", "password": SECRET, "is_admin": "true"},
    "number as flag": {"email": "a@b.c", "password": SECRET, "is_admin": 1},
    "null as flag": {"email": "a@b.c", "password": SECRET, "is_admin": None},
    "unknown field": {"email": "a@b.c", "password": SECRET, "role": SECRET},
    "other spelling": {"email": "a@b.c", "password": SECRET, "isAdmin": True},
    "nested": {"user": {"email": "a@b.c", "password": SECRET}},
    "list": [{"email": "a@b.c", "password": SECRET}],
    "text": SECRET,
    "text that holds JSON": json.dumps({"email": "a@b.c", "password": SECRET}),
    "null": None,
    "no JSON": b'{"email": "a@b.c", "password": "' + SECRET.encode() + b'"',
    "no text": b'{"email": "\xff", "password": "' + SECRET.encode() + b'"}',
    "a form": b"email=a@b.c&password=" + SECRET.encode(),
    "field twice": b'{"email":"a@b.c","password":"x","password":"' + SECRET.encode() + b'"}',
    "two spellings": b'{"email":"a@b.c","password":"%s","is_admin":false,"isAdmin":true}'
    % SECRET.encode(),
    "surrogate as password": {"email": "a@b.c", "password": SECRET + "\ud800"},
    "too deep": b'{"email":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nothing": b"",
}


@pytest.mark.parametrize("document", FORMS.values(), ids=FORMS)
def test_bodies_of_another_form_are_refused_without_repeating_them(gateway, document):
    """422 or 400 names the field, never what was in it."""
    answer = post(gateway.admin, document)
    assert answer.status in {400, 422}
    assert {"detail"} == set(json.loads(answer.body))
    assert SECRET not in answer.body.decode()
    assert "a@b.c" not in emails(gateway)


def test_a_body_that_is_too_large_is_refused(strict, bare):
    """The gateway's own calls have the bound of MLflow's JSON calls."""
    for body in (b"x" * 100_001, iter([b"x" * 50_001] * 2)):
        answer = strict.admin.call("POST", "/v1/user", body, headers=JSON)
        assert (413, {"detail"}) == (answer.status, set(json.loads(answer.body)))
    assert [] == bare.heads


def test_an_error_of_the_api_has_its_shape(gateway):
    """Errors under `/v1` have `detail`, and a kind that is JSON."""
    answer = post(gateway.admin, {"email": USER, "password": PASSWORD})
    assert (409, {"detail"}) == (answer.status, set(json.loads(answer.body)))
    assert "application/json" == answer.one("content-type")


def test_who_am_i(gateway):
    """Each caller is told who they are."""
    for caller, email, is_admin in (
        (gateway.user, USER, False),
        (gateway.admin, ADMIN, True),
    ):
        expected = {"status": "SUCCESS", "data": me_of(email, is_admin=is_admin)}
        assert expected == json.loads(caller.call("GET", "/v1/me").body)


def test_the_state_of_the_service_needs_no_login(gateway):
    """Load balancers ask without a login; a wrong one changes nothing."""
    wrong = Caller(gateway.address, authorization=basic(USER, "wrong" + USER_PASSWORD))
    for caller in (gateway.anonymous, wrong):
        for path in ("/health", "/ready"):
            answer = caller.call("GET", path)
            assert (200, {"status": "SUCCESS"}) == (answer.status, json.loads(answer.body))


def test_answers_are_not_kept_by_caches(gateway):
    """What one caller may see must not be shown to another."""
    assert "no-store" == gateway.user.call("GET", "/v1/me").one("cache-control")


def test_an_account_named_like_a_path_can_be_used(gateway):
    """Quotes and other signs in a name do no harm."""
    name = "o'brien\"; DROP TABLE users; --@example.org"
    assert 200 == post(gateway.admin, {"email": name, "password": PASSWORD}).status
    me = Caller(gateway.address, authorization=basic(name, PASSWORD)).call("GET", "/v1/me")
    assert name == json.loads(me.body)["data"]["email"]


def test_the_body_of_a_call_that_takes_none_is_ignored(gateway):
    """A GET with a body is answered, and the connection stays in step."""
    with gateway.user.kept_open() as connection:
        for _ in range(2):
            assert 200 == gateway.user.send(connection, "GET", "/v1/me", b"{}").status


def test_a_name_is_no_call_of_mlflow_s(gateway):
    """A group may be called like the end of a path that is answered in MLflow's place."""
    name = "server-info"
    assert 200 == post(gateway.admin, {"name": name}, "/v1/group").status
    member = f"/v1/group/{name}/member/{name}"
    assert 404 == gateway.admin.call("PUT", member, b"{}", headers=JSON).status
    assert 200 == gateway.admin.call("DELETE", f"/v1/group/{name}").status
    groups = json.loads(gateway.admin.call("GET", "/v1/groups").body)["data"]
    assert name not in [group["name"] for group in groups]
    assert 400 == gateway.anonymous.call("GET", f"/invitation/{name}").status
