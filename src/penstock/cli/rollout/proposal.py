"""A change that somebody asks for, watched while it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from penstock.cli.rollout.transition import Transition
from penstock.errors import PlanConflict, RolloutError
from penstock.rest import MlflowClient
from penstock.rollout.changes import Statuses, noted
from penstock.rollout.changing import carry_through, preview
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store

Change = Callable[[Plan, Statuses], Plan]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the plan of a scope, and the ids of the runs that it speaks of.

    `restored` is the revision that it goes back to, if it does, and `note` is why it is made.
    """

    scope: Scope
    named: Sequence[str]
    change: Change
    restored: int | None = None
    note: str | None = None

    def foresee(self, client: MlflowClient) -> Transition:
        """Return what the change would make of the present plan; nothing is written."""
        witness = _Witness(self._noted)
        before, after = preview(client, self.scope, self.named, witness)
        return replace(witness.get_seen(), before=before, after=after)

    def carry_out(self, client: MlflowClient, *, only: int | None = None) -> Transition:
        """Make the change and return what became of what.

        With `only`, of this revision alone: raises PlanConflict if the plan has moved on.
        """
        witness = _Witness(self._noted, only=only)
        present = find_store(client).read(self.scope)
        try:
            written = carry_through(client, self.scope, self.named, witness, restored=self.restored)
        except _MovedOn as moved_on:
            raise PlanConflict(str(moved_on)) from moved_on
        seen = witness.get_seen()
        # What it saw is without runs that were deleted; the present plan still has them.
        before = present if present.revision == seen.before.revision else seen.before
        return replace(seen, before=before, after=written)

    def _noted(self, plan: Plan, statuses: Statuses) -> Plan:
        return noted(self.change(plan, statuses), plan, self.note)


class _MovedOn(RolloutError):
    """The plan is another one than the one that was agreed on; to try again would not help."""


class _Witness:
    """Makes a change, and remembers what it saw last. With `only`, raises _MovedOn."""

    def __init__(self, change: Change, *, only: int | None = None) -> None:
        self._change = change
        self._only = only
        self._seen: Transition | None = None

    def __call__(self, plan: Plan, statuses: Statuses) -> Plan:
        if self._only not in {None, plan.revision}:
            raise _MovedOn(
                f"{plan.scope} is at revision {plan.revision} by now, and what you saw is "
                f"revision {self._only}: nothing was changed; look at it, and try again"
            )
        followed = self._change(plan, statuses)
        self._seen = Transition(plan, followed, dict(statuses))
        return followed

    def get_seen(self) -> Transition:
        if self._seen is None:
            raise AssertionError  # the change was asked before anything could come of it
        return self._seen
