"""Carry a ramp out: one step after another while its guards hold, and back when one breaks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from penstock.errors import PenstockError, PlanConflict, RampStopped
from penstock.models.outage import is_absence
from penstock.rollout import changes
from penstock.rollout.changing import carry_through
from penstock.rollout.ramps.events import Event, Finished, StepMade, Unasked, Watched, WentBack
from penstock.rollout.ramps.evidence import Evidence
from penstock.rollout.ramps.guards import Judgement, Verdict, parse_guard
from penstock.rollout.status import ModelStatus
from penstock.rollout.store import find_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from penstock.rest import MlflowClient
    from penstock.rollout.changes import Statuses
    from penstock.rollout.plans import Plan
    from penstock.rollout.ramps.memory import RampMemory
    from penstock.rollout.ramps.state import RampState

    Change = Callable[[Plan, Statuses], Plan]
    Ask = Callable[[str, str], Evidence]
    """Returns what is known of a run and of its baseline. Raises TransportError."""


class Ramp:
    """One ramp at work. Each state is kept before what follows from it is done.

    `ask` is not called without guards. `now` is the time in seconds since 1970, so that a step
    that a restart interrupts is as long as others.
    """

    def __init__(
        self,
        client: MlflowClient,
        state: RampState,
        *,
        ask: Ask,
        memory: RampMemory,
        now: Callable[[], float],
    ) -> None:
        self._client = client
        self._scope = memory.scope
        self._state = state
        self._guards = tuple(parse_guard(text) for text in state.guards)
        self._ask = ask
        self._memory = memory
        self._now = now

    @property
    def state(self) -> RampState:
        """How far it has come, as it is kept."""
        return self._state

    def advance(self) -> Event:
        """Do what is due, and tell what that was; Finished and WentBack are the last.

        Raises RampStopped when somebody else has changed the plan.
        """
        try:
            if self._state.broken is not None:
                return self._go_back(self._state.broken)
            return self._watch() if self._state.is_made else self._make_step()
        except PenstockError as error:
            # A gateway answers for an MLflow server that does not.
            if isinstance(error, PlanConflict) or is_absence(error):
                return Unasked(str(error))
            raise

    def _make_step(self) -> Event:
        state, seen = self._state, self._look()
        present = find_store(self._client).read(self._scope)
        plan = present if self._is_made_in(present) else self._write(self._enlarge, [state.run_id])
        self._keep(state.made(plan.revision, self._now(), seen))
        return StepMade(state.step + 1, state.fraction, plan)

    def _is_made_in(self, plan: Plan) -> bool:
        """Tell whether a step was made just before a crash that kept it from being noted."""
        is_next = plan.revision == self._state.revision + 1
        share = plan.active.get(self._state.run_id, 0.0)
        return is_next and math.isclose(share, self._state.fraction, abs_tol=1e-9)

    def _watch(self) -> Event:
        state = self._state
        plan = find_store(self._client).read(self._scope)
        self._check_revision(plan)
        seen = self._look().since(state.seen)
        judged = tuple(guard.judge(seen, state.requests) for guard in self._guards)
        broken = next((one for one in judged if one.verdict is Verdict.BROKEN), None)
        if broken is not None:
            return self._break(broken)
        if seen.missing:
            return Unasked(f"run '{state.run_id}' is not loaded: {seen.missing[0]}")
        left = max(state.since + state.every - self._now(), 0.0)
        is_known = not self._guards or seen.run.requests >= state.requests
        if left or not is_known:
            return Watched(state.step + 1, state.fraction, left, seen.run.requests, judged)
        if state.is_last:
            self._memory.forget()
            return Finished(plan)
        self._keep(state.next())
        return self._make_step()

    def _break(self, judgement: Judgement) -> Event:
        guard, share = judgement.guard.text, f"{self._state.fraction * 100:g} %"
        why = f"the guard {guard} broke at {share}: {judgement.why}"
        self._keep(self._state.breaking(why))
        return self._go_back(why)

    def _go_back(self, why: str) -> Event:
        state = self._state
        former = state.former_plan(self._scope)
        present = find_store(self._client).read(self._scope)
        is_done = present.revision == state.revision + 1 and present.runs == former.runs
        if not is_done:
            # As a plan and not as a rollback, which takes no revision with runs that were deleted.
            present = self._write(self._restore, list(former.runs))
        self._memory.forget()
        return WentBack(why, former.revision, present)

    def _write(self, change: Change, named: list[str]) -> Plan:
        return carry_through(self._client, self._scope, named, change)

    def _enlarge(self, plan: Plan, statuses: Statuses) -> Plan:
        self._check_revision(plan)
        state = self._state
        enlarged = changes.change_status(
            plan, state.run_id, statuses, status=ModelStatus.Active, fraction=state.fraction
        )
        return changes.noted(enlarged, plan, f"ramp, step {state.step + 1} of {len(state.steps)}")

    def _restore(self, plan: Plan, statuses: Statuses) -> Plan:
        self._check_revision(plan)
        former = self._state.former_plan(self._scope)
        left = changes.without_gone(former, statuses)
        # Where nobody is left to answer, the refusal names those that were deleted.
        restored = changes.restore(plan, left if left.active else former, statuses)
        return changes.noted(restored, plan, self._state.broken)

    def _check_revision(self, plan: Plan) -> None:
        if plan.revision == self._state.revision:
            return
        self._memory.forget()
        author = f" by {plan.updated_by}" if plan.updated_by else ""
        raise RampStopped(
            f"{self._scope} was changed{author} meanwhile, to revision {plan.revision}: the ramp "
            "has stopped and leaves it so; look at it, and begin a new ramp"
        )

    def _look(self) -> Evidence:
        if not self._guards:
            return Evidence()
        return self._ask(self._state.run_id, self._state.baseline)

    def _keep(self, state: RampState) -> None:
        self._memory.keep(state)
        self._state = state
