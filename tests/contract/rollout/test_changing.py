"""Changes of a rollout, by the rules, on a real server."""

import math

import pytest

from contract.rollout.workplace import VERSION, Workplace, writes_of
from penstock.rollout import ModelStatus, list_runs
from penstock.rollout.mlflow_api import (
    canary_run,
    change_status,
    change_test_fractions,
    disable_run,
    enable_run,
    update_active_runs,
)

NAMES = [
    "it's",
    'the "best"',
    "`tick`",
    "100%",
    "50%ff",
    "日本 ü",
    "a/b:c",
    "a\\b",
    "both '\" here",
    "x = 'y' or 1=1",
    "%2F",
    "'; --",
    " lead and trail ",
    "a" * 250,
]


def statuses(place: Workplace) -> dict[str, tuple[str, float]]:
    """Return status and fraction of each run of the scope, as a listing has them."""
    return {run.run_id: (run.status.name, run.fraction) for run in list_runs(**place.scope)}


def test_the_given_runs_become_active(place):
    """Shares are normalised; other live runs become Disabled, New ones stay."""
    old, canary, new, first, second = place.add_runs(5)
    change_status(old, "active", client=place.client)
    canary_run(canary, client=place.client)
    written = update_active_runs({first: 1, second: 3}, **place.scope)
    assert (3, {first: 0.25, second: 0.75}, []) == (
        written.revision,
        written.active,
        written.canaries,
    )
    assert {
        old: ("Disabled", 0.0),
        canary: ("Disabled", 0.0),
        new: ("New", 0.0),
        first: ("Active", 0.25),
        second: ("Active", 0.75),
    } == statuses(place)
    assert {} == place.behind([old, canary, new, first, second])


def test_a_share_of_0_disables(place):
    """Whatever the run was; it keeps no share."""
    live, new, other = place.add_runs(3)
    enable_run(live, client=place.client)
    update_active_runs({live: 0.0, new: 0, other: 0.1}, **place.scope)
    assert {
        live: ("Disabled", 0.0),
        new: ("Disabled", 0.0),
        other: ("Active", 1.0),
    } == statuses(place)
    assert ("Disabled", 0.0, "Disabled", "0.0") == place.mirrored(live) == place.mirrored(new)


def test_new_shares_leave_the_status(place):
    """Others of the named status become Disabled, and no other."""
    one, two, three, canary = place.add_runs(4)
    update_active_runs({one: 1, two: 1, three: 2}, **place.scope)
    canary_run(canary, client=place.client)
    change_test_fractions({one: 1, two: 3}, **place.scope, active_state="Active")
    expected = {one: 0.25, two: 0.75}
    assert (expected, [canary]) == (place.fractions(), place.plan().canaries)
    change_test_fractions({one: 1, two: 1}, **place.scope)
    assert ({one: 0.5, two: 0.5}, []) == (place.fractions(), place.plan().canaries)
    assert "Disabled" == statuses(place)[canary][0]


def test_an_enabled_run_is_the_active_one(place):
    """Never two with 1.0; a Canary stays."""
    one, two, canary = place.add_runs(3)
    canary_run(canary, client=place.client)
    for run_id in (one, two, one):
        enable_run(run_id, client=place.client)
        assert {run_id: 1.0} == place.fractions()
    assert {
        one: ("Active", 1.0),
        two: ("Disabled", 0.0),
        canary: ("Canary", 0.0),
    } == statuses(place)
    assert {} == place.behind([one, two, canary])


@pytest.mark.parametrize("change", [disable_run, canary_run])
def test_what_a_run_leaves_goes_to_the_others(place, change):
    """In proportion, and it has nothing itself."""
    one, two, three = place.add_runs(3)
    update_active_runs({one: 0.5, two: 0.375, three: 0.125}, **place.scope)
    written = change(one, client=place.client)
    assert {two: 0.75, three: 0.25} == written.active == place.fractions()
    assert (0.0, "0.0") == place.mirrored(one)[1::2]
    assert {} == place.behind([one, two, three])


def test_one_run_gets_a_fraction(place):
    """The others share the rest in proportion; 0 disables."""
    one, two, three = place.add_runs(3)
    update_active_runs({one: 0.75, two: 0.25}, **place.scope)
    change_status(three, ModelStatus.Active, 0.2, client=place.client)
    expected = {one: 0.6, two: 0.2, three: 0.2}
    assert expected == pytest.approx(place.fractions())
    assert 1 == math.fsum(place.fractions().values())
    change_status(three, new_test_fraction=0.0, client=place.client)
    assert ("Disabled", 0.0) == statuses(place)[three]
    assert {one: 0.75, two: 0.25} == pytest.approx(place.fractions())


