"""Texts become what MLflow takes as keys and paths, and come back."""

import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.lineage.escaping import escape_key, escape_name, unescape

KEYS = re.compile(r"^[/\w.\- :]*$")
TEXTS = st.text(min_size=1) | st.text('_x0123456789abcdefg"./ :-', min_size=1)


@given(TEXTS)
def test_a_key_comes_back_and_mlflow_takes_it(text):
    """Whatever somebody calls a resource, it has a key of its own."""
    key = escape_key(text)
    assert text == unescape(key)
    assert KEYS.match(key)
    assert key == posixpath.normpath(key)
    assert not key.startswith(("..", "/"))


@given(TEXTS)
def test_a_name_is_one_part_of_a_path(text):
    """No id leads out of the folder of its run."""
    name = escape_name(text)
    assert text == unescape(name)
    assert "/" not in name
    assert not name.startswith((".", " "))
    assert name not in {"", ".", ".."}


@pytest.mark.parametrize(
    "key", ["model.status", "my-model.v1.exists", "a b.c", "naïve.模型", "s3:x.y", "a/b", "my_x.y"]
)
def test_what_mlflow_takes_stays_as_it_is(key):
    """Such keys can be read, and searched for, in MLflow's pages."""
    assert key == escape_key(key)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('a"b', "a_x22_b"),
        ("50%", "50_x25_"),
        ("a`b", "a_x60_b"),
        ("a\U0001f600b", "a_x1f600_b"),
        ("_x22_", "_x5f_x22_"),
        ('_x2"', "_x5f_x2_x22_"),
        ("../up", "_x2e__x2e__x2f_up"),
    ],
)
def test_everything_else_is_escaped(text, key):
    """Also what looks like an escape already."""
    assert key == escape_key(text)
    assert text == unescape(key)


def test_what_others_wrote_is_read_as_it_stands():
    """An escape that stands for no character is none."""
    assert "_xffffff_" == unescape("_xffffff_")
