"""What a change makes of each run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from penstock.rollout.plans import Plan
from penstock.rollout.revisions import diff
from penstock.rollout.status import ModelStatus


class State(NamedTuple):
    """What a run is to production; `status` None is not live, and no more is known."""

    status: ModelStatus | None
    fraction: float = 0.0


class Step(NamedTuple):
    """What one run was before and is after."""

    run_id: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Transition:
    """Two revisions of a plan; `statuses` are those of runs before, as far as they are known."""

    before: Plan
    after: Plan
    statuses: Mapping[str, ModelStatus] = field(default_factory=dict)

    @property
    def is_change(self) -> bool:
        """Whether anything is said anew."""
        return self.after.revision != self.before.revision

    def steps(self) -> list[Step]:
        """Return the runs that change, those with the largest shares first."""
        changed = {one.run_id for one in diff(self.before, self.after)}
        changed |= {
            run for run, was in self.after.not_live.items() if self.statuses.get(run) != was
        }
        steps = [Step(run_id, self._before(run_id), self._after(run_id)) for run_id in changed]
        return sorted(steps, key=_prominence)

    def _before(self, run_id: str) -> State:
        known = self.statuses.get(run_id) or self.before.not_live.get(run_id)
        run = self.before.runs.get(run_id)
        return State(known) if run is None else State(run.status, run.fraction)

    def _after(self, run_id: str) -> State:
        run = self.after.runs.get(run_id)
        if run is not None:
            return State(run.status, run.fraction)
        otherwise = ModelStatus.Disabled if run_id in self.statuses else None
        return State(self.after.not_live.get(run_id, otherwise))


def _prominence(step: Step) -> tuple[float, float, bool, str]:
    is_live = step.after.status is not None and step.after.status.is_live
    return (-step.after.fraction, -step.before.fraction, not is_live, step.run_id)
