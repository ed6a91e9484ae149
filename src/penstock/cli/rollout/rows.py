"""Runs, and what is shown of them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from penstock.cli.rollout.bars import bar, percent
from penstock.cli.rollout.names import short_ids
from penstock.rest import MlflowClient
from penstock.rest.entities import Experiment, Run
from penstock.rollout.filters import among
from penstock.rollout.members import FRACTION_METRIC, STATE_METRIC
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import Plan
from penstock.rollout.runs import RolloutRun, Selection, describe_run, iter_selected
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import VersionRange

IDS_PER_SEARCH: Final = 200
OWN_METRICS: Final = frozenset({STATE_METRIC, FRACTION_METRIC})
_ORDER: Final = (ModelStatus.Active, ModelStatus.Canary, ModelStatus.New, ModelStatus.Disabled)


class Row(NamedTuple):
    """A run as the rollout sees it, and as MLflow does; None where it is there no more.

    `trouble` is why its plan cannot be read: then nobody knows its status.
    """

    experiment: Experiment
    seen: RolloutRun
    run: Run | None
    trouble: str | None = None

    @property
    def scope(self) -> Scope:
        """The runs that it shares the traffic with."""
        return scope_of(self.seen)

    @property
    def status(self) -> str:
        """What the run is to production."""
        return self.seen.status.name if self.trouble is None else "unreadable"

    @property
    def name(self) -> str:
        """The run's name, as people know it."""
        return "(deleted)" if self.run is None else self.run.info.run_name or "-"

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured of the run."""
        found = {} if self.run is None else self.run.data.metrics
        return {key: value for key, value in found.items() if key not in OWN_METRICS}


def scope_of(run: RolloutRun) -> Scope:
    """Return the scope of a run."""
    return Scope(run.experiment_id, run.submodel_name, run.version)


def iter_rows(
    client: MlflowClient,
    experiment: Experiment,
    plans: PlanList,
    *,
    submodel: str | None,
    versions: VersionRange,
) -> Iterator[Row]:
    """Yield the runs of an experiment, as its plans have them.

    A run that a plan holds live has its row, also where somebody has deleted it.
    """
    selection = Selection(experiment.experiment_id, submodel, versions)
    found = set()
    for seen, run in iter_selected(client, selection, PlanList(plans)):
        found.add(seen.run_id)
        yield Row(experiment, seen, run, plans.unreadable.get(scope_of(seen).key))
    for plan in plans:
        if submodel in {None, plan.submodel_name} and plan.version in versions:
            for run_id in plan.runs.keys() - found:
                yield Row(experiment, _describe(run_id, None, plan), None)


def list_live_rows(client: MlflowClient, experiment: Experiment, plan: Plan) -> list[Row]:
    """Return the live runs of a plan, whatever has become of them since."""
    known = find_runs(client, plan.experiment_id, plan.runs)
    return [
        Row(experiment, _describe(run_id, known.get(run_id), plan), known.get(run_id))
        for run_id in plan.runs
    ]


def find_runs(client: MlflowClient, experiment_id: str, run_ids: Collection[str]) -> dict[str, Run]:
    """Return those of the runs that are still there, by id."""
    ids = sorted(run_ids)
    return {
        run.info.run_id: run
        for first in range(0, len(ids), IDS_PER_SEARCH)
        for run in client.iter_runs(
            [experiment_id], among("attributes.run_id", ids[first : first + IDS_PER_SEARCH])
        )
    }


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows as people look for them: newest version first, largest share first."""
    found = sorted(rows, key=lambda row: -row.seen.start_time)
    found.sort(key=lambda row: (_ORDER.index(row.seen.status), -row.seen.fraction))
    found.sort(key=lambda row: row.seen.version, reverse=True)
    found.sort(key=lambda row: (row.experiment.name, row.seen.submodel_name))
    return found


def cells(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Return short id, name, status and share of each run."""
    ids = short_ids([row.seen.run_id for row in rows])
    return [(ids[row.seen.run_id], row.name, row.status, share(row.seen.fraction)) for row in rows]


def share(fraction: float) -> str:
    """Return a fraction as a bar with its number; nothing for a run that answers nobody."""
    return f"{bar(fraction)} {percent(fraction):>7}" if fraction else ""


def row_as_json(row: Row) -> dict[str, Any]:
    """Return a run as a JSON object."""
    seen = row.seen
    return {
        "experiment_id": seen.experiment_id,
        "experiment_name": row.experiment.name,
        "submodel_name": seen.submodel_name,
        "version": str(seen.version),
        "run_id": seen.run_id,
        "run_name": None if row.run is None else row.run.info.run_name,
        "status": None if row.trouble else seen.status.name,
        "unreadable": row.trouble,
        "fraction": seen.fraction,
        "start_time": seen.start_time or None,
        "metrics": row.metrics,
        "immutable_metadata": dict(seen.immutable_metadata),
        "mutable_metadata": dict(seen.mutable_metadata),
    }


def _describe(run_id: str, run: Run | None, plan: Plan) -> RolloutRun:
    if run is not None:
        return describe_run(run, plan.scope, plan)
    live = plan.runs[run_id]
    scope = plan.scope
    return RolloutRun(
        run_id,
        scope.experiment_id,
        scope.submodel_name,
        scope.version,
        live.status,
        live.fraction,
        immutable_metadata={},
        mutable_metadata={},
        start_time=0,
        end_time=None,
        model_uri="",
    )
