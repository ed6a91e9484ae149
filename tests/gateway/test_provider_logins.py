"""Logins of browsers by way of a provider that says what a test wants."""

import base64
import html
import json
from typing import Any
from urllib.parse import quote

import pytest

from gateway.cookie_browser import Browser, Page
from gateway.running import ADMIN, USER, Gateway, running_gateway
from gateway.tiny_provider import Asked, Issuer, TinyProvider
from issuer import claims, signed, signed_with_public_key, unsigned

SECRET = "the gateway's secret: 100% & ü"
SESSION, FLOW = "penstock_session", "penstock_login"


@pytest.fixture(scope="module")
def issuer(provider_address) -> Issuer:
    return Issuer(provider_address, "corp")


@pytest.fixture(scope="module")
def gateway(issuer, provider_address, upstream_address, tmp_path_factory):
    programs = Issuer(provider_address, "programs").settings(client_id="", audience="penstock")
    public = Issuer(provider_address, "public").settings(create_users=True)
    corp = issuer.settings(
        create_users=True, create_groups=True, client_secret=SECRET, label="Corp <b>"
    )
    folder = tmp_path_factory.mktemp("logins")
    with running_gateway(folder, upstream_address.url, oidc=(corp, programs, public)) as running:
        yield running


class Login:
    """One login, step by step."""

    def __init__(self, gateway: Gateway, provider: TinyProvider, issuer: Issuer) -> None:
        self.gateway = gateway.address.url
        self.provider = provider
        self.issuer = issuer
        self.browser = Browser()

    def begin(self, target: str = "") -> Page:
        """Ask for the login, and return where it leads."""
        url = f"{self.gateway}/login/oidc/{self.issuer.name}"
        return self.browser.get(url + (f"?next={quote(target)}" if target else ""))

    def vouch(self, asked: dict[str, str], **others: Any) -> None:
        """Let the provider give out a good ID token, with other claims."""
        told = {"email": "ben@example.org", "groups": [], "nonce": asked["nonce"], **others}
        content = claims(**{"iss": self.issuer.url, "aud": "penstock", **told})
        self.provider.token_answer = {"id_token": signed(content), "access_token": "opaque"}

    def come_back(self, browser: Browser | None = None, **answer: str) -> Page:
        """Bring this back from the provider."""
        query = "&".join(f"{name}={quote(value)}" for name, value in answer.items())
        url = f"{self.gateway}/login/oidc/{self.issuer.name}/callback?{query}"
        return (browser or self.browser).get(url)

    def token_request(self) -> Asked:
        """Return what the provider was asked in exchange for the code."""
        (asked,) = [one for one in self.provider.asked if one.path.endswith("/token")]
        return asked


@pytest.fixture
def login(gateway, provider, issuer) -> Login:
    return Login(gateway, provider, issuer)


def says(page: Page) -> str:
    """Return what a page says that refuses something."""
    assert "text/html" in page.headers["content-type"]
    assert "Traceback" not in page.text
    return html.unescape(page.text)


def refused(login: Login, page: Page, status: int = 403) -> str:
    """Return what a refused login was told; nobody is logged in."""
    assert (status, False) == (page.status, login.browser.has_cookie(SESSION))
    assert 401 == login.browser.ask(f"{login.gateway}/v1/me").status
    return says(page)


def test_a_browser_logs_in(login):
    """It is sent there with all that keeps the way back safe, and comes back as somebody."""
    departure = login.begin("/#/experiments/1")
    assert (303, "no-store") == (departure.status, departure.headers["cache-control"])
    assert departure.location.startswith(f"{login.issuer.url}/authorize?from=penstock&")
    asked = departure.query
    callback = f"{login.gateway}/login/oidc/corp/callback"
    assert ("code", "penstock", callback, "S256") == (
        asked["response_type"],
        asked["client_id"],
        asked["redirect_uri"],
        asked["code_challenge_method"],
    )
    login.vouch(asked, groups=["Data Team"])
    arrival = login.come_back(state=asked["state"], code="c0de")
    assert (303, f"{login.gateway}/#/experiments/1") == (arrival.status, arrival.location)
    me = json.loads(login.browser.ask(f"{login.gateway}/v1/me").text)["data"]
    assert ("ben@example.org", ["Data Team"]) == (me["email"], me["groups"])
    assert not login.browser.has_cookie(FLOW)


