"""Changes of plans: each a function from a plan to the next one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import InvalidRollout
from penstock.rollout import changes
from penstock.rollout.plans import Plan
from penstock.rollout.status import ModelStatus
from unit.rollout.scopes import (
    ACTIVE,
    CALLS,
    CANARY,
    DISABLED,
    NEW,
    RUNS,
    SCOPE,
    SHARES,
    A,
    B,
    C,
    D,
    planned,
    statuses_of,
    summary,
)

HALVES = planned(a=0.5, b=0.5)


def apply(call, plan: Plan, own: dict[str, ModelStatus]) -> Plan:
    """Return what a call makes of a plan; the plan itself where the call is refused."""
    change, subject, options = call
    statuses = {run_id: plan.status_of(run_id, own[run_id]) for run_id in RUNS}
    try:
        followed = change(plan, subject, statuses, **options)
    except InvalidRollout:
        return plan
    own |= {run_id: followed.status_of(run_id, statuses[run_id]) for run_id in RUNS}
    return followed


@given(st.lists(CALLS, min_size=1, max_size=12))
def test_whatever_is_done_fractions_add_up(calls):
    """Active runs have all of the traffic, others none; a change that changes nothing is none."""
    plan, own = Plan(SCOPE), dict.fromkeys(RUNS, NEW)
    for call in calls:
        followed = apply(call, plan, own)
        assert followed is plan or plan.revision + 1 == followed.revision
        assert followed is plan or not followed.says_the_same(plan)
        if followed.active:
            assert 1 == math.fsum(followed.active.values())
        assert all(0 < fraction <= 1 for fraction in followed.active.values())
        assert all(followed.fraction_of(run_id) == 0 for run_id in followed.canaries)
        assert not {*followed.not_live} & {*followed.runs}
        plan = followed


@given(st.lists(CALLS, min_size=1, max_size=8))
def test_the_same_change_again_is_none(calls):
    """Whatever came before: it returns the plan itself."""
    plan, own = Plan(SCOPE), dict.fromkeys(RUNS, NEW)
    for call in calls:
        plan = apply(call, plan, own)
    change, _, options = calls[-1]
    is_relative = change is changes.change_status and options["fraction"] not in {None, 0, 1}
    again = apply(calls[-1], plan, dict(own))
    assert is_relative or again is plan or again.says_the_same(plan)


def test_a_run_that_keeps_its_fraction_changes_nothing():
    """Not even how the others' fractions are rounded."""
    own = dict.fromkeys(RUNS, NEW)
    shares = {A: 0.1, B: 0.1, C: 1}
    plan = apply((changes.update_active_runs, shares, {}), Plan(SCOPE), own)
    assert plan is apply((changes.change_status, A, {}), plan, own)


@given(st.lists(CALLS, max_size=5), SHARES, st.randoms())
def test_the_order_of_a_dictionary_does_not_matter(calls, shares, random):
    """Two writers who ask for the same get the same."""
    plan, own = Plan(SCOPE), dict.fromkeys(RUNS, NEW)
    for call in calls:
        plan = apply(call, plan, own)
    shuffled = dict(random.sample(sorted(shares.items()), len(shares)))
    for change in (changes.update_active_runs, changes.change_test_fractions):
        found = [apply((change, one, {}), plan, dict(own)) for one in (shares, shuffled)]
        assert found[0] is found[1] or found[0] == found[1]


@given(st.lists(CALLS, min_size=2, max_size=8))
def test_every_revision_can_be_restored(calls):
    """To go back is the inverse of what came since, and a new revision."""
    plan, own, earlier = Plan(SCOPE), dict.fromkeys(RUNS, NEW), [Plan(SCOPE)]
    for call in calls:
        plan = apply(call, plan, own)
        earlier.append(plan)
    statuses = {run_id: plan.status_of(run_id, own[run_id]) for run_id in RUNS}
    for before in earlier:
        restored = changes.restore(plan, before, statuses)
        assert dict(before.runs) == dict(restored.runs)
        assert restored is plan or plan.revision + 1 == restored.revision


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({A: 1}, {"a": 1.0}),
        ({A: 1, B: 3}, {"a": 0.25, "b": 0.75}),
        ({A: 0.2, B: 0.2}, {"a": 0.5, "b": 0.5}),
        ({C: 2, D: 0}, {"c": 1.0, "d": "Disabled"}),
        ({A: 0, C: 1}, {"c": 1.0}),
        ({A: 0.0, B: -0.0, C: 5e-324}, {"c": 1.0}),
    ],
)
def test_the_given_runs_become_the_active_ones(shares, expected):
    """Of these only; a share of 0 disables, whatever the run was."""
    plan = planned(D, a=0.5, b=0.5)
    statuses = statuses_of(plan)
    if D in shares:
        expected = {"c": 1.0}  # D is in the plan: to leave it out is enough
    assert expected == summary(changes.update_active_runs(plan, shares, statuses))


