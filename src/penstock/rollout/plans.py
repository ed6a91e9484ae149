"""Which runs of a scope are live, and with which fraction. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from penstock.errors import InvalidRollout
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer

MOST_NOTE: Final = 500
"""Characters of a note."""


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run that sees traffic: Active with a fraction in (0, 1], or Canary with 0."""

    status: ModelStatus
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One revision of a scope's rollout. What is not in it is not live.

    Where a run is Active, the fractions add up to 1. `revision` 0 is a plan that nobody has
    written yet. `updated_at` is in milliseconds since 1970. `not_live` are the statuses, New or
    Disabled, that this change gave to runs whose own metrics may not say so yet. `note` is why it
    was made; as it is left out where there is no room for it, it makes no plan another one.
    Raises InvalidRollout when made with fractions that break the rule.
    """

    scope: Scope
    revision: int = 0
    runs: Mapping[str, LiveRun] = field(default_factory=dict)
    updated_at: int | None = None
    updated_by: str | None = None
    not_live: Mapping[str, ModelStatus] = field(default_factory=dict)
    note: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        # Values are frozen; a constructor that checks may still order them.
        object.__setattr__(self, "runs", MappingProxyType(dict(sorted(self.runs.items()))))
        object.__setattr__(self, "not_live", MappingProxyType(dict(sorted(self.not_live.items()))))
        for run_id, run in self.runs.items():
            _check_run(run_id, run)
        total = math.fsum(run.fraction for run in self.runs.values())
        if self.active and not math.isclose(total, 1, rel_tol=0, abs_tol=1e-9):
            raise InvalidRollout(f"the fractions of {self.scope} add up to {total!r}, not to 1")
        for run_id, status in self.not_live.items():
            if status.is_live or run_id in self.runs:
                raise InvalidRollout(f"run '{run_id}' is {status.name} and cannot be off as well")

    @property
    def experiment_id(self) -> str:
        """The experiment of the runs."""
        return self.scope.experiment_id

    @property
    def submodel_name(self) -> str:
        """The name of the submodel."""
        return self.scope.submodel_name

    @property
    def version(self) -> SemVer:
        """The semantic version."""
        return self.scope.version

    @property
    def active(self) -> dict[str, float]:
        """The fractions of the Active runs, by run id."""
        return {
            run_id: run.fraction
            for run_id, run in self.runs.items()
            if run.status is ModelStatus.Active
        }

    @property
    def canaries(self) -> list[str]:
        """The ids of the Canary runs."""
        return [run_id for run_id, run in self.runs.items() if run.status is ModelStatus.Canary]

    def status_of(self, run_id: str, otherwise: ModelStatus) -> ModelStatus:
        """Return a run's status; `otherwise` is what the run's own metrics say.

        A run that calls itself live and is not in the plan has been disabled.
        """
        if run_id in self.runs:
            return self.runs[run_id].status
        if run_id in self.not_live:
            return self.not_live[run_id]
        return ModelStatus.Disabled if otherwise.is_live else otherwise

    def fraction_of(self, run_id: str) -> float:
        """Return a run's fraction; 0 for a run that is not Active."""
        return self.runs[run_id].fraction if run_id in self.runs else 0.0

    def says_the_same(self, other: "Plan") -> bool:
        """Tell whether both give every run the same status and fraction."""
        return dict(self.runs) == dict(other.runs) and dict(self.not_live) == dict(other.not_live)


def next_plan(
    plan: Plan, runs: Mapping[str, LiveRun], not_live: Mapping[str, ModelStatus] | None = None
) -> Plan:
    """Return the plan that follows, with these live runs; who and when is for the writer to say."""
    return replace(
        plan,
        revision=plan.revision + 1,
        runs=runs,
        not_live=not_live or {},
        updated_at=None,
        updated_by=None,
        note=None,
    )


def _check_run(run_id: str, run: LiveRun) -> None:
    if not run.status.is_live:
        raise InvalidRollout(f"run '{run_id}' is {run.status.name}; a plan holds live runs alone")
    is_right = 0 < run.fraction <= 1 if run.status is ModelStatus.Active else run.fraction == 0
    if not is_right:
        rule = "in (0, 1]" if run.status is ModelStatus.Active else "0"
        raise InvalidRollout(
            f"run '{run_id}' is {run.status.name}: its fraction must be {rule}, "
            f"not {run.fraction!r}"
        )
