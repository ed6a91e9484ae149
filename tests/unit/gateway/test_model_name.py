"""The names of registered models, as grants see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.gateway.proxy.targets.model_name import shown_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", "a"),
        ("team%2Fa", "team/a"),
        ("a%3A1", "a:1"),
        ("a%2fb", "a%2fb"),
        ("a%41", "a%41"),
        ("a%252Fb", "a%252Fb"),
        ("100%", "100%"),
    ],
)
def test_only_what_mlflow_forbids_is_decoded(name, expected):
    """`/` and `:`, in the one spelling that encoders write."""
    assert expected == shown_name(name)


NAMES = st.text(st.sampled_from("aA1%2Ff3:C/"), max_size=8).filter(
    lambda name: "/" not in name and ":" not in name
)


@given(NAMES, NAMES)
def test_no_two_names_of_mlflow_s_look_alike(one, other):
    """Otherwise a grant on one would be a grant on the other."""
    assert (one == other) is (shown_name(one) == shown_name(other))
