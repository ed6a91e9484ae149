"""What can be told of hosts without asking the network."""

import pytest

from penstock.cli.up.ports import is_loopback, reachable_host

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a name to be judged, nothing listens there


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_known(host):
    """Hosts that only this machine reaches need no warning."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", [EVERYWHERE, "::", "192.168.1.2", "example.org", "localhost.example"]
)
def test_other_hosts_are_reached_from_outside(host):
    """Everything else can be reached by others, as far as anybody knows."""
    assert not is_loopback(host)


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
