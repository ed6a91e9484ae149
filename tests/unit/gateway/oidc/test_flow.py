"""A login under way belongs to one browser, one provider, a few minutes, and one way back."""

import base64
import hashlib

import pytest

from clock import Clock
from penstock.gateway.oidc.code_flow import Secrets
from penstock.gateway.oidc.flow import SECONDS, Flow, Flows
from penstock.gateway.secret_key import SecretKey

KEY = SecretKey("k" * 32)


@pytest.fixture
def clock() -> Clock:
    return Clock(1_800_000_000.0)


@pytest.fixture
def flows(clock) -> Flows:
    return Flows(KEY, now=clock)


@pytest.fixture
def flow(flows) -> Flow:
    return flows.begin("corp", redirect_uri="https://gw/login/oidc/corp/callback", return_to="/x")


def test_a_browser_brings_its_login_back(flows, flow):
    """With all that was remembered."""
    cookie = flows.write(flow)
    assert flow == flows.take(cookie, provider="corp", state=flow.secret.state)


def test_a_login_comes_back_once(flows, flow, clock):
    """A second time is somebody who has looked into the history, or over a shoulder."""
    cookie, state = flows.write(flow), flow.secret.state
    assert flows.take(cookie, provider="corp", state=state)
    assert flows.take(cookie, provider="corp", state=state) is None
    clock.now += SECONDS - 1
    assert flows.take(cookie, provider="corp", state=state) is None


def test_a_login_ends(flows, flow, clock):
    """Whoever comes back too late begins again."""
    cookie = flows.write(flow)
    clock.now += SECONDS
    assert flows.take(cookie, provider="corp", state=flow.secret.state) is None


def test_another_login_does_not_count(flows, flow, clock):
    """Of another provider, with another state, of another gateway, or changed on the way."""
    cookie, state = flows.write(flow), flow.secret.state
    other = flows.write(flows.begin("corp", redirect_uri="u", return_to="/"))
    foreign = Flows(SecretKey("f" * 32), now=clock).write(flow)
    changed = ("B" if cookie[0] == "A" else "A") + cookie[1:]
    for text, provider, told in (
        (cookie, "other", state),
        (cookie, "corp", ""),
        (cookie, "corp", state[:-1]),
        (cookie, "corp", "é\ud800".encode("utf-8", "replace").decode()),
        (other, "corp", state),
        (foreign, "corp", state),
        (changed, "corp", state),
        ("", "corp", state),
        ("é", "corp", state),
    ):
        assert flows.take(text, provider=provider, state=told) is None
    assert flows.take(cookie, provider="corp", state=state)


def test_what_has_come_back_is_not_remembered_for_ever(flows, flow, clock):
    """Only as long as its cookie would count."""
    flows.take(flows.write(flow), provider="corp", state=flow.secret.state)
    clock.now += SECONDS + 1
    other = flows.begin("corp", redirect_uri="u", return_to="/")
    flows.take(flows.write(other), provider="corp", state=other.secret.state)
    assert [other.secret.state] == list(flows._used)


def test_nothing_of_a_login_is_shown(flows, flow):
    """Not in its cookie, nor in logs."""
    cookie = flows.write(flow)
    opened = base64.urlsafe_b64decode(cookie + "==")
    for secret in flow.secret.as_dict().values():
        assert secret.encode() not in opened
        assert secret not in repr(flow)


def test_secrets_are_as_long_as_the_standards_want():
    """The verifier has 43 to 128 characters; the challenge is its digest (RFC 7636)."""
    secret = Secrets.make()
    digest = hashlib.sha256(secret.verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == secret.challenge
    assert {43} == {len(one) for one in (*secret.as_dict().values(), secret.challenge)}
    assert 3 == len({*secret.as_dict().values()})
