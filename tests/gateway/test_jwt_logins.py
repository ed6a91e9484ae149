"""JWTs of providers as proof of identity, over HTTP, with a small provider."""

import json
import socket
from typing import Any

import pytest

from gateway.processes import started_gateway
from gateway.running import ADMIN, USER, Gateway, running_gateway
from gateway.threads import Address
from gateway.tiny_provider import Issuer
from gateway.wire import Answer, Caller
from issuer import claims, jwks, signed, signed_with_public_key, unsigned
from servers import free_port, wait_until

ROTATION_SECONDS = 20

pytestmark = pytest.mark.usefixtures("provider")


@pytest.fixture(scope="module")
def open_issuer(provider_address) -> Issuer:
    """Whoever it knows gets an account."""
    return Issuer(provider_address, "open")


@pytest.fixture(scope="module")
def plain_issuer(provider_address) -> Issuer:
    """Nobody gets an account."""
    return Issuer(provider_address, "plain")


@pytest.fixture(scope="module")
def gateway(open_issuer, plain_issuer, upstream_address, tmp_path_factory):
    providers = (
        open_issuer.settings(create_users=True, audience="penstock other"),
        plain_issuer.settings(),
    )
    folder = tmp_path_factory.mktemp("jwt")
    with running_gateway(folder, upstream_address.url, oidc=providers) as running:
        yield running


@pytest.fixture
def fresh(open_issuer, upstream_address, tmp_path):
    """A gateway that has fetched nothing yet."""
    settings = open_issuer.settings(create_users=True)
    with running_gateway(tmp_path, upstream_address.url, oidc=(settings,)) as running:
        yield running


def me(gateway: Gateway, token: str) -> Answer:
    return Caller(gateway.address, authorization=f"Bearer {token}").call("GET", "/v1/me")


def email(gateway: Gateway, token: str) -> str:
    answer = me(gateway, token)
    assert 200 == answer.status, answer.body
    return json.loads(answer.body)["data"]["email"]


def refusal(gateway: Gateway, token: str) -> tuple[int, str]:
    answer = me(gateway, token)
    return answer.status, json.loads(answer.body)["detail"]


def test_a_jwt_proves_who_calls(gateway, open_issuer):
    """Its owner gets an account at the first call, and is the same one at the next."""
    token = open_issuer.token("ben", email="ben@example.org")
    assert "ben@example.org" == email(gateway, token)
    later = open_issuer.token("ben", email="renamed@example.org")
    assert "ben@example.org" == email(gateway, later)
    assert "ben@example.org" in [user.email for user in gateway.accounts.list_users()]


def test_a_jwt_is_proof_for_mlflow_s_calls(gateway, recorder, open_issuer):
    """Which never see it."""
    token = open_issuer.token("ben", email="ben@example.org")
    caller = Caller(gateway.address, authorization=f"Bearer {token}")
    assert 200 == caller.call("GET", "/version").status
    (seen,) = recorder.seen
    assert [] == seen.all(b"authorization")


def test_a_proven_jwt_costs_nothing_again(gateway, provider, open_issuer):
    """Neither its provider nor the database is asked."""
    token = open_issuer.token("ben", email="ben@example.org")
    for _ in range(3):
        email(gateway, token)
    assert provider.count("/keys") <= 1


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"iss": "https://evil.example.org"}, "issuer that is not known"),
        ({"iss": None}, "issuer that is not known"),
        ({"iss": ["x"]}, "issuer that is not known"),
        ({"aud": "somebody-else"}, "another audience"),
        ({"exp": 1}, "has expired"),
        ({"exp": None}, "never expires"),
        ({"nbf": 10**11, "exp": 10**12}, "not valid yet"),
        ({"iat": 10**11}, "not valid yet"),
        ({"sub": None}, "names no subject"),
        ({"cnf": {"jkt": "x"}}, "bound to a key"),
        ({"events": {}}, "no proof of identity"),
    ],
)
def test_a_jwt_that_is_not_good_is_refused(gateway, provider, open_issuer, others, why):
    """401, and why: its owner has to know."""
    token = signed(claims(**{"iss": open_issuer.url, **others}))
    status, detail = refusal(gateway, token)
    assert 401 == status
    assert why in detail
    assert 0 == provider.count("/keys")


