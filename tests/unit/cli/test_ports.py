"""What can be told of hosts without asking the network."""

import pytest

from penstock.cli.up.ports import reachable_host

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a name to be judged, nothing listens there


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