def test_a_new_run_of_share_0_is_turned_off_by_name():
    """Nothing else would tell that it is Disabled now."""
    plan = changes.update_active_runs(HALVES, {A: 1, C: 0}, statuses_of(HALVES))
    assert {"a": 1.0, "c": "Disabled"} == summary(plan)
    assert DISABLED is plan.status_of(C, NEW)


def test_a_canary_that_is_given_becomes_active():
    """And one that is not given becomes Disabled."""
    plan = planned(C, D, a=1.0)
    followed = changes.update_active_runs(plan, {C: 1, A: 1}, statuses_of(plan))
    assert {"a": 0.5, "c": 0.5} == summary(followed)
    assert DISABLED is followed.status_of(D, CANARY)


@pytest.mark.parametrize(
    ("active_state", "expected"),
    [(None, {"a": 1.0}), (ACTIVE, {"a": 1.0, "c": "canary"})],
)
def test_new_shares_disable_the_others_of_their_status(active_state, expected):
    """All live ones, when no status is named."""
    plan = planned(C, a=0.5, b=0.5)
    followed = changes.change_test_fractions(
        plan, {A: 5}, statuses_of(plan), active_state=active_state
    )
    assert expected == summary(followed)


@pytest.mark.parametrize(
    ("shares", "options", "message"),
    [
        ({C: 1}, {}, "is New, and only Active runs have a fraction; make it Active"),
        ({D: 1}, {}, "is Canary, and only Active runs have a fraction"),
        ({A: 1}, {"active_state": CANARY}, "is Active, not Canary"),
        ({A: 1, D: 0}, {"active_state": ACTIVE}, "is Canary, not Active"),
    ],
)
def test_new_shares_are_for_active_runs(shares, options, message):
    """The given runs keep their status."""
    plan = planned(D, a=0.5, b=0.5)
    with pytest.raises(InvalidRollout, match=message):
        changes.change_test_fractions(plan, shares, statuses_of(plan), **options)


def test_an_enabled_run_is_the_active_one():
    """With 1.0, beside no other; Canaries stay."""
    plan = planned(D, a=0.5, b=0.5)
    followed = changes.enable_run(plan, C, statuses_of(plan))
    assert {"c": 1.0, "d": "canary"} == summary(followed)
    assert {"d": 1.0} == summary(changes.enable_run(plan, D, statuses_of(plan)))


@pytest.mark.parametrize("change", [changes.disable_run, changes.canary_run])
def test_what_a_run_leaves_is_shared_in_proportion(change):
    """By the Active ones that remain."""
    plan = planned(a=0.5, b=0.375, c=0.125)
    followed = change(plan, A, statuses_of(plan))
    assert {B: 0.75, C: 0.25} == followed.active
    assert followed.status_of(A, ACTIVE) is (CANARY if change is changes.canary_run else DISABLED)


def test_the_last_active_run_may_go():
    """Nobody has traffic then, and the plan says so."""
    plan = planned(B, a=1.0)
    assert {"a": "Disabled", "b": "canary"} == summary(
        changes.disable_run(plan, A, statuses_of(plan))
    )


def test_a_run_with_a_fraction_leaves_the_rest_to_the_others():
    """In proportion."""
    plan = planned(a=0.75, b=0.25)
    followed = changes.change_status(plan, C, statuses_of(plan), status=ACTIVE, fraction=0.2)
    assert {"a": pytest.approx(0.6), "b": pytest.approx(0.2), "c": 0.2} == summary(followed)
    followed = changes.change_status(plan, A, statuses_of(plan), fraction=0.5)
    assert {"a": 0.5, "b": 0.5} == summary(followed)


