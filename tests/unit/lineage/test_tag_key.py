"""Keys of tags stay within MLflow's limits."""

import pytest

from penstock.errors import LineageError
from penstock.lineage.tag_key import LONGEST_KEY, iter_texts, tag_key

LONG = f"{'müll ' * 60}.exists"


def test_a_short_key_is_the_text_itself():
    """Nothing stands beside it."""
    assert ("model.status", None) == tag_key("model.status")


def test_a_long_key_is_a_prefix_and_a_digest():
    """The full text stands in a tag beside it."""
    key = tag_key(LONG)
    assert key.key.startswith("müll müll")
    assert len(key.beside) <= LONGEST_KEY
    assert LONG == key.full


def test_long_keys_that_begin_alike_differ():
    """A digest of the whole tells them apart."""
    assert tag_key(LONG).key != tag_key(f"{LONG}2").key


def test_the_texts_of_all_keys_are_found_again():
    """Tags that hold full keys are no entries of their own."""
    key = tag_key(LONG)
    tags = {key.key: "True", key.beside: str(key.full), "a_x22_b.key": "v", "a_x22_b": "w"}
    assert {LONG: "True", 'a"b.key': "v", 'a"b': "w"} == {
        text: tags[found] for text, found in iter_texts(tags)
    }


@pytest.mark.parametrize("text", ["", "x" * 5001])
def test_what_can_be_no_key_is_refused(text):
    """With a message that says how long it may be."""
    with pytest.raises(LineageError, match=r"must not be empty|may have 5000 characters"):
        tag_key(text)