def test_the_code_is_exchanged_with_the_verifier_and_the_secret(login):
    """Once, by HTTP Basic, whatever characters the secret has."""
    asked = login.begin().query
    login.vouch(asked)
    login.come_back(state=asked["state"], code="c0de")
    request = login.token_request()
    scheme, _, pair = request.headers["authorization"].partition(" ")
    assert ("Basic", b"penstock:the+gateway%27s+secret%3A+100%25+%26+%C3%BC") == (
        scheme,
        base64.b64decode(pair),
    )
    assert ("authorization_code", "c0de", asked["redirect_uri"]) == (
        request.fields["grant_type"],
        request.fields["code"],
        request.fields["redirect_uri"],
    )
    assert "client_secret" not in request.fields
    assert 43 == len(request.fields["code_verifier"])


def test_a_secret_may_travel_in_the_form(upstream_address, provider, issuer, tmp_path):
    """Where a provider takes it in no other way."""
    provider.told = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    settings = issuer.settings(create_users=True, client_secret=SECRET)
    with running_gateway(tmp_path, upstream_address.url, oidc=(settings,)) as gateway:
        login = Login(gateway, provider, issuer)
        asked = login.begin().query
        login.vouch(asked)
        assert 303 == login.come_back(state=asked["state"], code="c").status
        request = login.token_request()
    assert ("penstock", SECRET) == (request.fields["client_id"], request.fields["client_secret"])
    assert "authorization" not in request.headers


def test_a_public_client_has_no_secret(gateway, provider, provider_address):
    """The verifier alone stands for it."""
    login = Login(gateway, provider, Issuer(provider_address, "public"))
    asked = login.begin().query
    login.vouch(asked, email="public@example.org")
    assert 303 == login.come_back(state=asked["state"], code="c").status
    request = login.token_request()
    assert ("penstock", False) == (request.fields["client_id"], "authorization" in request.headers)


def test_the_cookie_of_a_login_is_the_browser_s_secret(login):
    """No script reads it, no foreign page sends it with a write, and it is over soon."""
    cookie = login.begin()
    (line,) = [one for one in cookie.headers.get_all("set-cookie") if one.startswith(FLOW)]
    flags = {part.strip().lower() for part in line.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=600"} <= flags
    asked = cookie.query
    assert asked["state"] not in line
    assert asked["nonce"] not in line


def test_behind_https_the_cookies_are_secure(upstream_address, provider, issuer, tmp_path):
    """And the provider sends the browser back to the public address."""
    settings = (issuer.settings(),)
    public = "https://ml.example.org"
    with running_gateway(
        tmp_path, upstream_address.url, oidc=settings, public_url=public
    ) as gateway:
        departure = Login(gateway, provider, issuer).begin()
    assert f"{public}/login/oidc/corp/callback" == departure.query["redirect_uri"]
    (line,) = departure.headers.get_all("set-cookie")
    assert line.startswith("__Host-penstock_login=")
    assert "secure" in line.lower()


@pytest.mark.parametrize(
    "target", ["//evil.example.org", "https://evil.example.org", "/\\evil", "x", "/" + "a" * 2000]
)
def test_a_login_leads_nowhere_else(login, target):
    """What is no short path here leads to the first page."""
    asked = login.begin(target).query
    login.vouch(asked)
    arrival = login.come_back(state=asked["state"], code="c")
    assert (303, "/") == (arrival.status, arrival.headers["location"])


def test_the_login_page_offers_the_providers(login):
    """Those where browsers can log in, by the names that people know, on to where they wanted."""
    page = login.browser.get(f"{login.gateway}/login?next=/a%3Fb%3D1%26c").text
    assert "Log in with Corp &lt;b&gt;" in page
    assert "Log in with public" in page
    assert "programs" not in page
    assert 'href="/login/oidc/corp?next=/a%3Fb%3D1%26c"' in page


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"nonce": "another"}, "answer to another one"),
        ({"nonce": None}, "answer to another one"),
        ({"aud": "somebody-else"}, "another audience"),
        ({"aud": ["penstock", "somebody-else"]}, "which application"),
        ({"azp": "somebody-else"}, "another application"),
        ({"iss": "https://evil.example.org"}, "another issuer"),
        ({"exp": 1}, "has expired"),
        ({"iat": None}, "when it was made"),
        ({"email": None}, "no account"),
        ({"email_verified": False}, "no account"),
        ({"email": USER, "email_verified": True}, "no account"),
        ({"email": ADMIN, "email_verified": True}, "no account"),
    ],
)
def test_a_login_that_the_provider_does_not_vouch_for_is_refused(login, others, why):
    """With a page that says why, as far as that is the caller's business."""
    asked = login.begin().query
    login.vouch(asked, sub="somebody", **others)
    login.provider.person = {"sub": "somebody"}
    assert why in refused(login, login.come_back(state=asked["state"], code="c"))


