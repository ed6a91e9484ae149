"""Compose an example from a JSON schema, of the examples that its fields give. Pure."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]

_PLAIN: Final = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "null": None}
_PREFIX: Final = "#/components/schemas/"


def resolved(schema: Schema, schemas: Schemas) -> Schema:
    """Return a schema, or the one that it refers to."""
    reference = schema.get("$ref")
    return schema if reference is None else schemas[reference.removeprefix(_PREFIX)]


def example_of(schema: Schema, schemas: Schemas) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that fits a schema."""
    schema = resolved(schema, schemas)
    given = [*schema.get("examples", ()), *schema.get("enum", ())]
    given += [schema[name] for name in ("const", "default") if schema.get(name) is not None]
    if given:
        return given[0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    return _composed(schema, schemas)


def _composed(schema: Schema, schemas: Schemas) -> Any:  # noqa: ANN401 - any JSON
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    if "properties" in schema:
        return {name: example_of(one, schemas) for name, one in schema["properties"].items()}
    return {} if schema.get("type") == "object" else _PLAIN[schema.get("type", "null")]