@pytest.mark.parametrize("fraction", [0, 0.0, -0.0])
def test_a_fraction_of_0_is_a_fraction(fraction):
    """It disables an Active run; it is not "not given"."""
    followed = changes.change_status(HALVES, A, statuses_of(HALVES), fraction=fraction)
    assert {"a": "Disabled", "b": 1.0} == summary(followed)
    followed = changes.change_status(
        HALVES, A, statuses_of(HALVES), status=DISABLED, fraction=fraction
    )
    assert {"a": "Disabled", "b": 1.0} == summary(followed)
    with pytest.raises(InvalidRollout, match=r"must be in \(0, 1\], not 0"):
        changes.change_status(HALVES, A, statuses_of(HALVES), status=ACTIVE, fraction=fraction)


@pytest.mark.parametrize("first", ModelStatus)
@pytest.mark.parametrize("second", ModelStatus)
def test_any_status_may_follow_any_other(first, second):
    """Back to New as well."""
    plan, own = Plan(SCOPE), dict.fromkeys(RUNS, NEW)
    for status in (first, second):
        fraction = 1 if status is ACTIVE else None
        options = {"status": status, "fraction": fraction}
        plan = apply((changes.change_status, A, options), plan, own)
        assert status is plan.status_of(A, own[A])


def test_a_run_beside_others_needs_a_fraction():
    """What is not said is not guessed; the first run gets all."""
    with pytest.raises(InvalidRollout, match="say its fraction, or use enable_run to give it all"):
        changes.change_status(HALVES, C, statuses_of(HALVES), status=ACTIVE)
    empty = Plan(SCOPE)
    assert {"a": 1.0} == summary(changes.change_status(empty, A, statuses_of(empty), status=ACTIVE))
    assert changes.change_status(HALVES, A, statuses_of(HALVES), status=ACTIVE) is HALVES


@pytest.mark.parametrize("fraction", [1.5, -0.5, math.nan, math.inf, "0.5", True, 1 + 1e-15])
def test_a_fraction_that_is_none_is_refused(fraction):
    """Named with the rule, and the run."""
    with pytest.raises(InvalidRollout, match=f"of run '{A}' must be"):
        changes.change_status(HALVES, A, statuses_of(HALVES), status=ACTIVE, fraction=fraction)


@pytest.mark.parametrize("status", [NEW, CANARY, DISABLED])
def test_only_active_runs_have_a_fraction(status):
    """No other gets one beside its status."""
    with pytest.raises(InvalidRollout, match=f"is to be {status.name}, and only Active runs have"):
        changes.change_status(HALVES, A, statuses_of(HALVES), status=status, fraction=0.5)


@pytest.mark.parametrize("share", [math.nan, math.inf, -math.inf, -1, -1e-300, "1", None, True])
@pytest.mark.parametrize("change", [changes.update_active_runs, changes.change_test_fractions])
def test_a_share_that_is_none_is_refused(change, share):
    """Whatever the others are."""
    with pytest.raises(InvalidRollout, match=f"the share of run '{B}' must be"):
        change(HALVES, {A: 2, B: share}, statuses_of(HALVES))


@pytest.mark.parametrize("shares", [{}, {A: 0}, {A: 0.0, B: -0.0}])
@pytest.mark.parametrize("change", [changes.update_active_runs, changes.change_test_fractions])
def test_shares_must_not_all_be_0(change, shares):
    """Somebody must get the traffic."""
    with pytest.raises(InvalidRollout, match="give at least one run"):
        change(HALVES, shares, statuses_of(HALVES))


@pytest.mark.parametrize("change", [changes.update_active_runs, changes.change_test_fractions])
def test_unknown_and_disabled_runs_are_named(change):
    """The first ten of them."""
    with pytest.raises(InvalidRollout, match=f"'{C}', '{D}': no run of 'churn' 1.4.2"):
        change(HALVES, {A: 1, D: 1, C: 0}, {A: ACTIVE, B: ACTIVE})
    with pytest.raises(InvalidRollout, match=f"'{C}' of .*: Disabled, and so cannot get a share"):
        change(HALVES, {A: 1, C: 1}, statuses_of(HALVES, c=DISABLED))
    with pytest.raises(InvalidRollout, match="'r09' and 2 more: no run"):
        change(HALVES, {f"r{number:02}": 1 for number in range(12)}, {})


@pytest.mark.parametrize(
    "change", [changes.enable_run, changes.disable_run, changes.canary_run, changes.change_status]
)
def test_one_unknown_run_is_named_too(change):
    """Whatever is to become of it."""
    with pytest.raises(InvalidRollout, match=f"'{C}': no run of 'churn' 1.4.2 in experiment 7"):
        change(HALVES, C, {A: ACTIVE, B: ACTIVE})


