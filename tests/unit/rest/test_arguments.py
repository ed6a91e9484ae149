import pytest

from penstock.errors import MlflowException
from penstock.rest._arguments import (
    as_identifier,
    as_items,
    as_labels,
    as_optional_labels,
    as_optional_text,
    as_optional_whole_number,
    as_text,
    as_texts,
    as_whole_number,
)


class Whole:
    """What whole numbers of other libraries have in common."""

    def __index__(self):
        return 7


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (as_text, "", ""),
        (as_optional_text, None, None),
        (as_identifier, "a/b", "a/b"),
        (as_identifier, 3, "3"),
        (as_identifier, Whole(), "7"),
        (as_whole_number, -5, -5),
        (as_whole_number, Whole(), 7),
        (as_whole_number, 2**63 - 1, 2**63 - 1),
        (as_optional_whole_number, None, None),
        (as_texts, None, None),
        (as_texts, [], []),
        (as_texts, ("a", "b"), ["a", "b"]),
        (as_optional_labels, None, []),
        (
            as_labels,
            {"a": 1, "b": None},
            [{"key": "a", "value": "1"}, {"key": "b", "value": "None"}],
        ),
    ],
)
def test_what_fits_is_taken(check, value, expected):
    """As the API has it."""
    assert expected == check(value, "n")


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (as_text, None),
        (as_text, 1),
        (as_text, b"bytes"),
        (as_optional_text, 1.5),
        (as_identifier, None),
        (as_identifier, 1.5),
        (as_identifier, True),
        (as_identifier, ["1"]),
        (as_whole_number, None),
        (as_whole_number, 1.0),
        (as_whole_number, "1"),
        (as_whole_number, 2**63),
        (as_whole_number, -(2**63) - 1),
        (as_texts, "text"),
        (as_texts, 5),
        (as_texts, {"a": 1}),
        (as_texts, ["a", None]),
        (as_labels, None),
        (as_optional_labels, ["a"]),
        (as_labels, "a"),
        (as_labels, {1: "a"}),
    ],
)
def test_what_does_not_fit_is_refused(check, value):
    """With the name of the argument, and what it should be."""
    with pytest.raises(MlflowException, match="the_name") as refusal:
        check(value, "the_name")
    assert ("INVALID_PARAMETER_VALUE", 400) == (
        refusal.value.error_code,
        refusal.value.get_http_status_code(),
    )


def test_a_long_value_is_not_shown_whole():
    """Somebody may have passed a data frame."""
    with pytest.raises(MlflowException) as refusal:
        as_text(list(range(10_000)), "n")
    assert len(str(refusal.value)) < 200


def test_one_thing_is_no_list_of_them():
    """Neither a text, whose letters are texts, nor something that is not iterable."""
    assert [1, 2] == as_items((1, 2), "n", "numbers")
    for value in ("ab", b"ab", {"a": 1}, 5):
        with pytest.raises(MlflowException, match="n must be a list of numbers"):
            as_items(value, "n", "numbers")
