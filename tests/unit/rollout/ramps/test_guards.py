"""What guards say, and what is no guard."""

import pytest

from penstock.errors import InvalidRollout
from penstock.rollout.ramps.evidence import Bounds, Counts, Evidence, together
from penstock.rollout.ramps.guards import Verdict, parse_guard

HOLDS, BROKEN, OPEN = Verdict.HOLDS, Verdict.BROKEN, Verdict.OPEN
RUN = Counts(200, 4, {10.0: 150, 100.0: 46, 250.0: 4})
BASELINE = Counts(1000, 10, {10.0: 985, 125.0: 15})


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("error_rate<3%", HOLDS),
        ("error_rate<2%", BROKEN),
        ("error_rate <= 2 %", HOLDS),
        ("error_rate<0.01", BROKEN),
        ("error_rate<=baseline", BROKEN),
        ("error_rate<=baseline*2", HOLDS),
        ("error_rate<=baseline+0.5%", BROKEN),
        ("error_rate<=baseline+1%", HOLDS),
        ("p50<20ms", HOLDS),
        ("p99<0.2s", BROKEN),
        ("p99<=250ms", HOLDS),
        ("p97.5<200ms", HOLDS),
        ("p99<=baseline*1.2", BROKEN),
        ("p99<=baseline+125ms", HOLDS),
    ],
)
def test_counts_are_judged_against_a_limit(text, verdict):
    """A number, or what the run has that it takes the traffic from."""
    assert verdict is parse_guard(text).judge(Evidence(RUN, BASELINE), 100).verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("outcome>=baseline", HOLDS),
        ("outcome>=baseline+0.4", BROKEN),
        ("outcome<=baseline", HOLDS),
        ("outcome<=baseline-0.2", BROKEN),
        ("outcome>=0.2", HOLDS),
        ("outcome>0.6", BROKEN),
        ("outcome<0.3", BROKEN),
    ],
)
def test_outcomes_are_judged_by_their_bounds(text, verdict):
    """A guard breaks only where the bounds leave no other reason."""
    known = Evidence(RUN, BASELINE, (Bounds(0.45, 0.4, 0.5),), (Bounds(0.1, -0.1, 0.3),))
    assert verdict is parse_guard(text).judge(known, 100).verdict


def test_little_is_no_reason():
    """Neither of few requests of either run, nor of few outcomes."""
    assert OPEN is parse_guard("error_rate<1%").judge(Evidence(RUN, BASELINE), 201).verdict
    few = Evidence(RUN, Counts(99, 99))
    assert OPEN is parse_guard("error_rate<=baseline").judge(few, 100).verdict
    assert OPEN is parse_guard("outcome>=baseline").judge(Evidence(RUN, BASELINE), 100).verdict


def test_the_worst_server_counts():
    """Each has bounds of its own; requests add up."""
    one = Evidence(RUN, BASELINE, (), (Bounds(0, -1, 1),))
    bad = Evidence(Counts(100, 96), BASELINE, (), (Bounds(-1, -2, -0.5),))
    both = together([one, bad])
    assert BROKEN is parse_guard("outcome>=baseline").judge(both, 100).verdict
    judged = parse_guard("error_rate<10%").judge(both, 300)
    assert (BROKEN, "33.3 % of 300 requests") == (judged.verdict, judged.why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no guard such as"),
        ("errors<1%", "no guard such as"),
        ("error_rate<", "no guard such as"),
        ("error_rate=1%", "no guard such as"),
        ("error_rate<-1%", "no guard such as"),
        ("error_rate<baseline*", "no guard such as"),
        ("error_rate<baseline+", "no guard such as"),
        ("error_rate<baseline5", "no guard such as"),
        ("error_rate<5ms", "give a share"),
        ("error_rate>1%", "write < or <="),
        ("p99<200", "give a time"),
        ("p99<20%", "give a time"),
        ("p100<20ms", "between p0 and p100"),
        ("outcome>=5%", "a number without a unit"),
        ("outcome>=baseline*1.1", "by their difference"),
    ],
)
def test_what_is_no_guard_is_told(text, why):
    """Before anything is changed."""
    with pytest.raises(InvalidRollout, match=why):
        parse_guard(text)


def test_a_step_is_judged_by_what_came_in_it():
    """Counts are differences; where counting began anew they are nothing, never less."""
    since = RUN.since(Counts(150, 4, {10.0: 150, 100.0: 6}))
    assert Counts(50, 0, {100.0: 40, 250.0: 4}) == since
    assert (0.0, 250.0, 100.0) == (since.error_rate, since.quantile(0.99), since.quantile(0.5))
    assert Counts(0, 0, {}) == Counts(3, 0, {10.0: 3}).since(RUN)
    assert (None, None) == (Counts().error_rate, Counts().quantile(0.5))
