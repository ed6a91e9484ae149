"""A real OpenID Connect provider: browsers and programs log in, and nobody else does."""

import base64
import json
import re
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from joserfc.jwk import RSAKey

from gateway.cookie_browser import Browser, Page
from gateway.running import USER, Gateway, running_gateway
from gateway.wire import Answer, Caller
from issuer import signed, signed_with_public_key, unsigned
from penstock.gateway.oidc.jwt import parse_jwt
from penstock.gateway.provider_settings import ProviderSettings
from servers import free_port, wait_until
from services.oidc_server import ProviderServer, provider_server

SECRETS = {"penstock": "p" * 40, "nightly": "n" * 40, "other": "o" * 40}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "eva": {"email": "eva@example.org", "email_verified": True, "groups": ["Research"]},
    "unverified": {"email": "una@example.org", "email_verified": False, "groups": []},
    "disabled": {"email": "dan@example.org", "email_verified": True, "groups": []},
    "ann": {"email": USER, "email_verified": True, "groups": []},
    "nightly": {"email": "nightly@example.org", "email_verified": True, "groups": ["Robots"]},
}
FORM = re.compile(r'<form[^>]* action="([^"]+)"')
ROTATION_SECONDS = 30
UPSTREAM = "http://127.0.0.1:1"
"""Nothing listens there: none of these calls is MLflow's."""


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


def private(*keys: RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=True) for key in keys]}


FIRST = new_key("first")


def clients(gateway_port: int) -> list[dict[str, Any]]:
    callback = f"http://127.0.0.1:{gateway_port}/login/oidc/corp/callback"
    program = {"redirect_uris": [], "response_types": [], "grant_types": ["client_credentials"]}
    return [
        {
            "client_id": "penstock",
            "client_secret": SECRETS["penstock"],
            "redirect_uris": [callback],
        },
        *(
            {"client_id": one, "client_secret": SECRETS[one], **program}
            for one in ("nightly", "other")
        ),
    ]


def settings(provider: ProviderServer, **others: Any) -> ProviderSettings:
    values = {
        "name": "corp",
        "issuer": provider.url,
        "client_id": "penstock",
        "client_secret": SECRETS["penstock"],
        "scopes": "openid email groups",
        "audience": "penstock",
        "create_users": True,
        "create_groups": True,
        **others,
    }
    return ProviderSettings.model_validate(values)


@pytest.fixture(scope="module")
def gateway_port():
    """The provider has to know the address before the gateway listens there."""
    return free_port()


@pytest.fixture(scope="module")
def provider(gateway_port, tmp_path_factory):
    folder = tmp_path_factory.mktemp("provider")
    with provider_server(folder, clients(gateway_port), ACCOUNTS) as server:
        server.start(private(FIRST))
        yield server


