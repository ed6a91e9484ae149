"""A scope of many runs: what a change costs."""

from contract.rollout.crashing import FEW, ROUNDS
from contract.rollout.sides import stock_only
from contract.rollout.workplace import counted, writes_of
from penstock.rollout import list_runs
from penstock.rollout.mlflow_api import enable_run, update_active_runs

MANY = 1000 if ROUNDS > FEW else 220
MOST_REQUESTS = 20


@stock_only
def test_three_of_many_runs_change(place):
    """One write of the plan, and one for each run that changes; few requests besides."""
    run_ids = place.add_many(MANY)
    update_active_runs({run_ids[0]: 1, run_ids[1]: 1}, **place.scope)
    with counted(place.client) as seen:
        written = update_active_runs({run_ids[1]: 1, run_ids[2]: 1}, **place.scope)
    assert {run_ids[1]: 0.5, run_ids[2]: 0.5} == written.active
    assert 1 == seen.count("experiments/set-experiment-tag")
    assert 2 == seen.count("runs/log-batch"), "one of the three keeps its half"
    assert MOST_REQUESTS >= len(seen)
    with writes_of(place.client) as writes:
        enable_run(run_ids[3], client=place.client)
    assert 1 + 3 == len(writes)  # the plan, the one that is enabled, the two that were
    assert MANY == len(list_runs(**place.scope))
    assert {} == place.behind(run_ids)
    shares = {run_id: 1 + number / 7 for number, run_id in enumerate(run_ids[4:204])}
    update_active_runs(shares, **place.scope)
    assert 200 == len(place.fractions())
    assert {} == place.behind(run_ids)
