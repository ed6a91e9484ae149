"""Which run answers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.serving.choice import Choice

FRACTIONS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4),
    st.floats(0.001, 1, allow_nan=False),
    min_size=1,
    max_size=8,
)
KEYS = [f"customer-{number}" for number in range(400)]


def by_key(fractions):
    choice = Choice(fractions)
    return {key: choice.by_key(key) for key in KEYS}


@given(FRACTIONS, FRACTIONS)
def test_a_key_moves_only_to_a_run_that_has_gained_on_its_own(before, after):
    """Changed fractions move no key but those that they must."""
    first, second = by_key(before), by_key(after)
    for key in KEYS:
        old, new = first[key], second[key]
        if old != new and old in after and new in before:
            assert after[new] / before[new] > after[old] / before[old]


@given(FRACTIONS)
def test_a_run_that_goes_gives_its_keys_away_and_no_other_moves(fractions):
    """The others keep theirs."""
    gone = min(fractions)
    rest = {run_id: share for run_id, share in fractions.items() if run_id != gone}
    first, second = by_key(fractions), by_key(rest)
    assert all(second[key] == first[key] for key in KEYS if first[key] != gone)


@given(FRACTIONS, st.sampled_from([0.25, 0.5, 4.0, 64.0]))
def test_only_the_proportions_count(fractions, scale):
    """Runs that cannot be loaded leave fractions that do not add up to 1."""
    scaled = {run_id: share * scale for run_id, share in fractions.items()}
    assert by_key(fractions) == by_key(scaled)


@pytest.mark.parametrize("way", ["keys", "points"])
def test_runs_answer_by_their_fractions(way):
    """A tenth of the traffic is a tenth, by keys as well as by chance."""
    choice, count = Choice({"a": 0.7, "b": 0.2, "c": 0.1}), 20_000
    answered = Counter(
        choice.by_key(f"k{number}") if way == "keys" else choice.at((number + 0.5) / count)
        for number in range(count)
    )
    assert pytest.approx(0.7, abs=0.02) == answered["a"] / count
    assert pytest.approx(0.1, abs=0.01) == answered["c"] / count


def test_moving_a_tenth_of_the_traffic_moves_a_tenth_of_the_keys():
    """With two runs, no more keys move than the fractions say."""
    before, after = Choice({"a": 0.5, "b": 0.5}), Choice({"a": 0.4, "b": 0.6})
    moved = sum(before.by_key(f"k{n}") != after.by_key(f"k{n}") for n in range(20_000))
    assert pytest.approx(0.1, abs=0.01) == moved / 20_000


def test_a_key_of_any_text_finds_its_run():
    """Keys come from strangers."""
    choice = Choice({"a": 0.5, "b": 0.5})
    assert all(choice.by_key(key) in {"a", "b"} for key in ("", "ü", "\ud800", "x" * 10_000))


def test_where_no_run_answers_none_is_chosen():
    """An empty lineup is no error of the choice."""
    assert Choice({}).by_key("k") is None
    assert Choice({}).at(0.5) is None
    assert "a" == Choice({"a": 0.3}).at(0.999999999)
