"""Numbers for Prometheus."""

import re

from gateway.browsing import Browser, csrf, header
from gateway.running import USER, USER_PASSWORD, running_gateway
from gateway.wire import Caller, basic

TOKEN = "a token for scraping"


def number(page: str, line: str) -> float:
    """Return the number of one line, 0 where there is none."""
    found = re.search(rf"^{re.escape(line)} (\S+)$", page, flags=re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_requests_are_counted_by_row_and_status(gateway):
    """By the row's template, not by what a request names: labels are few and hold nobody."""
    line = 'penstock_requests_total{method="GET",route="/v1/me",status="200"}'
    before = number(gateway.anonymous.call("GET", "/metrics").body.decode(), line)
    for _ in range(3):
        gateway.user.call("GET", "/v1/me")
    gateway.user.call("GET", "/api/2.0/mlflow-artifacts/artifacts/secret-name")
    gateway.user.call("GET", "/no/such/secret-name")
    wrong = Caller(gateway.address, authorization=basic(USER, "wrong"))
    wrong.call("GET", "/v1/me")
    answer = gateway.anonymous.call("GET", "/metrics")
    page = answer.body.decode()
    assert header(answer, "content-type").startswith("text/plain; version=1.0.0")
    assert before + 3 == number(page, line)
    assert number(page, "penstock_failed_logins_total") >= 1
    assert number(page, 'penstock_request_seconds_count{home="gateway"}') >= 3
    assert number(page, "process_resident_memory_bytes") > 1_000_000
    assert "secret-name" not in page
    assert USER not in page


def test_failed_logins_are_counted_wherever_they_fail(gateway):
    """By a header, at the login page, and where the current password is asked for."""
    line = "penstock_failed_logins_total"
    before = number(gateway.anonymous.call("GET", "/metrics").body.decode(), line)
    Caller(gateway.address, authorization=basic(USER, "wrong")).call("GET", "/v1/me")
    browser = Browser(gateway.address)
    assert 401 == browser.log_in(USER, "wrong").status
    browser.log_in(USER, USER_PASSWORD)
    fields = {"csrf_token": csrf(browser.go("/account")), "current": "wrong"}
    assert 403 == browser.submit("/account/password", **fields, password="x", again="x").status
    body = b'{"password": "a new long secret", "current": "wrong"}'
    path, headers = f"/v1/user/{USER}/password", {"content-type": "application/json"}
    assert 403 == gateway.user.call("PUT", path, body, headers=headers).status
    page = gateway.anonymous.call("GET", "/metrics").body.decode()
    assert before + 4 == number(page, line)


def test_a_token_guards_them_where_one_is_set(upstream_address, tmp_path):
    """No login is enough then, but the very token; it stands in no other answer."""
    with running_gateway(tmp_path, upstream_address.url, metrics_token=TOKEN) as gateway:
        scraper = Caller(gateway.address, authorization=f"Bearer {TOKEN}")
        assert 200 == scraper.call("GET", "/metrics").status
        for authorization in (None, f"Bearer {TOKEN}x", f"bearer{TOKEN}", "Bearer ", "Basic x"):
            who = Caller(gateway.address, authorization=authorization)
            answer = who.call("GET", "/metrics")
            assert 401 == answer.status
            assert TOKEN not in answer.body.decode()
        assert 401 == gateway.admin.call("GET", "/metrics").status
        assert 401 == scraper.call("GET", "/v1/me").status
