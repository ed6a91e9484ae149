import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.rest.writer.kind import Kind
from penstock.rest.writer.suspects import Suspect, divide, find_suspects, is_about_key, suspect
from unit.rest.writer.items import ITEMS, metric, param, tag

SENT = [metric(1, "a"), tag("t"), metric(2, "b"), param("p"), metric(3, "a")]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Invalid value \"b\" for parameter 'metrics[1].name' supplied", {(Kind.METRIC, "b")}),
        ("Invalid value -5 for parameter 'metrics[2].timestamp'", {(Kind.METRIC, "a")}),
        ("Invalid value for parameter 'tags[0].value'", {(Kind.TAG, "t")}),
        ("Invalid value for parameter 'tags[7].value'", set()),
        ("already logged='[{'key': 'p', 'old_value': '1'}]'", {(Kind.PARAM, "p")}),
        ("Invalid metric name: 'a'. Names may", {(Kind.METRIC, "a")}),
        ('Got invalid value for metric "b"', {(Kind.METRIC, "b")}),
        ("(sqlite3.IntegrityError) … [parameters: ('a', 1.0)]", set()),
        ("something is wrong", set()),
    ],
)
def test_the_words_of_a_refusal_are_read(message, expected):
    """As MLflow 2.12 and 3.17 say it."""
    assert {Suspect(*pair) for pair in expected} == find_suspects(SENT, message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Invalid value \"b!\" for parameter 'metrics[1].name' supplied", True),
        ("Invalid value \"b!\" for parameter 'tags[1].key' supplied", True),
        ("Invalid metric name: 'b!'. Names may only contain", True),
        ("Invalid value -5 for parameter 'metrics[1].timestamp' supplied", False),
        ("Changing param values is not allowed", False),
    ],
)
def test_a_bad_name_is_told_from_a_bad_value(message, expected):
    """For then all its items are refused."""
    assert expected is is_about_key(message)


@given(st.lists(ITEMS, min_size=2, max_size=30), st.data())
def test_two_parts_hold_all_items(items, draw):
    """Each is smaller than the whole, and each key is in order."""
    named = draw.draw(st.sets(st.sampled_from([suspect(item) for item in items])))
    first, second = divide(items, named)
    assert first
    assert second
    assert sorted(map(id, items)) == sorted(map(id, first + second))
    for key in {suspect(item) for item in items}:
        assert [id(item) for item in items if suspect(item) == key] == [
            id(item) for item in first + second if suspect(item) == key
        ]