@pytest.fixture(scope="module")
def gateway(provider, gateway_port, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    # What the gateway tells the provider is the port that the provider knows.
    public = f"http://127.0.0.1:{gateway_port}"
    oidc = (settings(provider),)
    with running_gateway(folder, UPSTREAM, oidc=oidc, public_url=public) as running:
        running.accounts.add("dan@example.org", password="a long enough secret")
        running.accounts.change("dan@example.org", disabled=True)
        yield running


class Visitor:
    """Somebody with a browser."""

    def __init__(self, gateway: Gateway, gateway_port: int) -> None:
        self.browser = Browser()
        self.gateway = gateway.address.url
        self._public = f"http://127.0.0.1:{gateway_port}"

    def leave(self) -> Page:
        """Begin a login at the gateway; the page sends the browser to the provider."""
        page = self.browser.get(f"{self.gateway}/login/oidc/corp?next=/account")
        assert 303 == page.status, page.text
        return page

    def log_in_there(self, page: Page, account: str) -> str:
        """Go through the provider's pages, and return where they send the browser at last."""
        page = self.browser.follow(page, until=self._public)
        for fields in (
            {"prompt": "login", "login": account, "password": "x"},
            {"prompt": "consent"},
        ):
            (action,) = FORM.findall(page.text)
            page = self.browser.post(action, **fields)
            page = self.browser.follow(page, until=self._public)
        return page.location

    def arrive(self, address: str) -> Page:
        """Go where the provider sends the browser: to the gateway, at the port that it has."""
        return self.browser.get(address.replace(self._public, self.gateway))

    def log_in(self, account: str) -> Page:
        return self.arrive(self.log_in_there(self.leave(), account))

    def me(self) -> tuple[int, dict[str, Any]]:
        page = self.browser.ask(f"{self.gateway}/v1/me")
        return page.status, json.loads(page.text).get("data", {})


@pytest.fixture
def visitor(gateway, gateway_port) -> Visitor:
    return Visitor(gateway, gateway_port)


def token(provider: ProviderServer, client: str, audience: str = "penstock") -> str:
    """Return a JWT that a program gets from the provider for itself."""
    pair = base64.b64encode(f"{client}:{SECRETS[client]}".encode()).decode()
    fields = {"grant_type": "client_credentials", "resource": f"urn:{audience}"}
    request = urllib.request.Request(f"{provider.url}/token", urlencode(fields).encode())
    request.add_header("Authorization", f"Basic {pair}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]


def me(gateway: Gateway, jwt: str) -> Answer:
    return Caller(gateway.address, authorization=f"Bearer {jwt}").call("GET", "/v1/me")


def test_a_browser_logs_in(visitor, gateway):
    """There and back, to where it wanted, with the groups that the provider tells."""
    arrival = visitor.log_in("eva")
    assert (303, "/account") == (arrival.status, arrival.headers["location"])
    status, who = visitor.me()
    assert (200, "eva@example.org", ["Research"]) == (status, who["email"], who["groups"])
    page = visitor.browser.get(f"{visitor.gateway}/account")
    assert (200, True) == (page.status, "eva@example.org" in page.text)
    assert gateway.accounts.find_proven("eva@example.org", "x") is None


def test_a_second_login_is_the_same_account(visitor, gateway, gateway_port):
    """Though from another browser."""
    visitor.log_in("eva")
    other = Visitor(gateway, gateway_port)
    other.log_in("eva")
    assert visitor.me() == other.me()


@pytest.mark.parametrize("account", ["unverified", "disabled", "ann"])
def test_who_may_not_come_in_is_told(visitor, account):
    """An unverified address, a disabled account, an account that nobody has linked."""
    page = visitor.log_in(account)
    assert (403, True) == (page.status, "ask an administrator" in page.text)
    assert 401 == visitor.me()[0]


def test_a_login_that_somebody_ends_is_told(visitor):
    """By the provider, on the way back."""
    page = visitor.browser.follow(visitor.leave())
    (uid,) = re.findall(r"/interaction/([^\"/]+)/abort", page.text)
    here = urlsplit(page.url)
    page = visitor.browser.get(f"{here.scheme}://{here.netloc}/interaction/{uid}/abort")
    page = visitor.arrive(visitor.browser.follow(page, until=visitor._public).location)
    assert (403, True) == (page.status, "access_denied" in page.text)


def test_a_callback_cannot_be_repeated(visitor):
    """Neither here nor at the provider, which knows each code once."""
    address = visitor.log_in_there(visitor.leave(), "eva")
    assert 303 == visitor.arrive(address).status
    assert 403 == visitor.arrive(address).status


def test_a_used_code_is_refused(visitor, gateway, gateway_port):
    """By the provider, though it comes in a login of its own."""
    address = visitor.log_in_there(visitor.leave(), "eva")
    assert 303 == visitor.arrive(address).status
    (state,) = re.findall(r"state=([^&]+)", address)
    thief = Visitor(gateway, gateway_port)
    page = thief.arrive(address.replace(state, thief.leave().query["state"]))
    assert (403, True) == (page.status, "begin again" in page.text)
    assert 401 == thief.me()[0]


def test_another_state_is_refused(visitor):
    """Also from the provider itself."""
    page = visitor.leave()
    address = visitor.log_in_there(page, "eva")
    assert 403 == visitor.arrive(address.replace(page.query["state"], "x" * 43)).status
    assert 401 == visitor.me()[0]


def test_another_nonce_is_refused(visitor):
    """The ID token repeats what the browser was made to ask for, not what the gateway knows."""
    page = visitor.leave()
    changed = page.location.replace(page.query["nonce"], "x" * 43)
    page.headers.replace_header("location", changed)
    answer = visitor.arrive(visitor.log_in_there(page, "eva"))
    assert (403, True) == (answer.status, "answer to another one" in answer.text)
    assert 401 == visitor.me()[0]


def test_another_verifier_is_refused(visitor):
    """A code that was asked for with somebody else's challenge is of no use."""
    page = visitor.leave()
    changed = page.location.replace(page.query["code_challenge"], "x" * 43)
    page.headers.replace_header("location", changed)
    answer = visitor.arrive(visitor.log_in_there(page, "eva"))
    assert (403, True) == (answer.status, "begin again" in answer.text)


def test_a_program_logs_in(gateway, provider):
    """With a JWT that the provider gave it for this audience."""
    jwt = token(provider, "nightly")
    who = json.loads(me(gateway, jwt).body)["data"]
    assert ("nightly@example.org", ["Robots"]) == (who["email"], who["groups"])


def test_a_jwt_for_another_audience_is_refused(gateway, provider):
    """It is somebody else's to use."""
    answer = me(gateway, token(provider, "nightly", "elsewhere"))
    assert (401, True) == (answer.status, b"another audience" in answer.body)


def test_a_program_that_nobody_knows_is_refused(gateway, provider):
    """The provider tells no address for it, so it has no account."""
    assert 401 == me(gateway, token(provider, "other")).status


def test_a_forged_jwt_is_refused(gateway, provider):
    """A real one's claims, signed by nobody, with the public key, by another key, or changed."""
    jwt = token(provider, "nightly")
    claims = dict(parse_jwt(jwt).claims)
    head, _, signature = jwt.split(".")
    stranger = signed(claims, header={"kid": "first"})
    other_claims = signed({**claims, "sub": "eva"}).split(".")[1]
    for forged in (
        unsigned(claims),
        unsigned(claims, kid="first"),
        signed_with_public_key(claims),
        signed(claims),
        stranger,
        f"{head}.{other_claims}.{signature}",
    ):
        assert 401 == me(gateway, forged).status, forged


@pytest.fixture
def own_provider(tmp_path):
    """A provider that a test may stop and start again."""
    with provider_server(tmp_path, clients(1), ACCOUNTS) as server:
        yield server


def test_a_provider_changes_its_keys(own_provider, tmp_path):
    """New tokens count as soon as their key is known; those of the key that is gone do not."""
    own_provider.start(private(FIRST))
    with running_gateway(tmp_path / "gw", UPSTREAM, oidc=(settings(own_provider),)) as gateway:
        old = token(own_provider, "nightly")
        unseen = token(own_provider, "nightly")
        assert 200 == me(gateway, old).status
        own_provider.stop()
        own_provider.start(private(new_key("second")))
        jwt = token(own_provider, "nightly")
        wait_until(lambda: me(gateway, jwt).status == 200, ROTATION_SECONDS, what="the new key")
        assert 401 == me(gateway, unseen).status


def test_a_provider_that_is_down_stops_nobody_else(own_provider, tmp_path):
    """Nor the gateway's start; it is asked again when it is back."""
    with running_gateway(tmp_path / "gw", UPSTREAM, oidc=(settings(own_provider),)) as gateway:
        own_provider.start(private(FIRST))
        jwt = token(own_provider, "nightly")
        own_provider.stop()
        answer = me(gateway, jwt)
        assert (503, "5") == (answer.status, answer.one("retry-after"))
        assert 200 == gateway.user.call("GET", "/v1/me").status
        assert (
            503 == Visitor(gateway, 1).browser.get(f"{gateway.address.url}/login/oidc/corp").status
        )
        own_provider.start(private(FIRST))
        wait_until(lambda: me(gateway, jwt).status == 200, ROTATION_SECONDS, what="its answer")
        own_provider.stop()
        assert 200 == me(gateway, jwt).status
