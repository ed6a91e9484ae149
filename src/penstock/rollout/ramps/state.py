"""How far a ramp has come, as it is kept on disk so that it can go on after a crash."""

import msgspec

from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.ramps.evidence import Evidence
from penstock.rollout.ramps.order import RampOrder
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus


class RampState(msgspec.Struct, frozen=True, kw_only=True):
    """One ramp.

    `former` is what was live before it, of revision `former_revision`; `baseline` had most of it.
    Until a step `is_made`, `revision` is the one that it is made from; then, the one that it is.
    `since` and `seen` are the time and the evidence at its beginning. `broken` is why the ramp
    has to go back.
    """

    run_id: str
    steps: tuple[float, ...]
    every: float
    guards: tuple[str, ...]
    requests: int
    former: dict[str, tuple[str, float]]
    former_revision: int
    baseline: str
    revision: int
    step: int = 0
    is_made: bool = False
    since: float = 0.0
    seen: Evidence = Evidence()
    broken: str | None = None

    @property
    def fraction(self) -> float:
        """What the run gets in this step."""
        return self.steps[self.step]

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.step == len(self.steps) - 1

    def is_of(self, plan: Plan) -> bool:
        """Tell whether nobody else has changed the plan since; else the ramp has ended."""
        is_writing = not self.is_made or self.broken is not None
        return plan.revision - self.revision in ((0, 1) if is_writing else (0,))

    def continues(self, order: RampOrder) -> bool:
        """Tell whether this is the ramp that is ordered; it may have begun at a later step."""
        ordered = (order.run_id, order.steps[-len(self.steps) :], order.every, order.requests)
        guards = tuple(guard.text for guard in order.guards)
        is_same = ordered == (self.run_id, self.steps, self.every, self.requests)
        return is_same and guards == self.guards

    def made(self, revision: int, now: float, seen: Evidence) -> "RampState":
        """Return the state once its step is live."""
        return msgspec.structs.replace(self, is_made=True, revision=revision, since=now, seen=seen)

    def next(self) -> "RampState":
        """Return the state that is to make the next step."""
        return msgspec.structs.replace(self, step=self.step + 1, is_made=False)

    def breaking(self, why: str) -> "RampState":
        """Return the state that is to go back."""
        return msgspec.structs.replace(self, broken=why)

    def former_plan(self, scope: Scope) -> Plan:
        """Return the plan that was live before."""
        runs = {
            run_id: LiveRun(ModelStatus[status], fraction)
            for run_id, (status, fraction) in self.former.items()
        }
        return Plan(scope, self.former_revision, runs)


def begin(order: RampOrder, plan: Plan) -> RampState:
    """Return the state of a ramp that begins at a plan with an Active run."""
    others = {run: share for run, share in plan.active.items() if run != order.run_id}
    return RampState(
        run_id=order.run_id,
        steps=order.steps,
        every=order.every,
        guards=tuple(guard.text for guard in order.guards),
        requests=order.requests,
        former={run_id: (run.status.name, run.fraction) for run_id, run in plan.runs.items()},
        former_revision=plan.revision,
        baseline=max(others, key=lambda run: others[run]),
        revision=plan.revision,
    )
