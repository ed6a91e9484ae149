"""A person's visit: in at the login, to MLflow's own pages, and out again."""

import re

import pytest
from playwright.sync_api import expect

from browser.chromium import OTHER_NAME
from browser.residents import PASSWORD, V2, administrator, under
from servers import wait_until

STATUS = re.compile(r"status of (\d+)")
OWN_PAGE = re.compile(r"/(login|account|invitation|penstock)")


@pytest.fixture(params=["127.0.0.1", OTHER_NAME])
def somebody(request, seat, stack):
    """Somebody who knows the gateway by its number, or by a name that is not localhost."""
    return seat(under(stack.gateway_url, request.param))


def own(complaints):
    """Return what the browser says about the gateway's pages; MLflow's have their own to say."""
    return [one for one in complaints if OWN_PAGE.search(one)]


def written_by(stack, email, run_id):
    """Return how the audit names the writes of a user to a run."""
    path = f"/v1/audit?actor={email}&target=run:{run_id}"
    return [one["action"] for one in administrator(stack).ask("GET", path)["data"]]


def test_a_visit(somebody, seat, stack, resident):
    """A wrong password, the page one wanted, a note, the way out: no copy of the cookie works."""
    page = somebody.page
    somebody.go(resident.run_path)
    expect(page).to_have_title("Log in · Penstock")
    somebody.log_in(resident.email, "not the password")
    expect(page.get_by_role("alert")).to_have_text("wrong account name or password")
    expect(page.get_by_label("Account")).to_have_value(resident.email)
    somebody.log_in(resident.email, PASSWORD)
    expect(page.get_by_role("heading", name=resident.run_name)).to_be_visible()
    assert somebody.url + resident.run_path == page.url

    page.get_by_role("button", name="Edit description").click()
    page.get_by_test_id("text-area").fill("Checked **by hand**.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("by hand", exact=True)).to_be_visible()
    tags = resident.tags()
    assert "Checked **by hand**." == tags["mlflow.note.content"]
    assert resident.email == tags["mlflow.user"]
    audited = wait_until(lambda: written_by(stack, resident.email, resident.run_id))
    assert f"POST /ajax-api{V2.removeprefix('/api')}/runs/set-tag" in audited

    copied = somebody.cookies()
    thief = seat(somebody.url, cookies=copied)
    thief.go(resident.run_path)
    expect(thief.page.get_by_role("heading", name=resident.run_name)).to_be_visible()
    somebody.log_out()
    for left in (somebody, thief):
        assert 401 == left.fetch_status(f"/ajax-api/2.0/mlflow/runs/get?run_id={resident.run_id}")
        left.page.reload()
        expect(left.page).to_have_title("Log in · Penstock")
    assert ["401"] == [status for one in own(somebody.complaints) for status in STATUS.findall(one)]


def test_who_goes_to_the_login_again_finds_the_account(person, resident):
    """With a way to MLflow and a way out, and nothing to complain about."""
    person.go("/login?next=/account")
    person.log_in(resident.email, PASSWORD)
    expect(person.page.get_by_role("heading", name=resident.email)).to_be_visible()
    person.go("/login")
    assert f"{person.url}/account" == person.page.url
    expect(person.page.get_by_role("link", name="Open MLflow")).to_be_visible()
    assert [] == person.complaints


def test_another_password_ends_the_other_sessions(seat, stack, resident):
    """Not the one that sets it; a wrong current password, and two that differ, change nothing."""
    here, there = seat(stack.gateway_url), seat(stack.gateway_url)
    for one in (here, there):
        one.go("/account")
        one.log_in(resident.email, PASSWORD)
    page, new = here.page, "quite another secret"
    for current, again, said in (
        ("wrong", new, "wrong account name or password"),
        (PASSWORD, "not the same at all", "the two passwords differ"),
        (PASSWORD, new, ""),
    ):
        page.get_by_label("Current password").fill(current)
        page.get_by_label("New password, at least 10 characters").fill(new)
        page.get_by_label("New password again").fill(again)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("alert")).to_have_text(said or [])
    here.go("/account")
    expect(page.get_by_role("heading", name=resident.email)).to_be_visible()
    there.go("/account")
    expect(there.page).to_have_title("Log in · Penstock")
    there.log_in(resident.email, new)
    expect(there.page.get_by_role("heading", name=resident.email)).to_be_visible()


def test_an_invitation_is_accepted(seat, stack):
    """The invited set a password and are in; the link works once."""
    invited = administrator(stack).ask("POST", "/v1/user", {"email": "ines@example.org"})
    path = "/invitation/" + invited["data"]["invitation"].rpartition("/")[2]
    person = seat(stack.gateway_url)
    person.go(path)
    expect(person.page.get_by_text("ines@example.org")).to_be_visible()
    person.page.get_by_label("Password, at least 10 characters").fill(PASSWORD)
    person.page.get_by_label("Password again").fill(PASSWORD)
    person.page.get_by_role("button", name="Set password and log in").click()
    expect(person.page.get_by_role("heading", name="Welcome to MLflow", exact=True)).to_be_visible()
    person.go("/account")
    expect(person.page.get_by_role("heading", name="ines@example.org")).to_be_visible()
    late = seat(stack.gateway_url)
    late.go(path)
    expect(late.page.get_by_role("heading", name="That did not work")).to_be_visible()