def test_a_jwt_that_nobody_signed_is_refused(gateway, open_issuer):
    """Of no algorithm, with the public key as a secret, by an unknown key, or changed."""
    content = claims(iss=open_issuer.url, email="mallory@example.org")
    good = signed(content)
    other = signed({**content, "email": "admin@localhost"})
    head, _, signature = good.split(".")
    tokens = [
        unsigned(content),
        unsigned(content, alg="NONE"),
        *(unsigned(content, alg=odd) for odd in (["RS256"], {}, None, 7)),
        signed_with_public_key(content),
        signed(content, header={"kid": "unknown"}),
        signed(content, header={"typ": "logout+jwt"}),
        signed(content, header={"crit": ["x"], "x": 1}),
        f"{head}.{other.split('.')[1]}.{signature}",
        good[:-6],
        f"{head}..{signature}",
    ]
    assert [401] * len(tokens) == [me(gateway, token).status for token in tokens]
    accounts = {user.email for user in gateway.accounts.list_users()}
    assert "mallory@example.org" not in accounts


def test_a_jwt_of_one_issuer_is_none_of_another(gateway, open_issuer, plain_issuer):
    """Whose keys are its own, though here they are the same: the accounts are not."""
    token = open_issuer.token("carl", email="carl@example.org")
    assert "carl@example.org" == email(gateway, token)
    assert 401 == me(gateway, plain_issuer.token("carl", email="carl@example.org")).status


def test_who_has_no_account_is_told_no_more(gateway, plain_issuer):
    """The same for an account that exists, and for one that does not."""
    details = {
        refusal(gateway, plain_issuer.token("x", email=name, email_verified=True))
        for name in ("nobody@example.org", USER, ADMIN)
    }
    details |= {refusal(gateway, plain_issuer.token("x"))}
    assert [401] == [status for status, _ in details]
    assert USER not in str(details)


def test_the_email_header_must_name_the_owner(gateway, open_issuer):
    """As with every other proof."""
    token = open_issuer.token("ben", email="ben@example.org")
    caller = Caller(gateway.address, authorization=f"Bearer {token}")
    assert 200 == caller.call("GET", "/v1/me", headers={"email": "Ben@example.org"}).status
    assert 401 == caller.call("GET", "/v1/me", headers={"email": ADMIN}).status


def test_a_disabled_account_is_out_at_once(gateway, open_issuer):
    """Though its JWT has just been proven, and with every new one."""
    token = open_issuer.token("dora", email="dora@example.org")
    assert "dora@example.org" == email(gateway, token)
    gateway.accounts.change("dora@example.org", disabled=True)
    assert (401, "this account is disabled; ask an administrator") == refusal(gateway, token)
    later = open_issuer.token("dora", email="dora@example.org", jti="2")
    assert 401 == me(gateway, later).status
    gateway.accounts.change("dora@example.org", disabled=False)
    assert "dora@example.org" == email(gateway, token)


def test_a_jwt_is_remembered_no_longer_than_it_is_good(fresh, open_issuer):
    """Proven or not, it ends at its end, or as much later as clocks may be apart."""
    now = claims()["iat"]
    token = open_issuer.token("ben", email="ben@example.org", exp=now - 25)
    assert "ben@example.org" == email(fresh, token)
    wait_until(lambda: me(fresh, token).status == 401, what="the end of the JWT")


def test_new_keys_are_found(fresh, provider, open_issuer):
    """A provider changes its keys when it likes to; the old one's tokens count no more."""
    provider.keys = jwks("p256")
    content = claims(iss=open_issuer.url, email="ben@example.org")
    before = signed(content, algorithm="ES256", key="p256")
    after = signed(content, algorithm="EdDSA", key="ed")
    assert ("ben@example.org", 401) == (email(fresh, before), me(fresh, after).status)
    provider.keys = jwks("ed")
    wait_until(lambda: me(fresh, after).status == 200, ROTATION_SECONDS, what="the new key")
    unseen = signed({**content, "jti": "2"}, algorithm="ES256", key="p256")
    assert 401 == me(fresh, unseen).status


