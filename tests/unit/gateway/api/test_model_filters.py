import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.api.model_filters import ModelFilters, is_sayable, parse_filters, same_name

SIGNS = "'\"\\`%_\n\x00 aé🚀(),;-"


@given(st.text(SIGNS), st.dictionaries(st.text(SIGNS), st.text(SIGNS), max_size=3))
def test_no_text_ends_a_quoted_part(name, tags):
    """Without the quotes of the filter itself there is none left, and nothing that escapes one."""
    clause = ModelFilters(name=name, tags=tags).clause
    parts = clause.split("'")
    assert len(parts) % 2 == 1
    for outside in parts[::2]:
        assert all(
            word in {"", "name", "LIKE", "AND"} or word.startswith("tags.`")
            for word in outside.split(" ")
        )
    assert not set('"\\\n\x00') & set(clause)
    assert clause.count("`") == 2 * clause.count("tags.`")


@given(st.text(SIGNS), st.text(SIGNS))
def test_a_model_fits_by_a_part_of_its_name_exactly(name, part):
    """As Python sees it; signs that stand for others in a database do not here."""
    assert (part in name) == ModelFilters(name=part).match({"name": name})


def test_all_tags_must_be_there_with_their_values():
    """A model without one of them does not fit, nor does one with another value."""
    model = {"name": "m", "tags": [{"key": "a", "value": "1"}, {"key": "b"}]}
    fits = {
        text: parse_filters(text).match(model)
        for text in (
            '{"tags": {"a": "1"}}',
            '{"tags": {"a": "1", "b": ""}}',
            '{"tags": {"a": "1", "c": "1"}}',
            '{"tags": {"a": "_"}}',
            '{"name": null, "tags": null}',
        )
    }
    assert [True, True, False, False, True] == list(fits.values())


@pytest.mark.parametrize(
    ("filters", "exact"),
    [
        ({}, True),
        ({"name": "churn (2)", "tags": {"a.b-c/d": "é"}}, True),
        ({"name": "100 %"}, False),
        ({"name": "a_b"}, False),
        ({"name": "it's"}, False),
        ({"tags": {"a": "x_y"}}, False),
        ({"tags": {"a b": "x"}}, False),
    ],
)
def test_what_mlflow_can_say_exactly_is_known(filters, exact):
    """All else is looked through in larger pages."""
    assert exact == parse_filters(json.dumps(filters)).is_exact


@pytest.mark.parametrize(
    "text",
    ["", "x", "null", "[]", "1", '{"name": 1}', '{"tags": []}', '{"a": 1}', '{"name": "\\ud800"}'],
)
def test_what_are_no_filters_is_refused_with_how_to_write_them(text):
    """400 that shows the form."""
    with pytest.raises(RequestRefused) as refusal:
        parse_filters(text)
    assert 400 == refusal.value.status
    assert '{"name": "part of a name"' in refusal.value.message


@pytest.mark.parametrize(
    ("name", "clause", "sayable"),
    [
        ("churn", "name = 'churn'", True),
        ("a_b%", "name = 'a_b%'", True),
        ("it's", "name LIKE 'it_s'", False),
        ('a\\"`b', "name LIKE 'a___b'", False),
    ],
)
def test_a_name_is_said_as_far_as_it_can_be(name, clause, sayable):
    """Other names that look alike are left out afterwards."""
    assert (clause, sayable) == (same_name(name), is_sayable(name))
