"""Say a JSON schema in words. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from penstock.gateway.api.example import Schema, Schemas, resolved

DEEPEST: Final = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a body or an argument of a call."""

    name: str
    kind: str
    is_required: bool
    description: str = ""


def words(schema: Schema, schemas: Schemas) -> str:
    """Return what values fit a schema."""
    schema = resolved(schema, schemas)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(json.dumps(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(words(one, schemas) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {words(schema.get('items', {}), schemas)}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {words(schema['additionalProperties'], schemas)}"
    return str(schema.get("type", "any value")) + _bounds(schema)


def members(schema: Schema, schemas: Schemas, *, within: str = "") -> Iterator[Member]:
    """Yield the fields of an object, those of objects inside it too."""
    schema = next((one for one, _ in _objects(schema, schemas)), {})
    if within.count(".") >= DEEPEST:
        return
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        path = within + name
        yield Member(path, words(one, schemas), name in required, one.get("description", ""))
        for inner, mark in _objects(one, schemas):
            yield from members(inner, schemas, within=f"{path}{mark}.")


def _objects(schema: Schema, schemas: Schemas) -> list[tuple[Schema, str]]:
    """Return the one object that a field holds, or a list of."""
    schema = resolved(schema, schemas)
    choices = [resolved(one, schemas) for one in schema.get("anyOf", [schema])]
    found: list[tuple[Schema, str]] = []
    for one in choices:
        if one.get("type") == "array":
            inner = resolved(one.get("items", {}), schemas)
            found += [(inner, "[]")] if "properties" in inner else []
        elif "properties" in one:
            found.append((one, ""))
    return found[:1]


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and high < 10**6:
        return f" from {low} to {high}"
    if "maxLength" in schema and schema["maxLength"] <= 10**4:
        return f" of up to {schema['maxLength']} characters"
    return ""
