"""The arguments of a search, from a query or a JSON body, as MLflow reads them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from penstock.errors import RequestRefused
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.json_body import snake_case

VIEWS: Final = {"ACTIVE_ONLY": 1, "DELETED_ONLY": 2, "ALL": 3}
"""What may be seen of what has been deleted, with the numbers of the names."""

LISTS: Final = frozenset({"order_by", "experiment_ids"})
MOST_DIGITS: Final = 9


def read_arguments(call: Call) -> dict[str, Any]:
    """Return the arguments by MLflow's names of them; null counts as absent.

    Raises RequestRefused (400) for an argument of a wrong type.
    """
    if call.document is None or call.method in {"GET", "HEAD"}:
        return _checked(_from_query(call.query))
    given = call.document.items()
    return _checked({snake_case(name): value for name, value in given if value is not None})


def texts(arguments: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts, empty where there is none. Raises RequestRefused (400)."""
    value = arguments.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(name, "must be a list of texts")
    return value


def text(arguments: Mapping[str, Any], name: str) -> str:
    """Return a text, empty where there is none. Raises RequestRefused (400)."""
    value = arguments.get(name, "")
    if not isinstance(value, str):
        raise wrong(name, "must be a text")
    return value


def size(arguments: Mapping[str, Any], *, default: int, most: int) -> int:
    """Return how many rows are wanted. Raises RequestRefused (400)."""
    value = arguments.get("max_results", default)
    if (
        isinstance(value, str)
        and value.isascii()
        and len(value) <= MOST_DIGITS
        and value.isdecimal()
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise wrong("max_results", f"must be a whole number from 1 to {most}")
    return value


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    known = [*VIEWS, *VIEWS.values(), *map(str, VIEWS.values())]
    for name in ("view_type", "run_view_type"):
        value = arguments.get(name, "ALL")
        if isinstance(value, bool) or value not in known:
            raise wrong(name, f"must be {', '.join(VIEWS)}")
    return arguments


def wrong(name: str, reason: str) -> RequestRefused:
    """Return the refusal of an argument."""
    return RequestRefused(
        400, "INVALID_PARAMETER_VALUE", f"Invalid value for request parameter {name}: it {reason}"
    )


def _from_query(query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in query:
        if name in LISTS:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise wrong(name, "is named more than once")
        else:
            found[name] = value
    return found