@pytest.mark.parametrize("forge", [unsigned, signed_with_public_key])
def test_a_forged_id_token_is_refused(login, provider, forge):
    """Also from the provider's own endpoint."""
    asked = login.begin().query
    content = claims(iss=login.issuer.url, nonce=asked["nonce"], email="mallory@example.org")
    provider.token_answer = {"id_token": forge(content)}
    assert "not signed" in refused(login, login.come_back(state=asked["state"], code="c"))


def test_a_login_that_was_begun_elsewhere_is_refused(login, gateway, provider, issuer):
    """Without the cookie, with that of another login, or with another state."""
    asked = login.begin().query
    login.vouch(asked)
    other = Login(gateway, provider, issuer)
    assert "begin again" in refused(other, other.come_back(state=asked["state"], code="c"))
    other.begin()
    assert "begin again" in refused(other, other.come_back(state=asked["state"], code="c"))
    for state in ("", asked["state"][:-1], asked["nonce"], "é"):
        assert "begin again" in refused(login, login.come_back(state=state, code="c"))
    assert "begin again" in refused(login, login.come_back(code="c"))
    assert 0 == provider.count("/token")
    assert 303 == login.come_back(state=asked["state"], code="c").status


def test_a_login_cannot_be_repeated(login, gateway, provider, issuer):
    """Not even with the cookie: somebody may have looked into the history."""
    asked = login.begin().query
    login.vouch(asked)
    thief = Login(gateway, provider, issuer)
    thief.browser.take_cookie(FLOW, login.browser)
    assert 303 == login.come_back(state=asked["state"], code="c").status
    assert "begin again" in refused(thief, thief.come_back(state=asked["state"], code="c"))
    assert 1 == provider.count("/token")


def test_a_login_of_one_provider_is_none_of_another(login, gateway, provider, provider_address):
    """The cookie is bound to the provider that it was begun with."""
    asked = login.begin().query
    login.vouch(asked)
    other = Login(gateway, provider, Issuer(provider_address, "public"))
    page = other.come_back(login.browser, state=asked["state"], code="c")
    assert "begin again" in refused(login, page)


def test_a_provider_may_name_itself_on_the_way_back(login):
    """Then it has to be the right one: somebody may have mixed up two logins."""
    asked = login.begin().query
    login.vouch(asked)
    page = login.come_back(state=asked["state"], code="c", iss="https://evil.example.org")
    assert "another identity provider" in refused(login, page)
    asked = login.begin().query
    login.vouch(asked)
    arrival = login.come_back(state=asked["state"], code="c", iss=login.issuer.url)
    assert 303 == arrival.status


@pytest.mark.parametrize(
    ("error", "shown"), [("access_denied", "access_denied"), ("<script>", "unknown")]
)
def test_what_the_provider_refuses_is_told(login, error, shown):
    """By its code, and nothing that somebody could have made up."""
    asked = login.begin().query
    page = login.come_back(state=asked["state"], error=error, error_description="<b>evil</b>")
    told = refused(login, page)
    assert f"({shown})" in told
    assert "evil" not in told


