"""Whether other machines can reach a server, and what is said then."""

import pytest

from penstock.cli.exposure import is_loopback, warn_of_exposure
from penstock.gateway.networks import reachable_host

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a name to be judged, nothing listens there


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_not_warned_of(host, capsys):
    """What stays on this machine needs no TLS."""
    assert is_loopback(host)
    warn_of_exposure(host)
    assert "" == capsys.readouterr().err


@pytest.mark.parametrize(
    "host", [EVERYWHERE, "::", "192.0.2.7", "penstock.example.com", "localhost.example", ""]
)
def test_what_others_reach_is_warned_of(host, capsys):
    """The warning says what to do."""
    assert not is_loopback(host)
    warn_of_exposure(host)
    assert "put a proxy with TLS in front" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("127.0.0.1", "127.0.0.1"),
        (EVERYWHERE, "127.0.0.1"),
        ("::", "[::1]"),
        ("fd00::7", "[fd00::7]"),
        ("gateway.example", "gateway.example"),
    ],
)
def test_the_announced_address_can_be_opened(host, wanted):
    """A server on all interfaces is announced under one that a browser can open."""
    assert wanted == reachable_host(host)
