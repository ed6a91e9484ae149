"""Read the parameters that several calls of `/v1` share."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Path

from penstock.errors import RequestRefused
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.resource import Kind

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""The id of a row of the gateway's database, which can hold no larger one."""


def read_kind(text: str) -> Kind:
    """Return a kind of resource. Raises RequestRefused (400)."""
    try:
        return Kind(text)
    except ValueError:
        raise bad_request(f"kind must be one of {', '.join(Kind)}") from None


def read_level(text: str) -> Level:
    """Return a level. Raises RequestRefused (400)."""
    try:
        return Level[text]
    except KeyError:
        raise bad_request(f"level must be one of {', '.join(Level.__members__)}") from None


def bad_request(message: str) -> RequestRefused:
    """Return the refusal of a request that is wrong in itself."""
    return RequestRefused(400, "INVALID_PARAMETER_VALUE", message)


def check_unique(field: str, keys: Iterable[str]) -> None:
    """Refuse (400) a list in which a key stands twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise bad_request(f"{field}: the key '{key}' stands there twice")
        seen.add(key)
