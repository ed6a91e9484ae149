"""Networks of addresses. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list separated by commas. Raises ValueError for a wrong one."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Return whether an address lies in one of the networks; what is no address does not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def is_address(text: str) -> bool:
    """Return whether a text is an address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def reachable_host(host: str) -> str:
    """Return where this machine reaches a server on that host, as it stands in a URL."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"  # noqa: PLR2004 - the IP version
    return host if address.version == 4 else f"[{host}]"  # noqa: PLR2004 - the IP version
