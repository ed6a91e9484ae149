"""A scope, and plans of it, for tests of pure parts."""

from hypothesis import strategies as st

from penstock.rollout import changes
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer

SCOPE = Scope("7", "churn", SemVer(1, 4, 2))
A, B, C, D = RUNS = tuple(letter * 32 for letter in "abcd")
NEW, ACTIVE, CANARY, DISABLED = (
    ModelStatus.New,
    ModelStatus.Active,
    ModelStatus.Canary,
    ModelStatus.Disabled,
)


def planned(*canaries: str, revision: int = 1, **active: float) -> Plan:
    """Return a plan with these canaries, and with active runs by letter: `a=0.5`."""
    shares = {letter * 32: LiveRun(ACTIVE, fraction) for letter, fraction in active.items()}
    return Plan(SCOPE, revision, shares | {run_id: LiveRun(CANARY) for run_id in canaries})


def statuses_of(plan: Plan, **others: ModelStatus) -> dict[str, ModelStatus]:
    """Return the statuses of all four runs: by the plan, else as said, else New."""
    return {run_id: plan.status_of(run_id, others.get(run_id[0], NEW)) for run_id in RUNS}


def summary(plan: Plan) -> dict[str, object]:
    """Return the fractions by letter, `canary` for a Canary, and what the plan turns off."""
    live = {
        run_id[0]: run.fraction if run.status is ACTIVE else "canary"
        for run_id, run in plan.runs.items()
    }
    return live | {run_id[0]: status.name for run_id, status in plan.not_live.items()}


SHARES = st.dictionaries(
    st.sampled_from(RUNS), st.sampled_from([0, 0.0, 0.1, 0.5, 1, 3.7, 1e-3]), min_size=1
)
IDS = st.sampled_from(RUNS)
CALLS = st.one_of(
    st.tuples(st.just(changes.update_active_runs), SHARES, st.just({})),
    st.tuples(
        st.just(changes.change_test_fractions),
        SHARES,
        st.fixed_dictionaries({"active_state": st.none() | st.sampled_from(ModelStatus)}),
    ),
    st.tuples(
        st.just(changes.change_status),
        IDS,
        st.fixed_dictionaries(
            {
                "status": st.none() | st.sampled_from(ModelStatus),
                "fraction": st.none() | st.sampled_from([0, 0.0, 0.2, 0.5, 1, 1.0]),
            }
        ),
    ),
    st.tuples(
        st.sampled_from(
            [changes.enable_run, changes.disable_run, changes.canary_run, changes.reset_run]
        ),
        IDS,
        st.just({}),
    ),
)
"""A change: the function, its subject, its options."""
