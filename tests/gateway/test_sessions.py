"""Sessions of browsers: the login page, what protects it, and the way out."""

import pytest

from gateway.browsing import Browser, csrf, header, received
from gateway.running import ADMIN, ADMIN_PASSWORD, USER, USER_PASSWORD, running_gateway
from gateway.wire import Caller, basic
from penstock.gateway.auth.session_cookie import NAME
from penstock.gateway.auth.throttle import Throttle
from servers import wait_until

CREATE = "/api/2.0/mlflow/experiments/create"
BODY = b'{"name": "x"}'
FILES = ("/penstock.css", "/penstock.svg")


@pytest.fixture
def browser(gateway):
    """A browser that has not been here yet."""
    return Browser(gateway.address)


@pytest.fixture
def logged_in(browser):
    """A browser with a session of the user."""
    assert 303 == browser.log_in(USER, USER_PASSWORD).status
    return browser


def test_a_browser_without_a_session_is_sent_to_the_login(browser):
    """With where it wanted to go; the start page needs no mention."""
    answer = browser.go("/experiments?a=1&b=%20")
    assert (302, "/login?next=/experiments%3Fa%3D1%26b%3D%2520") == (
        answer.status,
        header(answer, "location"),
    )
    assert "/login" == header(browser.go("/"), "location")


def test_a_program_never_is(gateway, browser):
    """It gets 401 in MLflow's shape; a page's script gets no challenge that opens a dialog."""
    for headers in ({}, {"accept": "application/json"}, {"accept": "*/*"}):
        answer = gateway.anonymous.call("GET", "/", headers=headers)
        assert 401 == answer.status
        assert header(answer, "www-authenticate").startswith("Basic ")
    wrong = Caller(gateway.address, authorization=basic(USER, "wrong"))
    assert 401 == wrong.call("GET", "/", headers={"accept": "text/html"}).status
    for script in ({"sec-fetch-mode": "cors"}, {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}):
        answer = browser.send(
            "GET", "/ajax-api/2.0/mlflow/experiments/search", headers={"accept": "*/*", **script}
        )
        assert (401, 'Bearer realm="Penstock"') == (
            answer.status,
            header(answer, "www-authenticate"),
        )
    assert 401 == browser.send("POST", CREATE, BODY, headers={"accept": "text/html"}).status


def test_a_login_leads_to_where_one_wanted_to_go(browser):
    """And the cookie that proves it is out of reach for scripts and foreign pages."""
    answer = browser.log_in(USER, USER_PASSWORD, next_target="/experiments?a=1")
    assert (303, "/experiments?a=1") == (answer.status, header(answer, "location"))
    cookie = received(answer)[NAME]
    assert (True, "lax", "/", "") == (
        cookie["httponly"],
        cookie["samesite"].lower(),
        cookie["path"],
        cookie["secure"],
    )
    assert 200 == browser.go("/experiments").status


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/\t/evil.example",
        "javascript:alert(1)", "/\n/evil", "\\/evil", "/é",
    ],
)  # fmt: skip
def test_a_login_leads_nowhere_else(browser, target):
    """Only to a path of this site."""
    answer = browser.log_in(USER, USER_PASSWORD, next_target=target)
    assert (303, "/") == (answer.status, header(answer, "location"))


def test_a_session_calls_mlflow_as_its_user(logged_in, recorder):
    """For reading and writing, from pages of this site."""
    answer = logged_in.send("GET", "/v1/me")
    assert f'"email":"{USER}"' in answer.body.decode()
    recorder.answer_with(200, b'{"experiment_id": "7"}')
    headers = {"origin": logged_in.origin, "content-type": "application/json"}
    assert 200 == logged_in.send("POST", CREATE, BODY, headers=headers).status
    assert [] == recorder.one().all(b"cookie")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/page"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_foreign_page_writes_nothing(logged_in, recorder, headers):
    """A browser would send the cookie along; without a word of our own origin it counts nothing."""
    headers = {**headers, "content-type": "application/json"}
    for path in (CREATE, "/v1/token", "/graphql"):
        assert 403 == logged_in.send("POST", path, BODY, headers=headers).status
    assert [] == recorder.seen


@pytest.mark.parametrize(
    "headers", [{"origin": "[own]"}, {"referer": "[own]/x"}, {"sec-fetch-site": "same-origin"}]
)
def test_a_page_of_ours_writes(logged_in, recorder, headers):
    """However the browser says so."""
    recorder.answer_with(200, b'{"experiment_id": "7"}')
    headers = {name: value.replace("[own]", logged_in.origin) for name, value in headers.items()}
    headers["content-type"] = "application/json"
    assert 200 == logged_in.send("POST", CREATE, BODY, headers=headers).status


@pytest.mark.parametrize(("email", "password"), [(USER, "wrong"), ("no@b.c", "x"), ("", "")])
def test_a_wrong_login_shows_the_form_again(browser, email, password):
    """With the name, without the password, and without a word on which of the two was wrong."""
    answer = browser.log_in(email, password)
    page = answer.body.decode()
    assert (401, NAME in browser.cookies) == (answer.status, False)
    assert "wrong account name or password" in page
    assert f'value="{email}"' in page


