"""Forms of the gateway's pages: read with bounds, and only from those pages."""

import pytest

from gateway.browsing import Browser, csrf, header
from gateway.running import USER, USER_PASSWORD
from gateway.wire import connected, read_until, status
from penstock.gateway.auth.session_cookie import NAME

FORM = "application/x-www-form-urlencoded"
FRAMINGS = [
    (b"Content-Length: 9", b"email=a"),
    (b"Transfer-Encoding: chunked", b"7\r\nemail=a\r\n"),
]


@pytest.fixture
def browser(gateway):
    """A browser that has not been here yet."""
    return Browser(gateway.address)


def test_a_login_form_must_be_ours(gateway, browser):
    """A foreign page can neither read the hidden token nor set the cookie that it follows from."""
    token = csrf(browser.go("/login"))
    fields = {"email": USER, "password": USER_PASSWORD, "next": "/"}
    for wrong in (
        "",
        "0" * 64,
        token[:-1],
        token + "0",
        "\ud800".encode("utf-8", "replace").decode(),
    ):
        assert 403 == browser.submit("/login", **fields, csrf_token=wrong).status
    other = Browser(gateway.address)
    assert 403 == other.submit("/login", **fields, csrf_token=token).status
    other.go("/login")
    assert 403 == other.submit("/login", **fields, csrf_token=token).status
    assert NAME not in browser.cookies
    assert 303 == browser.submit("/login", **fields, csrf_token=token).status


def test_what_the_form_brings_is_shown_as_text(browser):
    """A name is no markup."""
    page = browser.log_in('"><script>alert(1)</script>', "x").body.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<script" not in browser.go("/login?next=/%22%3E%3Cscript%3E").body.decode()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"email=a&email=b", FORM, 400),
        (b"email=%ff", FORM, 400),
        (b"\xff", FORM, 400),
        (b"a=" + b"x" * 20_000, FORM, 413),
        (b"&".join(b"f%d=1" % n for n in range(30)), FORM, 400),
        (b"", FORM, 403),
    ],
)
def test_a_malformed_form_is_refused(browser, body, content_type, status):
    """With a page that says what is wrong."""
    browser.go("/login")
    headers = {"origin": browser.origin, "content-type": content_type}
    answer = browser.send("POST", "/login", body, headers=headers)
    assert (status, "text/html; charset=utf-8") == (answer.status, header(answer, "content-type"))


@pytest.mark.parametrize(("framing", "part"), FRAMINGS)
def test_a_form_that_pauses_too_long_is_refused(strict, framing, part):
    """Nobody holds a connection by half a form, logged in or not."""
    with connected(strict.address) as connection:
        connection.sendall(begun(strict.address.url, framing) + part)
        assert 408 == status(read_until(connection, b"</html>"))


@pytest.mark.parametrize(("framing", "part"), FRAMINGS)
def test_a_form_whose_sender_leaves_is_no_defect(gateway, caplog, framing, part):
    """Anybody can do that as often as they like: it leaves nothing in the log."""
    with connected(gateway.address) as connection:
        connection.sendall(begun(gateway.address.url, framing) + part)
    gateway.wait_until_idle()
    assert 200 == gateway.anonymous.call("GET", "/health").status  # the server has logged by now
    assert [] == caplog.records


def begun(origin: str, framing: bytes) -> bytes:
    """Return the head of a form that is sent to the login."""
    lines = [
        b"POST /login HTTP/1.1",
        b"Host: " + origin.removeprefix("http://").encode(),
        b"Content-Type: " + FORM.encode(),
        framing,
    ]
    return b"\r\n".join([*lines, b"", b""])
