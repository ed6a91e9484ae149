"""Who can reach a server that listens on a host."""

from ipaddress import ip_address
from typing import Final

from penstock.cli import output

LOOPBACK: Final = "127.0.0.1"


def warn_of_exposure(host: str) -> None:
    """Say what to do where other machines can reach the gateway."""
    if not is_loopback(host):
        output.warn(
            f"{host} can be reached from other machines, and traffic is plain HTTP: "
            "put a proxy with TLS in front before anybody logs in over a network"
        )


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server on that host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
