"""What a model may be saved with."""

import pytest

from penstock.errors import InvalidRollout
from penstock.rollout.metadata import check_immutable, check_mutable, check_wanted

BAD_KEYS = [
    *("", "a'b", 'a"b', "a`b", "100%", "a=b", "a,b", "a;b", "a\nb", "a\tb", "a\\b", "a?b", "a#b"),
    *("/a", "a/", "a//b", "../a", "a/../b", ".", "..", "a/.", "k" * 251),
]
RESERVED_KEYS = [
    *("submodel_name", "major_version", "minor_version", "micro_version"),
    *("mlflow.note", "mlflow.", "penstock.plan.x", "Penstock.status", "MLFLOW.user"),
]


@pytest.mark.parametrize("check", [check_immutable, check_mutable])
@pytest.mark.parametrize("key", ["team", "a b", "a.b-c_d", "a/b", "a:b", "ü", "日本", "k" * 250])
def test_metadata_become_texts(check, key):
    """Keys as MLflow takes them, values of any kind."""
    assert {key: "7"} == check({key: 7})
    assert {key: 'it\'s `100%` "日本"'} == check({key: 'it\'s `100%` "日本"'})


@pytest.mark.parametrize("check", [check_immutable, check_mutable])
@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_mlflow_refuses_is_refused(check, key):
    """Before anything is written."""
    with pytest.raises(InvalidRollout, match="_metadata holds the key"):
        check({"good": 1, key: "x"})


@pytest.mark.parametrize("check", [check_immutable, check_mutable])
@pytest.mark.parametrize("key", RESERVED_KEYS)
def test_a_reserved_key_is_refused(check, key):
    """The error names it."""
    with pytest.raises(InvalidRollout, match=f"must not hold '{key}': the name is reserved"):
        check({key: "x"})


def test_a_value_that_is_too_long_is_refused():
    """By MLflow's limits, which differ."""
    assert check_immutable({"k": "x" * 6000})
    assert check_mutable({"k": "x" * 8000})
    with pytest.raises(InvalidRollout, match=r"\['k'\] has 6001 characters; MLflow holds 6000"):
        check_immutable({"k": "x" * 6001})
    with pytest.raises(InvalidRollout, match="8001 characters"):
        check_mutable({"k": "x" * 8001})


@pytest.mark.parametrize("metadata", ["text", 7, ["a"], {"a"}])
def test_what_is_no_dictionary_is_refused(metadata):
    """The error names the argument."""
    with pytest.raises(InvalidRollout, match="immutable_metadata must be a dictionary"):
        check_immutable(metadata)
    with pytest.raises(InvalidRollout, match="extra must be a dictionary"):
        check_wanted(metadata, "extra")


def test_nothing_wanted_is_not_the_same_as_no_metadata():
    """An empty dictionary asks for nothing, None does not ask."""
    assert ({}, {}, {}, None) == (
        check_immutable(None),
        check_mutable({}),
        check_wanted({}, "extra"),
        check_wanted(None, "extra"),
    )