def test_a_code_that_the_provider_does_not_know_is_refused(login, provider):
    """It is used already, or somebody's invention."""
    asked = login.begin().query
    provider.token_status, provider.token_answer = 400, {"error": "invalid_grant"}
    assert "begin again" in refused(login, login.come_back(state=asked["state"], code="c"))
    asked = login.begin().query
    assert "without a code" in refused(login, login.come_back(state=asked["state"]))


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (401, {"error": "invalid_client", "error_description": SECRET}),
        (500, {}),
        (200, {}),
        (200, {"id_token": 1}),
        (302, {"location": "x"}),
    ],
)
def test_a_provider_that_gives_no_token_is_unavailable(login, provider, status, answer):
    """The log says why; the page does not."""
    asked = login.begin().query
    provider.token_status, provider.token_answer = status, answer
    page = login.come_back(state=asked["state"], code="c")
    told = refused(login, page, 503)
    assert "identity provider" in told
    assert SECRET not in told
    assert "5" == page.headers["retry-after"]


def test_what_the_id_token_leaves_out_is_asked_for(login, provider):
    """With the access token, at the provider's userinfo endpoint."""
    asked = login.begin().query
    login.vouch(asked, sub="eve-1", email=None, groups=None)
    provider.person = {"sub": "eve-1", "email": "eve@example.org", "groups": ["night shift"]}
    assert 303 == login.come_back(state=asked["state"], code="c").status
    me = json.loads(login.browser.ask(f"{login.gateway}/v1/me").text)["data"]
    assert ("eve@example.org", ["night shift"]) == (me["email"], me["groups"])
    (request,) = [one for one in provider.asked if one.path.endswith("/me")]
    assert "Bearer opaque" == request.headers["authorization"]


def test_what_is_told_of_somebody_else_does_not_count(login, provider):
    """The two answers have to be about the same subject."""
    asked = login.begin().query
    login.vouch(asked, sub="eve-2", email=None)
    provider.person = {"sub": "root", "email": "root@example.org"}
    page = login.come_back(state=asked["state"], code="c")
    assert "two people" in refused(login, page)


def test_a_disabled_account_does_not_get_in(login, gateway):
    """Nor does its session go on."""
    asked = login.begin().query
    login.vouch(asked, sub="fay", email="fay@example.org")
    assert 303 == login.come_back(state=asked["state"], code="c").status
    gateway.accounts.change("fay@example.org", disabled=True)
    assert 401 == login.browser.ask(f"{login.gateway}/v1/me").status
    again = Login(gateway, login.provider, login.issuer)
    asked = again.begin().query
    again.vouch(asked, sub="fay", email="fay@example.org")
    assert "disabled" in refused(again, again.come_back(state=asked["state"], code="c"))


def test_an_unknown_provider_does_not_exist(login):
    """Neither does a login where programs alone have one."""
    for path in ("/login/oidc/none", "/login/oidc/none/callback", "/login/oidc/programs"):
        page = login.browser.get(login.gateway + path)
        assert 404 == page.status
        says(page)


def test_a_provider_that_is_down_is_told(login, upstream_address, provider, tmp_path):
    """The page says so; everything else goes on."""
    provider.fail("openid-configuration", 502, b"<html>")
    settings = login.issuer.settings(create_users=True)
    with running_gateway(tmp_path, upstream_address.url, oidc=(settings,)) as gateway:
        page = Login(gateway, provider, login.issuer).begin()
        assert (503, "5") == (page.status, page.headers["retry-after"])
        assert "identity provider" in says(page)
        assert 200 == gateway.user.call("GET", "/v1/me").status


def test_logins_are_in_the_audit(login, gateway):
    """Who came, by which way."""
    asked = login.begin().query
    login.vouch(asked, sub="gil", email="gil@example.org")
    assert 303 == login.come_back(state=asked["state"], code="c").status
    answer = gateway.admin.call("GET", "/v1/audit?actor=gil@example.org")
    actions = [row["action"] for row in json.loads(answer.body)["data"]]
    assert ["GET /login/oidc/{provider}/callback"] == actions
