"""Runs as a rollout sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.errors import InvalidRollout, MissingLibrary
from penstock.rollout.filters import (
    VERSION_PARAMS,
    equals,
    joined,
    of_versions,
)
from penstock.rollout.members import STATE_METRIC, find_scope, is_saved, own_status
from penstock.rollout.plans import Plan
from penstock.rollout.status import ModelStatus
from penstock.semver import EVERY, SemVer, VersionRange, parse_range
from penstock.uris import RunsUri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from penstock.rest import MlflowClient
    from penstock.rest.entities import Run
    from penstock.rollout.plan_list import PlanList
    from penstock.rollout.scope import Scope

RESERVED_TAGS = ("mlflow.", "penstock.")
MODEL_FOLDER = "model"


@dataclass(frozen=True, slots=True)
class RolloutRun:
    """A run of a rollout. Times are in milliseconds since 1970; metadata is text."""

    run_id: str
    experiment_id: str
    submodel_name: str
    version: SemVer
    status: ModelStatus
    fraction: float
    immutable_metadata: Mapping[str, str]
    mutable_metadata: Mapping[str, str]
    start_time: int
    end_time: int | None
    model_uri: str


class RolloutRuns(list[RolloutRun]):
    """Runs, newest first; `to_pandas` shows all that MLflow knows of them."""

    def __init__(self, runs: Iterable[tuple[RolloutRun, Run]]) -> None:
        pairs = list(runs)
        super().__init__(run for run, _ in pairs)
        self._sources = [source for _, source in pairs]

    def to_pandas(self) -> Any:  # noqa: ANN401 - a DataFrame, where pandas is installed
        """Return a DataFrame with a row for each run and columns as of `mlflow.search_runs`.

        Beyond them: `version`, `submodel_name`, `active_state` (the name of the status) and
        `test_fraction`, as the plan says. A time that pandas does not have is NaT. Raises
        MissingLibrary without pandas.
        """
        try:
            import pandas  # type: ignore[import-untyped] # noqa: ICN001, PLC0415 - most never need it
        except ImportError as error:
            raise MissingLibrary("a table needs pandas: pip install 'penstock[pandas]'") from error
        rows = [_row(*pair) for pair in zip(self, self._sources, strict=True)]
        frame = pandas.DataFrame(rows, columns=None if rows else [*_HEAD, *_STATE])
        for name in ("start_time", "end_time"):
            frame[name] = pandas.to_datetime(frame[name], unit="ms", utc=True, errors="coerce")
        return frame


_HEAD = ("run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time")
_STATE = ("submodel_name", "version", "active_state", "test_fraction")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs of an experiment are asked for; what is None is not asked about."""

    experiment_id: str
    submodel_name: str | None
    versions: VersionRange
    status: ModelStatus | None = None
    immutable_metadata: Mapping[str, str] | None = None
    mutable_metadata: Mapping[str, str] | None = None

    def filter(self) -> str:
        """Return what MLflow's search can check of it."""
        name = self.submodel_name
        scope = [] if name is None else of_versions(name, self.versions)
        immutable = (self.immutable_metadata or {}).items()
        mutable = (self.mutable_metadata or {}).items()
        return joined(
            [
                # No condition on a metric finds a run where somebody logged NaN.
                *(scope or [f"metrics.{STATE_METRIC} >= 0"]),
                *(equals("params", key, value) for key, value in immutable),
                *(equals("tags", key, value) for key, value in mutable),
            ]
        )

    def covers(self, scope: Scope) -> bool:
        """Tell whether runs of a scope may be among them."""
        return self.submodel_name in {None, scope.submodel_name} and scope.version in self.versions

    def holds(self, run: RolloutRun) -> bool:
        """Tell whether a run of such a scope is one of them, each text compared as it is."""
        return (
            self.status in {None, run.status}
            and (self.immutable_metadata or {}).items() <= run.immutable_metadata.items()
            and (self.mutable_metadata or {}).items() <= run.mutable_metadata.items()
        )


def check_range(version: object | None) -> VersionRange:
    """Return the versions that are asked for, by default all. Raises InvalidRollout."""
    try:
        return EVERY if version is None else parse_range(version)
    except ValueError as error:
        raise InvalidRollout(str(error)) from error


def iter_selected(
    client: MlflowClient, selection: Selection, plans: PlanList
) -> Iterator[tuple[RolloutRun, Run]]:
    """Yield the runs of a selection, newest first, one request for each page of them.

    Raises UnreadablePlan where it holds runs of a plan that cannot be read.
    """
    by_scope: dict[Scope, Plan] = {}
    for run in client.iter_runs([selection.experiment_id], selection.filter()):
        scope = find_scope(run) if is_saved(run) else None
        if scope is None or not selection.covers(scope):
            continue
        if scope not in by_scope:
            by_scope[scope] = plans.get_plan(scope)
        seen = describe_run(run, scope, by_scope[scope])
        if selection.holds(seen):
            yield seen, run


def describe_run(run: Run, scope: Scope, plan: Plan) -> RolloutRun:
    """Return what a run is in its scope, by the plan."""
    info, data = run.info, run.data
    return RolloutRun(
        run_id=info.run_id,
        experiment_id=info.experiment_id,
        submodel_name=scope.submodel_name,
        version=scope.version,
        status=plan.status_of(info.run_id, own_status(run)),
        fraction=plan.fraction_of(info.run_id),
        immutable_metadata={
            key: value for key, value in data.params.items() if key not in VERSION_PARAMS
        },
        mutable_metadata={
            key: value for key, value in data.tags.items() if not key.startswith(RESERVED_TAGS)
        },
        start_time=info.start_time,
        end_time=info.end_time,
        model_uri=str(RunsUri(info.run_id, MODEL_FOLDER)),
    )


def _row(seen: RolloutRun, run: Run) -> dict[str, Any]:
    data = run.data
    return {
        **{name: getattr(run.info, name) for name in _HEAD},
        "submodel_name": seen.submodel_name,
        "version": str(seen.version),
        "active_state": seen.status.name,
        "test_fraction": seen.fraction,
        **{f"metrics.{key}": value for key, value in data.metrics.items()},
        **{f"params.{key}": value for key, value in data.params.items()},
        **{f"tags.{key}": value for key, value in data.tags.items()},
    }