def test_a_whole_plan_is_taken_as_it_is_said():
    """Live runs that it does not name become Disabled."""
    plan = planned(C, a=1.0)
    said = {B: (ACTIVE, 0.5), D: (ACTIVE, 0.5), A: (DISABLED, 0.0)}
    followed = changes.replace_runs(plan, said, statuses_of(plan))
    assert {"b": 0.5, "d": 0.5, "a": "Disabled"} == summary(followed)
    assert DISABLED is followed.status_of(C, CANARY)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({A: (ACTIVE, 0.5)}, "add up to 0.5, not to 1"),
        ({A: (ACTIVE, math.nan)}, r"must be in \(0, 1\], not nan"),
        ({A: (ACTIVE, 1 - 1e-10), B: (ACTIVE, 1e-10)}, "smallest fraction is 1e-09"),
        ({A: (ACTIVE, 1.0), B: (CANARY, 0.5)}, "is Canary: its fraction must be 0"),
        ({A: (ACTIVE, 1.0), B: (NEW, 0.5)}, "only Active runs have a fraction"),
        ({"x": (ACTIVE, 1.0)}, "'x': no run of"),
    ],
)
def test_a_whole_plan_that_breaks_a_rule_is_refused(said, message):
    """Nothing is normalised in it."""
    with pytest.raises(InvalidRollout, match=message):
        changes.replace_runs(HALVES, said, statuses_of(HALVES))


@given(st.lists(CALLS, max_size=8), st.sets(st.sampled_from(RUNS)))
def test_the_rest_share_what_deleted_runs_had(calls, known):
    """In proportion; a plan of which all runs are there is itself."""
    plan, own = Plan(SCOPE), dict.fromkeys(RUNS, NEW)
    for call in calls:
        plan = apply(call, plan, own)
    left = changes.without_gone(plan, known)
    assert (left is plan) == (plan.runs.keys() <= known)
    assert plan.runs.keys() & known == left.runs.keys()
    assert not left.active or math.fsum(left.active.values()) == 1
    assert plan.revision == left.revision


def test_deleted_runs_are_noted_as_disabled():
    """So that what they have left in the registry is found; nothing else changes."""
    plan = changes.turn_off(planned(C, b=1.0), [A])
    assert {"a": "Disabled", "b": 1.0, "c": "canary"} == summary(plan)


def test_a_deleted_run_may_be_said_to_be_disabled():
    """By who repeats what a plan says of it; but it is not brought back."""
    known = {B: ACTIVE}
    said = {A: (DISABLED, 0.0), B: (ACTIVE, 1.0)}
    followed = changes.replace_runs(HALVES, said, known)
    assert {"a": "Disabled", "b": 1.0} == summary(followed)
    assert followed is changes.replace_runs(followed, said, known)
    for unknown in ({A: (NEW, 0.0)}, {A: (ACTIVE, 1.0)}, {C: (DISABLED, 0.0)}):
        with pytest.raises(InvalidRollout, match="no run of"):
            changes.replace_runs(followed, unknown, known)


def test_a_run_is_new_again():
    """Whatever it was; what it had goes to the others, and once is enough."""
    followed = changes.reset_run(HALVES, A, statuses_of(HALVES))
    assert {"a": "New", "b": 1.0} == summary(followed)
    assert {"a": 0.5, "b": 0.5, "d": "New"} == summary(
        changes.reset_run(HALVES, D, statuses_of(HALVES, d=DISABLED))
    )
    assert HALVES is changes.reset_run(HALVES, C, statuses_of(HALVES))


def test_a_reason_is_one_line():
    """Cut where it is long; a change that changes nothing needs none."""
    plan = planned(a=1.0)
    changed = changes.canary_run(plan, B, statuses_of(plan))
    assert "it is slow" == changes.noted(changed, plan, "it\n is\t slow ").note
    assert 500 == len(changes.noted(changed, plan, "why " * 200).note)
    assert "a\ufffd[31mb\ufffd" == changes.noted(changed, plan, "a\x1b[31mb\udcff").note
    assert changed is changes.noted(changed, plan, None)
    assert changed is changes.noted(changed, plan, " \n")
    assert plan is changes.noted(plan, plan, "no reason")
