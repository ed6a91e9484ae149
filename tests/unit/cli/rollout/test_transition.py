"""What a change makes of each run."""

from penstock.cli.rollout.transition import State, Step, Transition
from penstock.rollout import changes
from penstock.rollout.plans import LiveRun, Plan, next_plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer

SCOPE = Scope("7", "churn", SemVer(1, 4, 0))
ACTIVE, CANARY = ModelStatus.Active, ModelStatus.Canary
NEW, DISABLED = ModelStatus.New, ModelStatus.Disabled
PRESENT = Plan(
    SCOPE, 3, {"a": LiveRun(ACTIVE, 0.8), "b": LiveRun(ACTIVE, 0.2), "c": LiveRun(CANARY)}
)
STATUSES = {"a": ACTIVE, "b": ACTIVE, "c": CANARY, "d": NEW}


def test_runs_stand_with_the_largest_share_first():
    """Who looks at a change looks at what gets the traffic."""
    after = changes.update_active_runs(PRESENT, {"d": 3, "b": 1}, STATUSES)
    assert [
        Step("d", State(NEW), State(ACTIVE, 0.75)),
        Step("b", State(ACTIVE, 0.2), State(ACTIVE, 0.25)),
        Step("a", State(ACTIVE, 0.8), State(DISABLED)),
        Step("c", State(CANARY), State(DISABLED)),
    ] == Transition(PRESENT, after, STATUSES).steps()


def test_a_run_that_was_not_live_and_is_disabled_is_a_change():
    """Though both plans have the same live runs."""
    after = changes.disable_run(PRESENT, "d", STATUSES)
    assert [Step("d", State(NEW), State(DISABLED))] == Transition(PRESENT, after, STATUSES).steps()


def test_nothing_changes_where_the_plan_stays():
    """A change to what is there already has no steps."""
    same = changes.canary_run(PRESENT, "c", STATUSES)
    transition = Transition(PRESENT, same, STATUSES)
    assert (False, []) == (transition.is_change, transition.steps())


def test_of_two_revisions_alone_it_is_not_known_what_the_others_were():
    """Only what the plans themselves say is said."""
    later = next_plan(PRESENT, {"a": LiveRun(ACTIVE, 1.0)}, {"b": NEW})
    assert [
        Step("a", State(ACTIVE, 0.8), State(ACTIVE, 1.0)),
        Step("b", State(ACTIVE, 0.2), State(NEW)),
        Step("c", State(CANARY), State(None)),
    ] == Transition(PRESENT, later).steps()
