"""Conditions that callers add to searches."""

import pytest

from penstock.lineage.history import _as_conditions, tag_is


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("tags.model.status = 'DEPLOYED'", "tags.`model.status` = 'DEPLOYED'"),
        ("tags.my-model v1.status='DEPLOYED'", "tags.`my-model v1.status` = 'DEPLOYED'"),
        ("tags.a\"b.status = 'X'", "tags.`a_x22_b.status` = 'X'"),
        ("tags.mine and yours.status = 'X'", "tags.`mine and yours.status` = 'X'"),
        ("tags.I like it.status = 'X'", "tags.`I like it.status` = 'X'"),
        ("tags.m.status LIKE 'D%'", "tags.`m.status` LIKE 'D%'"),
        ("tags.\"m.status\" = 'X'", "tags.\"m.status\" = 'X'"),
        ("tags.`m.status` = 'X'", "tags.`m.status` = 'X'"),
        ("tags.m.note = 'f(x) and g'", "tags.`m.note` = 'f(x) and g'"),
        ("tags.m.note = 'it''s \"x\" and y'", "tags.`m.note` = 'it''s \"x\" and y'"),
        ('tags.m.note = "x"', 'tags.`m.note` = "x"'),
        ("tags.a = '' and tags.b = ''", "tags.a = '' and tags.b = ''"),
        ('tags.a = "x" and tags.b = "y"', 'tags.a = "x" and tags.b = "y"'),
        ("metrics.f1 > 0.5", "metrics.f1 > 0.5"),
        ("tags.a = 'x' AND tags.b = 'y'", "tags.a = 'x' AND tags.b = 'y'"),
        ("tags.a IN ('x') and tags.b = 'y'", "tags.a IN ('x') and tags.b = 'y'"),
    ],
)
def test_bare_tags_are_quoted(given, expected):
    """Callers write ids with dashes and spaces as they are; MLflow would not read that."""
    assert [expected] == _as_conditions([given])


def test_one_condition_need_not_be_a_list():
    """And empty ones count for nothing."""
    assert ["metrics.f1 > 1"] == _as_conditions("metrics.f1 > 1")
    assert [] == _as_conditions(["", " "])


def test_tags_are_asked_for_by_their_escaped_key():
    """Whatever the id of the resource is."""
    assert "tags.`a_x60_b.exists` = 'True'" == tag_is("a`b.exists", "True")
