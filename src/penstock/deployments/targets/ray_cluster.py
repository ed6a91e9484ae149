"""Whether services can put their models on Ray; asked before anything starts."""

import re
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from penstock.errors import UnmetRequirements

VARIABLES: Final = ("PENSTOCK_SERVE_RAY_ADDRESS", "RAY_ADDRESS")
"""Where a cluster is named; the first one that is set counts."""

SECONDS: Final = 5.0
_OF_THIS_MACHINE: Final = frozenset({"", "auto", "local"})
_ADDRESS: Final = re.compile(r"\[?([^\[\]/\s]+?)\]?:([0-9]{1,5})")


def check_ray(environment: Mapping[str, str]) -> None:
    """Raise UnmetRequirements unless Ray is installed, and the cluster that is named answers."""
    if find_spec("ray") is None:
        raise UnmetRequirements(
            "ray is not installed on this machine; install it beside Penstock: "
            "pip install 'penstock[ray]'"
        )
    name = next((name for name in VARIABLES if environment.get(name)), "")
    address = environment.get(name, "")
    if address not in _OF_THIS_MACHINE:
        _check_answers(address, name)


def _check_answers(address: str, name: str) -> None:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UnmetRequirements(
            f"{name} must be HOST:PORT of the head of a Ray cluster, such as 10.0.0.5:6379"
        )
    try:
        socket.create_connection((found[1], int(found[2])), timeout=SECONDS).close()
    except (OSError, OverflowError) as error:
        raise UnmetRequirements(
            f"no Ray cluster answers at {address}: {error}; start it, or let {name} in the "
            "gateway's environment name another"
        ) from error
