"""Compose an example from a JSON schema, of the examples that its fields give. Pure."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]

KNOWN: Final[Mapping[str, Any]] = {
    "created_at": "2026-01-01T09:00:00Z",
    "default_level": "NONE",
    "disabled": False,
    "email": "ann@example.org",
    "expires_at": "2026-04-01T09:00:00Z",
    "expires_in": 7776000,
    "experiment_id": "12",
    "grant_id": 7,
    "groups": ["growth"],
    "id": 7,
    "If-Match": '"4"',
    "is_admin": False,
    "kind": "experiment",
    "level": "READ",
    "members": ["ann@example.org"],
    "message": "done",
    "name": "growth",
    "pattern": "churn/*",
    "password": "a long enough secret",
    "resource_id": "12",
    "run_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "subject": "group:growth",
    "token": "pst_…",
    "token_id": 7,
}
"""Examples of fields and arguments of these names that give none themselves. Others that may be
left out are."""

_SAYING: Final = {"$ref", "const", "enum", "examples"}
_PLAIN: Final = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "null": None}
_PREFIX: Final = "#/components/schemas/"


def resolved(schema: Schema, schemas: Schemas) -> Schema:
    """Return a schema, or the one that it refers to."""
    reference = schema.get("$ref")
    return schema if reference is None else schemas[reference.removeprefix(_PREFIX)]


def example_of(schema: Schema, schemas: Schemas) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that fits a schema."""
    schema = resolved(schema, schemas)
    given = [*schema.get("examples", ())]
    given += [schema[name] for name in ("const", "default") if schema.get(name) is not None]
    given += schema.get("enum", ())
    if given:
        return given[0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    return _composed(schema, schemas)


def _composed(schema: Schema, schemas: Schemas) -> Any:  # noqa: ANN401 - any JSON
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    if "properties" in schema:
        required = schema.get("required", ())
        return {
            name: _member(name, one, schemas)
            for name, one in schema["properties"].items()
            if name in required or name in KNOWN or _SAYING & one.keys()
        }
    return {} if schema.get("type") == "object" else _PLAIN[schema.get("type", "null")]


def _member(name: str, schema: Schema, schemas: Schemas) -> Any:  # noqa: ANN401 - any JSON
    return (
        KNOWN[name]
        if name in KNOWN and not _SAYING & schema.keys()
        else example_of(schema, schemas)
    )
