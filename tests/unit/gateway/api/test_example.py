import pytest

from penstock.gateway.api.example import example_of
from penstock.gateway.api.schema_words import members, words

SCHEMAS = {
    "Tag": {
        "type": "object",
        "properties": {"key": {"type": "string", "examples": ["team"]}, "more": {"type": "string"}},
        "required": ["key"],
    }
}
TAG = {"$ref": "#/components/schemas/Tag"}


@pytest.mark.parametrize(
    ("schema", "example", "said"),
    [
        ({"type": "string", "maxLength": 5}, "text", "string of up to 5 characters"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, 1, "integer from 1 to 9"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text", "string or null"),
        ({"enum": ["read", "write"]}, "read", '"read" or "write"'),
        ({"const": "SUCCESS"}, "SUCCESS", '"SUCCESS"'),
        ({"type": "array", "items": TAG}, [{"key": "team"}], "list of object"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {}, "object of string"),
        ({}, None, "any value"),
    ],
)
def test_a_schema_has_an_example_and_words(schema, example, said):
    """An example leaves out what may be left out."""
    assert (example, said) == (example_of(schema, SCHEMAS), words(schema, SCHEMAS))


def test_fields_inside_of_fields_are_told_too():
    """With where they stand, and whether they must be there."""
    schema = {"type": "object", "properties": {"tags": {"type": "array", "items": TAG}, "one": TAG}}
    told = [(one.name, one.is_required) for one in members(schema, SCHEMAS)]
    assert [
        ("tags", False),
        ("tags[].key", True),
        ("tags[].more", False),
        ("one", False),
        ("one.key", True),
        ("one.more", False),
    ] == told
