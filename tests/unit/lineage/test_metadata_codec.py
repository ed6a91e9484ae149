"""Values of metadata come back as they were."""

import json
import math
import sys
from collections import OrderedDict, UserDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import LineageError
from penstock.lineage.metadata_codec import decode, encode

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Colour(Enum):
    RED = 1


class Stage(StrEnum):
    NEW = "new"


class Endless:
    def to_dict(self) -> "Endless":
        return self

    def __str__(self) -> str:
        return "an endless thing"


@given(VALUES)
def test_any_json_value_comes_back(value):
    """With its type: 1, 1.0, "1" and True are four things."""
    found = decode(encode(value))
    assert value == found
    assert type(value) is type(found)


@given(st.text() | st.sampled_from(["1", "null", "true", "NaN", '"x"', "[1]", " 1 ", "\x00", ""]))
def test_any_text_comes_back(text):
    """Also one that could be taken for JSON, or that a database would drop."""
    assert text == decode(encode(text))


@pytest.mark.parametrize("text", ["DEPLOYED", "it's", 'say "hi"', "{not json", "a: b", "{'a': 1}"])
def test_plain_text_stays_plain(text):
    """It can be read and searched for in MLflow's pages."""
    assert text == encode(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.array([0.5], np.longdouble), [0.5]),
        (np.clongdouble(1), "(1+0j)"),
        (Endless(), "an endless thing"),
        (np.int32(3), 3),
        (np.bool_(True), True),  # noqa: FBT003 - NumPy's own
        (np.array([[1, 2]]), [[1, 2]]),
        (np.array(["2026-01-31"], "datetime64[D]"), ["2026-01-31"]),
        (np.datetime64("2026-01-31"), "2026-01-31"),
        (pd.Series({"a": 1}), {"a": 1}),
        (pd.DataFrame({"a": [1, 2]}), {"a": {"0": 1, "1": 2}}),
        (pd.Timestamp("2026-01-31"), "2026-01-31T00:00:00"),
        ((1, (2,)), [1, [2]]),
        ({3, 1}, [1, 3]),
        ({1: "a", None: "b"}, {"1": "a", "null": "b"}),
        (OrderedDict(a=1), {"a": 1}),
        (UserDict(a=[1]), {"a": [1]}),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00+00:00"),
        (date(2026, 1, 31), "2026-01-31"),
        (Decimal("1.5"), "1.5"),
        (Path("a/b"), "a/b"),
        (Colour.RED, 1),
        (Stage.NEW, "new"),
    ],
)
def test_what_json_has_no_word_for_becomes_what_is_closest(value, expected):
    """Numbers of NumPy are numbers, arrays lists, moments ISO 8601."""
    assert expected == decode(encode(value)) == decode(encode([value]))[0]


@pytest.mark.parametrize("value", [math.nan, np.nan])
def test_not_a_number_comes_back(value):
    """As what it is, alone and inside something."""
    assert math.isnan(decode(encode(value)))
    assert math.isnan(decode(encode({"a": [value]}))["a"][0])


def test_lone_surrogates_survive():
    """Text that UTF-8 cannot hold is written as JSON's escapes."""
    assert "\ud800" == decode(encode("\ud800"))
    assert encode("\ud800").encode()


def test_what_holds_itself_is_refused():
    """With advice, not with Python's own complaint."""
    value: list[object] = []
    value.append(value)
    with pytest.raises(LineageError, match="log its parts"):
        encode(value)


@pytest.mark.parametrize("place", [lambda number: number, lambda number: {"a": {number}}])
def test_an_integer_that_python_does_not_write_is_refused(place):
    """With advice; one of as many digits as Python writes is kept."""
    most = sys.get_int_max_str_digits()
    assert {"a": 10 ** (most - 1)} == decode(encode({"a": 10 ** (most - 1)}))
    with pytest.raises(LineageError, match=r"4,300 digits .* hex\(number\)"):
        encode(place(10**most))


def test_values_are_json_in_the_tag():
    """Other programs can read them."""
    assert {"a": ["ü", None]} == json.loads(encode({"a": ["ü", None]}))
    assert "ü" in encode({"a": "ü"})