def test_unknown_keys_cost_the_provider_little(fresh, provider, open_issuer):
    """However many tokens somebody makes up."""
    for number in range(30):
        token = signed(claims(iss=open_issuer.url), header={"kid": f"unknown-{number}"})
        assert 401 == me(fresh, token).status
    assert provider.count("/keys") <= 3


REDIRECT = (b"location", b"http://127.0.0.1:1/keys")


@pytest.mark.parametrize("end", ["/.well-known/openid-configuration", "/keys"])
@pytest.mark.parametrize(
    "fault",
    [
        (500, b"{}"),
        (404, b"{}"),
        (302, b"", REDIRECT),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"\xff"),
        (200, b'{"a":"' + b"x" * 600_000 + b'"}'),
    ],
)
def test_a_provider_that_does_not_answer_as_one_is_unavailable(
    fresh, provider, open_issuer, end, fault
):
    """503 for its JWTs, to be tried again; everybody else is served."""
    provider.fail(end, *fault)
    answer = me(fresh, open_issuer.token())
    assert (503, "5") == (answer.status, answer.one("retry-after"))
    assert 200 == fresh.user.call("GET", "/v1/me").status


def test_a_provider_that_calls_itself_something_else_is_unavailable(fresh, provider, open_issuer):
    """Its tokens could be anybody's."""
    provider.told = {"issuer": "https://evil.example.org"}
    assert 503 == me(fresh, open_issuer.token()).status


def started_without_provider(tmp_path: Any, upstream_url: str, port: int) -> Any:
    settings = Issuer(Address("127.0.0.1", port), "gone").settings(create_users=True)
    return running_gateway(tmp_path, upstream_url, oidc=(settings,))


def test_a_gateway_starts_without_its_provider(upstream_address, tmp_path):
    """And serves all but that provider's JWTs."""
    port = free_port()
    with started_without_provider(tmp_path, upstream_address.url, port) as gateway:
        answer = me(gateway, Issuer(Address("127.0.0.1", port), "gone").token())
        assert (503, "5") == (answer.status, answer.one("retry-after"))
        assert b"identity provider does not answer" in answer.body
        assert 200 == gateway.user.call("GET", "/v1/me").status
        assert 401 == gateway.anonymous.call("GET", "/v1/me").status


def test_a_provider_that_says_nothing_is_given_up(upstream_address, tmp_path):
    """In seconds, and not once for each caller."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with started_without_provider(tmp_path, upstream_address.url, port) as gateway:
            issuer = Issuer(Address("127.0.0.1", port), "gone")
            assert [503, 503] == [me(gateway, issuer.token(str(n))).status for n in range(2)]


def test_without_providers_a_jwt_is_an_unknown_token(upstream_address, tmp_path, open_issuer):
    """Nothing is asked of anybody."""
    with running_gateway(tmp_path, upstream_address.url) as gateway:
        status, detail = refusal(gateway, open_issuer.token())
    assert (401, True) == (status, "token is unknown" in detail)


def test_a_process_reads_its_providers_from_the_environment(
    provider, open_issuer, upstream_address, tmp_path
):
    """As `penstock gateway` starts it; a wrong setting stops it, told by its name."""
    variables = {
        "UPSTREAM_URL": upstream_address.url,
        "OIDC_OPEN_ISSUER": open_issuer.url,
        "OIDC_OPEN_AUDIENCE": "penstock",
        "OIDC_OPEN_CREATE_USERS": "true",
    }
    with started_gateway(tmp_path / "good", **variables) as started:
        jwt = open_issuer.token("ben", email="ben@example.org")
        caller = Caller(started.address, authorization=f"Bearer {jwt}")
        assert 200 == caller.call("GET", "/v1/me").status
        assert jwt not in started.said()
    wrong = {**variables, "OIDC_OPEN_ISSUER": "http://id.example.org"}
    with started_gateway(tmp_path / "wrong", **wrong) as started:
        code, said = started.failure()
    assert (1, True) == (code, "PENSTOCK_OIDC_OPEN_ISSUER: must be" in said)
    assert provider.count("/keys") == 1
