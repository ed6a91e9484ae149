"""Runs as a rollout sees them."""

from datetime import UTC, datetime

from penstock.rest.entities import Run, RunInfo
from penstock.rollout.plans import Plan
from penstock.rollout.runs import RolloutRuns, describe_run
from unit.rollout.scopes import SCOPE, A, B


def test_a_table_holds_runs_of_any_time():
    """Whoever makes a run may say any; what pandas lacks is missing, and the others are not."""
    usual, strange = 1_767_225_600_000, 2**62
    infos = [RunInfo(run_id=A, start_time=usual), RunInfo(run_id=B, start_time=strange)]
    runs = [Run(info=info) for info in infos]
    table = RolloutRuns((describe_run(run, SCOPE, Plan(SCOPE)), run) for run in runs).to_pandas()
    assert [A, B] == list(table["run_id"])
    assert datetime(2026, 1, 1, tzinfo=UTC) == table["start_time"][0]
    assert table["start_time"].isna()[1]
    assert table["end_time"].isna().all()
