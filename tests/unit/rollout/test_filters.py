"""What MLflow's searches are asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.rollout.filters import (
    among,
    common_numbers,
    equals,
    joined,
    of_scope,
    of_versions,
    quoted,
)
from penstock.rollout.scope import Scope
from penstock.semver import EVERY, SemVer, VersionRange, parse_range

SMALL = st.integers(0, 3)
VERSIONS = st.builds(SemVer, SMALL, SMALL, SMALL)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("churn", "'churn'"),
        ("it's", '"it\'s"'),
        ('the "best"', "'the \"best\"'"),
        ("100% `ü` 日本", "'100% `ü` 日本'"),
        ("", "''"),
    ],
)
def test_a_text_stands_in_quotes_that_hold_it(value, expected):
    """MLflow knows no escape."""
    assert expected == quoted(value)


@pytest.mark.parametrize("value", ["'\"", "a\\b", "two\nlines", "\x00", "\x7f"])
def test_what_no_quotes_can_hold_is_left_out(value):
    """Whoever searches compares the answers itself."""
    assert quoted(value) is None
    assert equals("tags", "key", value) is None
    assert "" == joined([equals("params", "key", value), None])


@given(st.text(max_size=20))
def test_a_text_never_ends_its_quotes(value):
    """So nothing that a user says becomes a condition."""
    text = quoted(value)
    if text is not None:
        assert (value, text[0]) == (text[1:-1], text[-1])
        assert text[0] not in value


@pytest.mark.parametrize("key", ["", "a`b", 'a"b', "a'b", "a=b", "1a", "ü", "a\nb", "a%"])
def test_a_key_that_would_not_be_read_as_one_is_left_out(key):
    """Backticks end at the first backtick."""
    assert equals("tags", key, "value") is None


def test_conditions_are_joined():
    """Those that have a form."""
    first, second = equals("params", "a b", "x"), equals("tags", "c/d", "y")
    assert "params.`a b` = 'x' and tags.`c/d` = 'y'" == joined([first, None, second])
    assert "attributes.run_id IN ('r1', 'r2')" == among("attributes.run_id", ["r1", "r2"])


def test_a_scope_is_four_conditions():
    """Or three, where its submodel has no form."""
    numbers = ["params.`major_version` = '1'", "params.`minor_version` = '4'"]
    numbers.append("params.`micro_version` = '2'")
    scope = Scope("7", "churn", SemVer(1, 4, 2))
    assert ["params.`submodel_name` = 'churn'", *numbers] == of_scope(scope)
    assert numbers == of_scope(Scope("7", "'\"", SemVer(1, 4, 2)))


@given(VERSIONS, VERSIONS | st.none(), VERSIONS)
def test_no_version_of_a_range_is_filtered_out(low, high, version):
    """Params are texts, and MLflow compares them for equality alone."""
    versions = VersionRange(low, high)
    numbers = common_numbers(versions)
    if version in versions:
        assert numbers == [version.major, version.minor, version.micro][: len(numbers)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1.4.2", [1, 4, 2]), ("1.4.*", [1, 4]), ("1.*", [1]), (">=1.2,<1.4", [1]), (">=1", [])],
)
def test_a_range_asks_for_the_numbers_that_its_versions_share(text, numbers):
    """So that a search reads few others."""
    assert numbers == common_numbers(parse_range(text))
    assert len(numbers) + 1 == len(of_versions("churn", parse_range(text)))
    assert [] == common_numbers(EVERY)
