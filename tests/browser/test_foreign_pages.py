"""What foreign pages and uploaded ones try with a visitor's session: nothing comes of it."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import uvicorn
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from browser.chromium import OTHER_NAME
from browser.residents import PASSWORD, V2, under
from gateway.threads import serving

FORM = """<!doctype html><title>form</title>
<form id="f" method="post" enctype="%(enctype)s" action="%(action)s">
<input name="%(name)s" value="%(value)s"></form>
<script>document.getElementById("f").submit()</script>"""

FETCH = """<!doctype html><title>fetch</title><script>
const ask = (type) => fetch("%(action)s", {method: "POST", credentials: "include",
  mode: type === "text/plain" ? "no-cors" : "cors", headers: {"content-type": type},
  body: %(body)s});
Promise.allSettled([ask("text/plain"), ask("application/json")])
  .then(() => { document.title = "tried" });
</script>"""

UPLOADED = """<!doctype html><title>report</title><p id="p">not yet</p><script>
const ask = (type) => fetch("%(action)s", {method: "POST", credentials: "include",
  mode: "no-cors", headers: {"content-type": type}, body: %(body)s});
Promise.allSettled([ask("text/plain"), ask("application/json")])
  .then(() => { document.getElementById("p").textContent = "tried" });
</script>"""


class Stranger:
    """A site of somebody else's, whose one page changes from test to test."""

    def __init__(self) -> None:
        self.content = ""

    async def show(self, _request):
        return HTMLResponse(self.content)


@pytest.fixture(scope="module")
def stranger() -> Iterator[tuple[Stranger, str]]:
    site = Stranger()
    app = Starlette(routes=[Route("/", site.show)])
    with serving(uvicorn.Config(app, log_level="warning")) as address:
        yield site, address.url


@pytest.fixture
def visitor(person, resident):
    """The resident, who has logged in."""
    person.go("/login?next=/account")
    person.log_in(resident.email, PASSWORD)
    expect(person.page.get_by_role("heading", name=resident.email)).to_be_visible()
    return person


def escaped(text):
    return text.replace("&", "&amp;").replace('"', "&quot;")


def tag(resident):
    """Return the body that would write a tag to the resident's run."""
    return json.dumps({"run_id": resident.run_id, "key": "stolen", "value": "yes"})


@pytest.mark.parametrize("name", ["127.0.0.1", OTHER_NAME])
def test_a_foreign_form_changes_nothing(visitor, resident, stranger, name):
    """Neither a tag, nor the password, nor the session: also from this machine's other ports."""
    site, url = stranger
    head, tail = tag(resident).removesuffix("}") + ', "x": "', '"}'
    urlencoded = "application/x-www-form-urlencoded"
    for path, enctype, field, value in (
        (f"{V2}/runs/set-tag", "text/plain", head, tail),
        (f"/ajax-api/2.0/mlflow/runs/delete?run_id={resident.run_id}", urlencoded, "a", "b"),
        ("/account/password", urlencoded, "password", "the stranger's choice"),
        ("/logout", urlencoded, "a", "b"),
    ):
        site.content = FORM % {
            "enctype": enctype,
            "action": visitor.url + path,
            "name": escaped(field),
            "value": escaped(value),
        }
        with visitor.page.expect_response(visitor.url + path) as answer:
            visitor.page.goto(under(url, name))
        assert answer.value.status in {401, 403, 415}, path
    assert "stolen" not in resident.tags()
    visitor.go("/account")
    expect(visitor.page.get_by_role("heading", name=resident.email)).to_be_visible()


@pytest.mark.parametrize("name", ["127.0.0.1", OTHER_NAME])
def test_a_foreign_script_changes_nothing(visitor, resident, stranger, name):
    """It writes nothing, with a cookie that the browser sends along, too, and reads nothing."""
    site, url = stranger
    action = f"{visitor.url}{V2}/runs/set-tag"
    site.content = FETCH % {"action": action, "body": json.dumps(tag(resident))}
    with visitor.page.expect_response(action) as answer:
        visitor.page.goto(under(url, name))
    assert 403 == answer.value.status
    expect(visitor.page).to_have_title("tried")
    reading = f"{visitor.url}{V2}/runs/get?run_id={resident.run_id}"
    read = visitor.page.evaluate(
        "url => fetch(url, {credentials: 'include'}).then(a => a.text()).catch(() => 'nothing')",
        reading,
    )
    assert "nothing" == read
    assert "stolen" not in resident.tags()


def test_no_foreign_page_frames_the_account(visitor, stranger):
    """What is in a frame can be clicked by mistake."""
    site, url = stranger
    site.content = f'<!doctype html><iframe src="{visitor.url}/account"></iframe>'
    visitor.page.goto(url)
    (frame,) = visitor.page.main_frame.child_frames
    assert "Log out" not in frame.locator("body").inner_text()
    assert any("frame" in one for one in visitor.complaints)


def test_an_uploaded_page_cannot_act_as_its_reader(visitor, resident):
    """MLflow's pages show it, its script runs, and writes nothing; by its address it is a file."""
    action = f"{visitor.url}{V2}/runs/set-tag"
    page = UPLOADED % {"action": action, "body": json.dumps(tag(resident))}
    resident.upload("report.html", page.encode())
    visitor.go(f"{resident.run_path}/artifacts/report.html")
    shown = visitor.page.frame_locator("iframe")
    expect(shown.locator("#p")).to_have_text("tried")
    assert "stolen" not in resident.tags()
    path = f"/get-artifact?path={quote('report.html')}&run_uuid={resident.run_id}"
    with visitor.page.expect_download() as download:
        visitor.page.evaluate("path => { location.href = path }", path)
    assert page == download.value.path().read_text()
    assert "stolen" not in resident.tags()
