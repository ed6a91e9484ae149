"""Checks what callers pass, before anything is sent. Pure.

Every refusal is an MlflowException with INVALID_PARAMETER_VALUE that names the argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import Any

from penstock.errors import MlflowException

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1


def invalid(message: str) -> MlflowException:
    """Return the error for an argument that cannot be right."""
    return MlflowException(message, "INVALID_PARAMETER_VALUE")


def as_text(value: object, name: str) -> str:
    """Return a text as it is."""
    if isinstance(value, str):
        return value
    raise _unfit(value, name, "a text")


def as_optional_text(value: object, name: str) -> str | None:
    """Return a text as it is, or None."""
    return None if value is None else as_text(value, name)


def as_identifier(value: object, name: str) -> str:
    """Return an id or a version as text; many callers have it as a number."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise _unfit(value, name, "a text or a whole number")
    return str(as_whole_number(value, name))


def as_whole_number(value: Any, name: str) -> int:  # noqa: ANN401 - numbers of all makers
    """Return a whole number, also one of another library, that the API can carry."""
    try:
        number = index(value)
    except TypeError:
        raise _unfit(value, name, "a whole number") from None
    if not SMALLEST_INTEGER <= number <= LARGEST_INTEGER:
        raise invalid(f"{name} must fit into 64 bits, not be {number}")
    return number


def as_optional_whole_number(value: object, name: str) -> int | None:
    """Return a whole number, or None."""
    return None if value is None else as_whole_number(value, name)


def as_texts(value: Any, name: str) -> list[str] | None:  # noqa: ANN401 - whatever is iterable
    """Return several texts, or None; a single text is refused, for its letters are texts too."""
    if value is None:
        return None
    return [as_text(item, f"each of {name}") for item in as_items(value, name, "texts")]


def as_items(value: Any, name: str, kind: str) -> list[Any]:  # noqa: ANN401 - as above
    """Return the items of a list, or of anything like one; None counts as an empty one."""
    if value is None:
        return []
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _unfit(value, name, f"a list of {kind}")
    return list(value)


def as_optional_labels(value: object, name: str) -> list[dict[str, str]]:
    """Return tags or params as the API has them; None counts as no such ones."""
    return [] if value is None else as_labels(value, name)


def as_labels(value: object, name: str) -> list[dict[str, str]]:
    """Return tags or params, given as a dictionary, as the API has them; values become text."""
    if not isinstance(value, Mapping):
        raise _unfit(value, name, "a dictionary")
    return [
        {"key": as_text(key, f"each key of {name}"), "value": str(item)}
        for key, item in value.items()
    ]


def _unfit(value: object, name: str, wanted: str) -> MlflowException:
    given = "None" if value is None else f"{type(value).__name__} {_shown(value)}"
    return invalid(f"{name} must be {wanted}, not {given}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004 - enough to find it by
