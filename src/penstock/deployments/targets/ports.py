"""Ports for services on this machine."""

import re
import socket
from collections.abc import Container
from contextlib import closing
from typing import Final

from penstock.errors import ConfigurationError, SupervisionError

_RANGE: Final = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_MOST: Final = 65_535


def parse_ports(text: str) -> range:
    """Return the ports of `9100-9199`. Raises ConfigurationError."""
    found = _RANGE.fullmatch(text)
    first, last = (int(part) for part in found.groups()) if found else (0, 0)
    if not 0 < first <= last <= _MOST:
        raise ConfigurationError("must be a range of ports such as 9100-9199")
    return range(first, last + 1)


def find_free_port(host: str, ports: range, *, besides: Container[int]) -> int:
    """Return the first port that nobody listens on. Raises SupervisionError where there is none.

    What is started on it afterwards may still lose a race.
    """
    for port in ports:
        if port not in besides and _is_free(host, port):
            return port
    raise SupervisionError(
        f"all ports from {ports.start} to {ports.stop - 1} of {host} are taken; undeploy what is "
        "not needed, or set PENSTOCK_DEPLOY_PORTS to a wider range"
    )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        # As servers do: connections of an earlier one that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError:
            return False
    return True
