"""Shares, and the fractions that they come to."""

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from penstock.errors import InvalidRollout
from penstock.rollout.fractions import SMALLEST, check_share, give, normalise

RUNS = st.text("abcdef0123456789", min_size=1, max_size=4)
SHARES = st.floats(0.001, 1000) | st.integers(1, 100).map(float)
LIKE_SHARES = st.floats(0.1, 100) | st.integers(1, 100).map(float)
"""Like enough that even a thousandth of the least, among sixty, is no less than the smallest."""

FRACTIONS = st.dictionaries(RUNS, LIKE_SHARES, min_size=1, max_size=60).map(normalise)
ANY_NUMBER = st.floats(0, allow_infinity=False)


@given(st.dictionaries(RUNS, SHARES, min_size=1, max_size=200))
@example({f"r{number}": 0.1 for number in range(10)})
@example({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
@example({f"r{number}": 1.0 for number in range(49)})
def test_fractions_add_up_to_1_exactly(shares):
    """Each above 0, in proportion to the shares, for the same runs."""
    fractions = normalise(shares)
    total = math.fsum(shares.values())
    assert 1 == math.fsum(fractions.values())
    assert shares.keys() == fractions.keys()
    for run, share in shares.items():
        assert share / total == pytest.approx(fractions[run], rel=1e-9)


@given(st.dictionaries(RUNS, ANY_NUMBER.filter(bool), min_size=1, max_size=20))
@example({"a": 1.7e308, "b": 1.7e308})
@example({"a": 5e-324, "b": 5e-324})
@example({"a": 5e-324, "b": 1.7e308})
def test_any_shares_add_up_or_are_refused(shares):
    """Refused only where one is nothing beside the others."""
    if min(shares.values()) / max(shares.values()) < SMALLEST / 2:
        with pytest.raises(InvalidRollout, match="the smallest fraction is 1e-09"):
            normalise(shares)
        return
    assume(min(shares.values()) / max(shares.values()) > 2 * SMALLEST * len(shares))
    fractions = normalise(shares)
    assert 1 == math.fsum(fractions.values())
    assert all(SMALLEST <= fraction <= 1 for fraction in fractions.values())


@given(FRACTIONS)
def test_fractions_stay_as_they_are(fractions):
    """To normalise twice is to normalise once."""
    assert fractions == normalise(fractions)


@given(st.lists(st.tuples(RUNS, SHARES), min_size=1, unique_by=lambda pair: pair[0]), st.randoms())
def test_the_order_of_the_shares_does_not_matter(pairs, random):
    """Two writers who say the same write the same."""
    shuffled = random.sample(pairs, len(pairs))
    assert normalise(dict(pairs)) == normalise(dict(shuffled))


@given(FRACTIONS, st.floats(0.001, 0.9), st.randoms())
def test_one_run_gets_its_fraction_and_the_others_the_rest(fractions, fraction, random):
    """In proportion; exactly what was said, and exactly 1 together."""
    run = random.choice(sorted(fractions))
    given_to = give(fractions, run, fraction)
    others = sorted(fractions.keys() - {run})
    assert 1 == math.fsum(given_to.values())
    assert (fraction if others else 1.0) == given_to[run]
    rest = math.fsum(fractions[other] for other in others)
    for other in others:
        expected = fractions[other] / rest * (1 - fraction)
        assert expected == pytest.approx(given_to[other], rel=1e-6)


@given(FRACTIONS, st.floats(0.001, 0.9), st.randoms())
def test_a_fraction_given_back_restores_the_others(fractions, fraction, random):
    """To change a run and to change it back is to do nothing, but for rounding."""
    assume(len(fractions) > 1)
    run = random.choice(sorted(fractions))
    assume(fractions[run] > 1e-3)
    back = give(give(fractions, run, fraction), run, fractions[run])
    assert fractions == pytest.approx(back, rel=1e-6)


def test_a_new_run_gets_its_fraction_too():
    """What the others had is scaled down."""
    assert {"a": 0.4, "b": 0.4, "c": 0.2} == give({"a": 0.5, "b": 0.5}, "c", 0.2)
    assert {"c": 1.0} == give({}, "c", 0.2)


@pytest.mark.parametrize("shares", [{}, {"a": 0.0}, {"a": 0.0, "b": 0.0}])
def test_no_share_at_all_is_refused(shares):
    """Somebody must get the traffic."""
    with pytest.raises(InvalidRollout, match="add up to 0; give at least one"):
        normalise(shares)


@pytest.mark.parametrize(("fractions", "fraction"), [({"a": 1.0}, 1 - 1e-12), ({"a": 1.0}, 1e-12)])
def test_what_leaves_a_run_next_to_nothing_is_refused(fractions, fraction):
    """The given one and the others alike."""
    with pytest.raises(InvalidRollout, match="the smallest fraction is 1e-09, and 0 disables"):
        give(fractions, "b", fraction)


@pytest.mark.parametrize(
    "share",
    [math.nan, math.inf, -math.inf, -0.1, -5e-324, -1, 10**400, "0.5", None, True, False, [1], 1j],
    ids=lambda share: repr(share)[:12],
)
def test_what_is_no_share_is_refused(share):
    """The error names whose it is, the value and the rule."""
    with pytest.raises(InvalidRollout, match="the share of run 'r' must be") as error:
        check_share(share, "run 'r'")
    assert repr(share)[:40] in str(error.value)


def test_numbers_of_any_library_are_shares():
    """And minus zero is zero."""
    numpy = pytest.importorskip("numpy")
    for share in (numpy.float32(0.5), numpy.float64(0.5), numpy.array(0.5)):
        assert 0.5 == check_share(share, "run 'r'")
    assert (2.0, float) == (check_share(2, "r"), type(check_share(numpy.int64(2), "r")))
    assert "0.0" == str(check_share(-0.0, "run 'r'"))
