"""Submodels as names of registered models."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.rollout.model_names import decode_model_name, encode_model_name

NAMES = st.text("%/:2F3Aa5f -.'`ü", max_size=12) | st.text(max_size=12)


@given(NAMES)
def test_a_name_comes_back(name):
    """Whatever stands in it."""
    assert name == decode_model_name(encode_model_name(name))


@given(NAMES, NAMES)
def test_two_submodels_never_share_a_model(one, other):
    """Not even where one looks as the other's encoding."""
    assert (one == other) == (encode_model_name(one) == encode_model_name(other))


@given(NAMES)
def test_mlflow_takes_the_name(name):
    """It refuses `/` and `:`."""
    assert not {"/", ":"} & set(encode_model_name(name))


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("churn", "churn"),
        ("team/churn", "team%2Fchurn"),
        ("a:b", "a%3Ab"),
        ("100%", "100%"),
        ("50%ff", "50%25ff"),
        ("team%2Fchurn", "team%252Fchurn"),
        ("%/", "%%2F"),
    ],
)
def test_only_what_must_be_is_encoded(name, encoded):
    """A name without `/`, `:` and `%` stays what it is."""
    assert encoded == encode_model_name(name)