def test_a_logout_ends_the_session_itself(gateway, logged_in):
    """Not only the cookie: a copy of it is worth nothing."""
    copy = Browser(gateway.address)
    copy.cookies = dict(logged_in.cookies)
    assert 200 == copy.send("GET", "/v1/me").status
    answer = logged_in.submit("/logout", csrf_token=csrf(logged_in.go("/account")))
    assert (303, "/login") == (answer.status, header(answer, "location"))
    assert NAME not in logged_in.cookies
    assert 401 == copy.send("GET", "/v1/me").status


def test_a_foreign_page_logs_nobody_out(logged_in):
    """Nor does a link."""
    answer = logged_in.send("POST", "/logout", b"", headers={"origin": "https://evil.example"})
    assert 403 == answer.status
    assert 403 == logged_in.send("POST", "/logout", b"").status
    assert 403 == logged_in.submit("/logout", csrf_token="0" * 64).status
    assert 405 == logged_in.go("/logout").status
    assert 200 == logged_in.send("GET", "/v1/me").status


def test_a_session_ends_with_the_account_and_with_its_password(gateway, browser):
    """At once."""
    for number, change in enumerate(
        (
            lambda name: gateway.accounts.set_password(name, "another long secret"),
            lambda name: gateway.accounts.change(name, disabled=True),
            gateway.accounts.delete,
        )
    ):
        name = f"sara{number}@example.org"
        gateway.accounts.add(name, password=USER_PASSWORD)
        browser.cookies.clear()
        browser.log_in(name, USER_PASSWORD)
        assert 200 == browser.send("GET", "/v1/me").status
        change(name)
        assert 401 == browser.send("GET", "/v1/me").status


def test_a_session_ends_by_itself(upstream_address, tmp_path):
    """When its time is over, also where it was proven before."""
    with running_gateway(tmp_path, upstream_address.url) as gateway:
        gateway.app.parts.sessions._lifetime /= 43_200
        browser = Browser(gateway.address)
        browser.log_in(USER, USER_PASSWORD)
        assert 200 == browser.send("GET", "/v1/me").status
        wait_until(lambda: browser.send("GET", "/v1/me").status == 401, 5, what="the end")


def test_a_cookie_that_is_no_session_proves_nothing(gateway):
    """Nor one of too many."""
    browser = Browser(gateway.address)
    browser.log_in(USER, USER_PASSWORD)
    good = browser.cookies[NAME]
    for cookie in (
        f"{NAME}=",
        f"{NAME}={good[:-1]}",
        f"{NAME}={'a' * 5000}",
        "; ".join([f"{NAME}=other{number}" for number in range(4)] + [f"{NAME}={good}"]),
        f"__Host-{NAME}={good}",
        f"x{NAME}={good}",
        f"{NAME.upper()}={good}",
    ):
        answer = gateway.anonymous.call("GET", "/v1/me", headers={"cookie": cookie})
        assert 401 == answer.status
    as_header = Caller(gateway.address, authorization=good)
    assert 401 == as_header.call("GET", "/v1/me").status


def test_a_session_counts_also_where_a_neighbour_has_set_another_cookie(gateway, logged_in):
    """Over http every host of a domain can, and would log everybody out."""
    good = logged_in.cookies[NAME]
    for cookie in (f"{NAME}=x; {NAME}={good}", f"{NAME}={good}; {NAME}=x"):
        answer = gateway.anonymous.call("GET", "/v1/me", headers={"cookie": cookie})
        assert 200 == answer.status


def test_no_neighbour_sets_a_session_or_a_form_where_https_is_spoken(upstream_address, tmp_path):
    """A browser takes cookies of such names from the very host alone."""
    url = "https://mlflow.example.org"
    with running_gateway(tmp_path, upstream_address.url, public_url=url) as gateway:
        browser = Browser(gateway.address)
        assert 303 == browser.log_in(USER, USER_PASSWORD).status
        assert {"__Host-penstock_form", f"__Host-{NAME}"} == set(browser.cookies)
        assert 200 == browser.send("GET", "/v1/me").status
        planted = {"cookie": f"{NAME}={browser.cookies[f'__Host-{NAME}']}"}
        assert 401 == gateway.anonymous.call("GET", "/v1/me", headers=planted).status
        token = csrf(browser.go("/account"))
        assert 303 == browser.submit("/logout", csrf_token=token).status
        assert {"__Host-penstock_form"} == set(browser.cookies)


def test_a_proof_counts_before_a_session(logged_in):
    """A wrong one is refused, whatever the cookie says."""
    authorization = basic(ADMIN, ADMIN_PASSWORD)
    answer = logged_in.send("GET", "/v1/me", headers={"authorization": authorization})
    assert f'"email":"{ADMIN}"' in answer.body.decode()
    wrong = {"authorization": basic(ADMIN, "wrong")}
    assert 401 == logged_in.send("GET", "/v1/me", headers=wrong).status


