"""Accounts without a password: invitations to set one, and service accounts."""

import json
from typing import Any

import pytest

from gateway.browsing import Browser, csrf, header
from gateway.running import Gateway, running_gateway
from gateway.wire import Caller, basic
from servers import wait_until

JSON = {"content-type": "application/json"}
PASSWORD = "an invited one's secret"


def post(who: Caller, path: str, document: object) -> Any:
    answer = who.call("POST", path, json.dumps(document).encode(), headers=JSON)
    assert 200 == answer.status, answer.body
    return json.loads(answer.body)


def invite(gateway: Gateway, email: str) -> str:
    """Make an account without a password and return the path of its invitation."""
    made = post(gateway.admin, "/v1/user", {"email": email})
    link = made["data"]["invitation"]
    assert link.startswith(f"{gateway.address.url}/invitation/")
    return link.removeprefix(gateway.address.url)


def accept(browser: Browser, path: str, password: str = PASSWORD, again: str | None = None) -> Any:
    token = csrf(browser.go(path))
    fields = {"password": password, "again": password if again is None else again}
    return browser.submit(path, csrf_token=token, **fields)


def test_the_invited_set_their_own_password(gateway):
    """Once; then they are logged in, here and with what they chose."""
    path = invite(gateway, "ines@example.org")
    browser = Browser(gateway.address)
    assert "ines@example.org" in browser.go(path).body.decode()
    answer = accept(browser, path)
    assert (303, "/") == (answer.status, header(answer, "location"))
    assert 200 == browser.send("GET", "/v1/me").status
    program = Caller(gateway.address, authorization=basic("ines@example.org", PASSWORD))
    assert 200 == program.call("GET", "/v1/me").status
    assert 400 == Browser(gateway.address).go(path).status
    again = Browser(gateway.address)
    token = csrf(again.go("/login"))
    fields = {"password": "x" * 12, "again": "x" * 12, "csrf_token": token}
    assert 400 == again.submit(path, **fields).status
    assert 200 == program.call("GET", "/v1/me").status


def test_until_then_nobody_logs_in(gateway):
    """Neither without a password nor with the name as one."""
    invite(gateway, "ivo@example.org")
    for password in ("", "ivo@example.org", "None", "null"):
        who = Caller(gateway.address, authorization=basic("ivo@example.org", password))
        assert 401 == who.call("GET", "/v1/me").status


@pytest.mark.parametrize(
    ("password", "again", "status"),
    [
        ("short", "short", 400),
        (PASSWORD, PASSWORD + "!", 400),
        ("irma@example.org", "irma@example.org", 400),
        ("pst_and-some-more", "pst_and-some-more", 400),
    ],
)
def test_a_bad_password_leaves_the_invitation_open(gateway, password, again, status):
    """The page says why, and shows the form again."""
    if not any(one.email == "irma@example.org" for one in gateway.accounts.list_users()):
        invite(gateway, "irma@example.org")
    made = post(gateway.admin, "/v1/user/irma@example.org/invitation", {})
    path = made["data"]["invitation"].removeprefix(gateway.address.url)
    browser = Browser(gateway.address)
    answer = accept(browser, path, password, again)
    assert status == answer.status
    assert 'class="error"' in answer.body.decode()
    assert (
        password not in answer.body.decode() or password in answer.body.decode().split("strong")[1]
    )
    assert 200 == browser.go(path).status


def test_another_invitation_ends_the_one_before(gateway):
    """And sets a forgotten password anew, which ends what was open under the old one."""
    name = "ilse@example.org"
    first = invite(gateway, name)
    browser = Browser(gateway.address)
    assert 303 == accept(browser, first).status
    second, third = (
        post(gateway.admin, f"/v1/user/{name}/invitation", {})["data"]["invitation"].removeprefix(
            gateway.address.url
        )
        for _ in range(2)
    )
    other = Browser(gateway.address)
    assert 400 == other.go(second).status
    assert 303 == accept(other, third, "quite another secret").status
    assert 401 == browser.send("GET", "/v1/me").status


def test_an_invitation_is_for_administrators_to_give(gateway):
    """To those who exist."""
    for who, email, status in (
        (gateway.user, "irma@example.org", 403),
        (gateway.anonymous, "irma@example.org", 401),
        (gateway.admin, "nobody@example.org", 404),
    ):
        path = f"/v1/user/{email}/invitation"
        assert status == who.call("POST", path, b"{}", headers=JSON).status


def test_a_disabled_account_is_not_let_in_by_an_invitation(gateway):
    """It is over as long as the account is disabled."""
    path = invite(gateway, "ida@example.org")
    gateway.accounts.change("ida@example.org", disabled=True)
    assert 400 == Browser(gateway.address).go(path).status
    gateway.accounts.change("ida@example.org", disabled=False)
    assert 303 == accept(Browser(gateway.address), path).status


def test_an_invitation_ends_by_itself_and_is_stored_nowhere(upstream_address, tmp_path):
    """After the time of the setting; the database knows its hash alone."""
    with running_gateway(tmp_path, upstream_address.url) as gateway:
        gateway.app.parts.invitations._lifetime /= 604_800 / 2
        path = invite(gateway, "ina@example.org")
        with gateway.app.parts.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT * FROM invitations").all()
        assert rows
        assert path.rpartition("/")[2] not in repr(rows)
        browser = Browser(gateway.address)
        assert 200 == browser.go(path).status
        wait_until(lambda: browser.go(path).status == 400, 6, what="the end of the invitation")


def test_a_foreign_page_sets_nobodys_password(gateway):
    """The form must be ours."""
    path = invite(gateway, "ian@example.org")
    browser = Browser(gateway.address)
    token = csrf(browser.go(path))
    fields = {"password": PASSWORD, "again": PASSWORD}
    assert 403 == browser.submit(path, **fields, csrf_token="").status
    assert 403 == Browser(gateway.address).submit(path, **fields, csrf_token=token).status
    assert 303 == browser.submit(path, **fields, csrf_token=token).status


def test_the_link_names_the_public_address(upstream_address, tmp_path):
    """Where one is set; a caller's `Host` does not count then."""
    public = "https://mlflow.example.org"
    with running_gateway(tmp_path, upstream_address.url, public_url=public) as gateway:
        made = post(gateway.admin, "/v1/user", {"email": "a@b.c"})
        assert made["data"]["invitation"].startswith(f"{public}/invitation/")


def test_a_service_account_lives_by_tokens(gateway):
    """It has no password and no invitation; administrators make its tokens."""
    made = post(gateway.admin, "/v1/user", {"email": "robot", "service_account": True})
    assert ["status", "message"] == list(made)
    token = post(gateway.admin, "/v1/token", {"name": "ci", "user": "robot"})["data"]["token"]
    who = Caller(gateway.address, authorization=f"Bearer {token}")
    assert "robot" == json.loads(who.call("GET", "/v1/me").body)["data"]["email"]


def test_another_password_ends_the_invitations(gateway):
    """A link that went astray must not undo it."""
    path = invite(gateway, "isa@example.org")
    gateway.accounts.set_password("isa@example.org", "the administrator's choice")
    assert 400 == Browser(gateway.address).go(path).status
