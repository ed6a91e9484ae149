"""Read the arguments of a call as MLflow reads them. Pure.

MLflow takes a message from the query of a GET that has one, in snake case and the first value
alone, and else from the JSON body, in both spellings. A `field` is read like that. Some calls of
MLflow's pages look at the query whatever the method: those read `Call.argument`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from penstock.errors import RequestRefused
from penstock.gateway.proxy.call import Call

_UNDERSCORE = re.compile(r"_([a-z])")

Document = Mapping[str, Any]


def find_field(call: Call, name: str) -> str | None:
    """Return a field that holds one string; None where it is missing, null or empty.

    Raises RequestRefused (400) for a value that is no string, or for two in the query.
    """
    if call.method == "GET":
        return call.argument(name) or None
    # HEAD reads the body too, and never has one.
    return string_member(call.document or {}, name)


def get_field(call: Call, name: str) -> str:
    """Return a field that must be there. Raises RequestRefused (400) in MLflow's words."""
    value = find_field(call, name)
    if value is None:
        raise missing(name)
    return value


def list_field(call: Call, name: str) -> Sequence[str]:
    """Return all strings of a repeated field. Raises RequestRefused (400) for other values."""
    if call.method == "GET":
        return [value for key, value in call.query if key == name]
    value = _member(call.document or {}, name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise invalid(name, "must be a list of strings")
    return value


def list_required(call: Call, name: str) -> Sequence[str]:
    """Return the strings of a repeated field that must have some. Raises RequestRefused (400)."""
    values = list_field(call, name)
    if not values or not all(values):
        raise missing(name)
    return values


def string_member(document: Document, name: str) -> str | None:
    """Return a string; None for a missing, null or empty one. Raises RequestRefused (400)."""
    value = _member(document, name)
    if value is not None and not isinstance(value, str):
        raise invalid(name, "must be a string")
    return value or None


def object_member(document: Document, name: str) -> Document:
    """Return an object, empty where it is missing. Raises RequestRefused (400)."""
    value = _member(document, name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(name, "must be an object")
    return value


def list_objects(document: Document, name: str) -> Iterable[Document]:
    """Return the objects of a repeated member. Raises RequestRefused (400) for other values."""
    value = _member(document, name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise invalid(name, "must be a list of objects")
    return value


def spelled(document: Document, name: str) -> str:
    """Return how an object spells a member: in snake case, or else in camel case."""
    camel = _UNDERSCORE.sub(lambda found: found[1].upper(), name)
    return camel if camel in document and name not in document else name


def missing(name: str) -> RequestRefused:
    """Return the refusal of a call without an argument that it must have."""
    return RequestRefused(
        400,
        "INVALID_PARAMETER_VALUE",
        f"Missing value for required parameter '{name}'. See the API docs for more information "
        "about request parameters.",
    )


def invalid(name: str, reason: str) -> RequestRefused:
    """Return the refusal of an argument that MLflow could read in another way than this."""
    return RequestRefused(400, "INVALID_PARAMETER_VALUE", f"The parameter '{name}' {reason}.")


def _member(document: Document, name: str) -> Any:  # noqa: ANN401 - a value of JSON
    return document.get(spelled(document, name))
