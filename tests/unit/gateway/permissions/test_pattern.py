"""Which texts are patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import GrantError
from penstock.gateway.permissions.pattern import EXACT, MAX_LENGTH, parse_pattern
from penstock.gateway.permissions.resource import Kind, Resource

EXPERIMENT, MODEL = Kind.EXPERIMENT, Kind.REGISTERED_MODEL
texts = st.text(max_size=20) | st.text("a*id:01/", max_size=8)


@given(st.sampled_from(Kind), texts)
def test_a_text_is_a_pattern_or_refused(kind, text):
    """With the one error, and what is taken keeps its text."""
    try:
        pattern = parse_pattern(kind, text)
    except GrantError:
        return
    assert (kind, text, None) == (pattern.kind, pattern.text, pattern.resource_id)
    assert "*" not in text[:-1]
    assert text.isprintable()


@given(st.text("ab/", max_size=4), st.text("ab/", max_size=4))
def test_a_prefix_matches_what_begins_so(prefix, rest):
    """Of its own kind alone; a longer one is more specific, and no one as specific as a name."""
    pattern = parse_pattern(MODEL, prefix + "*")
    assert pattern.matches(Resource(MODEL, prefix + rest))
    assert not pattern.matches(Resource(EXPERIMENT, prefix + rest, "1"))
    assert not pattern.matches(Resource(MODEL, "c" + prefix + rest)) or not prefix
    longer = parse_pattern(MODEL, prefix + "a*")
    assert pattern.specificity < longer.specificity < EXACT


def test_the_longest_prefix_is_less_specific_than_a_name():
    """However long it is."""
    longest = parse_pattern(MODEL, "a" * (MAX_LENGTH - 1) + "*")
    assert longest.specificity < parse_pattern(MODEL, "b").specificity


@pytest.mark.parametrize("text", ["id:01", "id:", "id:+1", "id: 1", "id:1a", "id:\u0661", "id:-1"])
def test_an_id_has_one_spelling(text):
    """For experiments; a registered model may be named so."""
    with pytest.raises(GrantError, match="id:12"):
        parse_pattern(EXPERIMENT, text)
    assert parse_pattern(MODEL, text).matches(Resource(MODEL, text))


@pytest.mark.parametrize("text", ["", "a" * (MAX_LENGTH + 1), "a\n", "a\x00", "**", "a*b", "*a"])
def test_what_is_no_pattern_is_refused(text):
    """For both kinds."""
    for kind in Kind:
        with pytest.raises(GrantError):
            parse_pattern(kind, text)