def test_a_session_is_stored_nowhere(gateway, logged_in):
    """Only its hash: who reads the database cannot take it over."""
    with gateway.app.parts.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sessions").all()
    assert rows
    assert logged_in.cookies[NAME] not in repr(rows)


def test_another_password_is_set_at_the_account(gateway, browser):
    """With the current one; other browsers are out, this one stays in."""
    name = "tom@example.org"
    gateway.accounts.add(name, password=USER_PASSWORD)
    other = Browser(gateway.address)
    for one in (browser, other):
        one.log_in(name, USER_PASSWORD)
    new = "quite another secret"
    fields = {"csrf_token": csrf(browser.go("/account")), "password": new, "again": new}
    assert 403 == browser.submit("/account/password", **fields, current="wrong").status
    differ = {**fields, "again": new + "!", "current": USER_PASSWORD}
    assert 400 == browser.submit("/account/password", **differ).status
    short = {**fields, "password": "short", "again": "short", "current": USER_PASSWORD}
    assert 400 == browser.submit("/account/password", **short).status
    no_token = {**fields, "csrf_token": "", "current": USER_PASSWORD}
    assert 403 == browser.submit("/account/password", **no_token).status
    assert 303 == browser.submit("/account/password", **fields, current=USER_PASSWORD).status
    assert 200 == browser.send("GET", "/v1/me").status
    assert 401 == other.send("GET", "/v1/me").status
    assert 303 == other.log_in(name, new).status


def test_guesses_at_the_account_s_page_are_throttled(upstream_address, tmp_path):
    """As at the login, and the page says so."""
    with running_gateway(tmp_path, upstream_address.url, throttle=Throttle()) as gateway:
        browser = Browser(gateway.address)
        browser.log_in(USER, USER_PASSWORD)
        new = "quite another secret"
        fields = {"csrf_token": csrf(browser.go("/account")), "password": new, "again": new}
        answers = [
            browser.submit("/account/password", **fields, current=f"wrong {number}")
            for number in range(11)
        ]
        assert [403] * 10 + [429] == [answer.status for answer in answers]
        assert 0 < int(header(answers[-1], "retry-after"))
        assert "too many" in answers[-1].body.decode()


def test_a_logout_needs_no_young_form(logged_in):
    """The session is what its token follows from."""
    token = csrf(logged_in.go("/account"))
    del logged_in.cookies["penstock_form"]
    assert 303 == logged_in.submit("/logout", csrf_token=token).status


def test_who_is_logged_in_needs_no_login_page(logged_in):
    """It leads to the account; what follows leads on."""
    assert "/account" == header(logged_in.go("/login?next=/x"), "location")
    assert USER in logged_in.go("/account").body.decode()


def test_cookies_go_over_https_alone_where_it_is_spoken(upstream_address, tmp_path):
    """To the gateway's public address, or to a trusted proxy in front."""
    with running_gateway(
        tmp_path, upstream_address.url, trusted_proxies="127.0.0.0/8, ::1"
    ) as gateway:
        browser = Browser(gateway.address)
        plain = received(browser.go("/login"))
        answer = browser.send("GET", "/login", headers={"x-forwarded-proto": "https"})
        assert ["", True] == [
            next(iter(plain.values()))["secure"],
            next(iter(received(answer).values()))["secure"],
        ]
    with running_gateway(
        tmp_path, upstream_address.url, public_url="https://mlflow.example.org"
    ) as gateway:
        (cookie,) = received(Browser(gateway.address).go("/login")).values()
        assert cookie["secure"]


@pytest.mark.parametrize("path", ["/login", "/account", "/invitation/none", *FILES])
def test_pages_are_out_of_reach_for_others(logged_in, path):
    """No frame, no script, no cache; style sheet and icon alone may be kept."""
    answer = logged_in.go(path)
    assert "nosniff" == header(answer, "x-content-type-options")
    assert header(answer, "x-frame-options") == "SAMEORIGIN"
    if path not in {*FILES, "/login"}:
        assert "frame-ancestors 'none'" in header(answer, "content-security-policy")
        assert "no-store" == header(answer, "cache-control")


def test_what_users_have_uploaded_acts_as_nobody(logged_in, recorder):
    """Opened in a browser, an artifact is in a sandbox; MLflow's pages are not."""
    recorder.answer_with(200, b"<script>", [(b"content-type", b"text/html")])
    assert header(logged_in.go("/"), "content-security-policy") is None
    admin = {"authorization": basic(ADMIN, ADMIN_PASSWORD)}
    for path in ("/get-artifact?run_id=a&path=b", "/api/2.0/mlflow-artifacts/artifacts/1/x"):
        answer = logged_in.send("GET", path, headers=admin)
        assert (200, "sandbox") == (answer.status, header(answer, "content-security-policy"))