def test_any_status_may_follow_any_other(place):
    """And the run's own metrics follow."""
    run_id = place.add_run()
    after_new, others = (
        ["Active", "New", "Canary", "New", "Disabled", "New"],
        ["Canary", "Disabled"],
    )
    for status in [*after_new, *others, "Active", "Canary", "Active"]:
        change_status(run_id, status, client=place.client)
        assert (status, status) == (statuses(place)[run_id][0], place.mirrored(run_id)[0])
    change_status(run_id, ModelStatus.Disabled, client=place.client)
    change_status(run_id, 2, client=place.client)
    assert {run_id: 1.0} == place.fractions()


def test_a_change_that_changes_nothing_writes_nothing(place):
    """Not even a revision."""
    one, two = place.add_runs(2)
    update_active_runs({one: 1, two: 1}, **place.scope)
    before = place.plan()
    with writes_of(place.client) as writes:
        same = [
            update_active_runs({two: 7, one: 7}, **place.scope),
            change_test_fractions({two: 0.5, one: 0.5}, **place.scope),
            change_status(one, client=place.client),
            change_status(one, "Active", 0.5, client=place.client),
        ]
    assert ([], [before] * 4) == (writes, same)


def test_scopes_do_not_touch_one_another(place):
    """Neither another version nor another submodel of the experiment."""
    runs = {
        place.add_run(): {"model_version": VERSION},
        place.add_run("1.4.3"): {"model_version": "1.4.3"},
        place.add_run("1.4.20"): {"model_version": "1.4.20"},
        place.add_run(submodel="other"): {"model_version": VERSION, "submodel_name": "other"},
        place.add_run(submodel="OTHER"): {"model_version": VERSION, "submodel_name": "OTHER"},
    }
    for run_id, scope in runs.items():
        written = update_active_runs({run_id: 1}, **{**place.scope, **scope})
        assert (1, {run_id: 1.0}) == (written.revision, written.active)
    for run_id in runs:
        assert ("Active", 1.0) == place.mirrored(run_id)[:2]


def test_a_run_keeps_its_own_status_and_times(place):
    """A change never reopens it: it stays FINISHED, and found by searches."""
    run_id = place.add_run()
    before = place.plain.get_run(run_id).info
    for change in (enable_run, canary_run, disable_run, enable_run):
        change(run_id, client=place.client)
    assert before == place.plain.get_run(run_id).info
    assert "FINISHED" == before.status


def test_two_changes_within_a_millisecond_are_told_apart(place, monkeypatch):
    """The later is the later by its revision, also where the clock stands still or goes back."""
    moments = iter([2_000_000_000_000_000_000, 1_500_000_000_000_000_000] * 10)
    run_id = place.add_run()
    monkeypatch.setattr("time.time_ns", lambda: next(moments))
    for change, status in ((enable_run, "Active"), (canary_run, "Canary")) * 3:
        change(run_id, client=place.client)
        assert (status, status) == (place.mirrored(run_id)[0], statuses(place)[run_id][0])
    history = place.plain.get_metric_history(run_id, "active_state")
    assert list(range(7)) == sorted(metric.step for metric in history)


@pytest.mark.parametrize("submodel", NAMES)
def test_a_submodel_may_have_any_name(place, submodel):
    """It is matched literally, never read as a part of a filter or of an address."""
    run_id, near = place.add_run(submodel=submodel), place.add_run(submodel=submodel + "x")
    scope = {**place.scope, "submodel_name": submodel}
    assert {run_id: 1.0} == enable_run(run_id, client=place.client).active
    assert {near: 1.0} == enable_run(near, client=place.client).active
    assert [run_id] == [run.run_id for run in list_runs(**scope)]
    assert {run_id: 1.0} == update_active_runs({run_id: 2}, **scope).active


def test_the_given_runs_must_have_the_extra_metadata(place):
    """All of it; nothing is written where one lacks it."""
    fit = place.add_run(immutable={"team": "a"}, mutable={"note": "it's `100%`"})
    unfit = place.add_run(immutable={"team": "b"}, mutable={"note": "it's `100%`"})
    extra = {
        "extra_immutable_metadata": {"team": "a"},
        "extra_mutable_metadata": {"note": "it's `100%`"},
    }
    with pytest.raises(ValueError, match=f"without that metadata: {unfit}"):
        update_active_runs({fit: 1, unfit: 1}, **place.scope, **extra)
    assert 0 == place.plan().revision
    assert {fit: 1.0} == update_active_runs({fit: 1}, **place.scope, **extra).active
    with pytest.raises(ValueError, match="without that metadata"):
        change_test_fractions({fit: 1}, **place.scope, extra_mutable_metadata={"note": "it"})
