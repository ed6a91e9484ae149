"""Runs that are deleted while they are live, and come back."""

import pytest

from penstock.cli.rollout.proposal import Proposal
from penstock.errors import PlanConflict
from penstock.rollout import changes, list_runs
from penstock.rollout.mlflow_api import (
    canary_run,
    change_status,
    change_test_fractions,
    disable_run,
    enable_run,
    update_active_runs,
)


@pytest.fixture
def runs(place):
    """Three runs, Active by a quarter, a quarter and a half; the last is deleted."""
    run_ids = place.add_runs(3)
    update_active_runs(dict(zip(run_ids, (1, 1, 2), strict=True)), **place.scope)
    place.plain.delete_run(run_ids[-1])
    return run_ids


def test_the_next_change_leaves_it_out(place, runs):
    """Whichever it is; the others have all of the traffic again."""
    one, two, _ = runs
    written = change_status(one, client=place.client)
    assert (2, {one: 0.5, two: 0.5}) == (written.revision, written.active)
    assert {one: 0.5, two: 0.5} == {run.run_id: run.fraction for run in list_runs(**place.scope)}
    assert {} == place.behind([one, two])
    assert written == change_status(one, client=place.client)


def test_the_others_share_what_is_left(place, runs):
    """As if it had been disabled before."""
    one, two, _ = runs
    assert {one: 0.8, two: 0.2} == change_status(two, "Active", 0.2, client=place.client).active
    assert {one: 1.0} == canary_run(two, client=place.client).active


def test_it_is_taken_out(place, runs):
    """Though it is no run that anything else could be done with; and once is enough."""
    one, two, gone = runs
    written = disable_run(gone, client=place.client)
    assert (2, {one: 0.5, two: 0.5}) == (written.revision, written.active)
    assert {} == place.behind([one, two])
    assert written == disable_run(gone, client=place.client)
    with pytest.raises(ValueError, match="it is deleted"):
        enable_run(gone, client=place.client)


def test_the_last_one_is_taken_out(place):
    """Nothing is live then."""
    (only,) = place.add_runs(1)
    enable_run(only, client=place.client)
    place.plain.delete_run(only)
    assert {} == disable_run(only, client=place.client).runs


def test_it_stays_where_a_change_was_agreed_on_for_another_revision(place, runs):
    """What is said to have changed nothing has not taken it out either."""
    one, *_ = runs
    present = place.plan()
    proposal = Proposal(
        present.scope, [one], lambda plan, statuses: changes.enable_run(plan, one, statuses)
    )
    with pytest.raises(PlanConflict, match="what you saw is revision 7: nothing was changed"):
        proposal.carry_out(place.client, only=7)
    assert present == place.plan()
    assert {one: 1.0} == proposal.carry_out(place.client, only=1).after.active


@pytest.mark.parametrize("change", [update_active_runs, change_test_fractions])
def test_it_gets_no_share(place, runs, change):
    """It is named as a run that is none."""
    one, _, gone = runs
    with pytest.raises(ValueError, match=f"'{gone}': no run of"):
        change({one: 1, gone: 1}, **place.scope)
    assert {one: 1.0} == change({one: 1}, **place.scope).active


def test_it_comes_back_disabled(place, runs):
    """If somebody restores it after the next change; after another its own metrics say so too."""
    one, two, gone = runs
    enable_run(one, client=place.client)
    place.plain.restore_run(gone)
    assert {one: "Active", two: "Disabled", gone: "Disabled"} == {
        run.run_id: run.status.name for run in list_runs(**place.scope)
    }
    assert one == list_runs(**place.scope, active_state="Active")[0].run_id
    assert 2 == change_status(one, client=place.client).revision
    assert {} == place.behind(runs), "also by a change that changes nothing"


def test_its_version_is_archived(place):
    """With the next change, which takes the alias from it as well."""
    one, two, gone = place.add_runs(3, is_registered=True)
    update_active_runs({one: 1, gone: 2}, **place.scope)
    place.plain.delete_run(gone)
    assert ("Production", gone) == (place.stages()[gone], place.aliases()["active"])
    written = canary_run(two, client=place.client)
    assert ({one: 1.0}, [two]) == (written.active, written.canaries)
    assert {one: "Production", two: "Staging", gone: "Archived"} == place.stages()
    assert {"active": one, "canary": two} == place.aliases()
    assert written == change_status(one, client=place.client)
    place.plain.restore_run(gone)
    disable_run(two, client=place.client)
    assert {} == place.behind([one, two, gone])
