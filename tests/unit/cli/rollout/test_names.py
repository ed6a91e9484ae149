"""What messages say of names, and how long ids have to be."""

import pytest

from penstock.cli.rollout.names import listed, near, one_line, short_ids, there


def test_near_names_are_asked_about():
    """A slip of the finger is found; what is far is not offered."""
    assert "; did you mean 'churn'?" == near("chrun", ["churn", "fraud"])
    assert "; did you mean 'churn' or 'churn-eu'?" == near("churn-", ["churn-eu", "churn"])
    assert "" == near("weather", ["churn", "fraud"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a"], "'a'"),
        (["a", "b"], "'a' and 'b'"),
        (list("abcdefg"), "'a', 'b', 'c', 'd', 'e' and 2 more"),
    ],
)
def test_lists_are_as_long_as_one_reads(words, said):
    """Of many the first are named and the others counted."""
    assert said == listed(words)


def test_one_is_and_several_are():
    """A message is a sentence."""
    assert "there is 'a'" == there(["a"])
    assert "there are 'a' and 'b'" == there(["a", "b"])


def test_ids_are_as_short_as_they_may_be():
    """Eight characters, or as many as tell them apart."""
    assert {} == short_ids([])
    assert {"a" * 32: "a" * 8, "b" * 32: "b" * 8} == short_ids(["a" * 32, "b" * 32])
    first, second = "c" * 12 + "1" * 20, "c" * 12 + "2" * 20
    assert {first: "c" * 12 + "1", second: "c" * 12 + "2"} == short_ids([first, second])
    assert {"d": "d"} == short_ids(["d"])


def test_a_name_is_one_line():
    """Whoever names an experiment does not write lines of our answers."""
    assert "churn\ufffdrevision 9" == one_line("churn\nrevision 9")
