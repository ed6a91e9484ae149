"""The live runs of rollout plans, and the model versions that they came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from penstock.errors import MlflowException
from penstock.lineage.history import EXISTS
from penstock.lineage.own_runs import PARENT_TAG
from penstock.lineage.resource import experiment_id as id_of_experiment
from penstock.lineage.resources import MARK, PARENT_RUN
from penstock.lineage.tag_key import tag_key
from penstock.rest import MlflowClient
from penstock.rest.entities import Run

if TYPE_CHECKING:
    from penstock.rollout.plans import LiveRun, Plan

_MOST_REVISIONS: Final = 100_000
_UNKNOWN: Final = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})


class LiveVersion(NamedTuple):
    """A run that a plan holds live, and the run that made the model version behind it."""

    plan: Plan
    run_id: str
    origin: Run

    @property
    def state(self) -> LiveRun:
        """Return its status and fraction."""
        return self.plan.runs[self.run_id]


class LiveRuns:
    """Finds what rollout plans hold live of a model.

    A live run is of a model version when it is the run that made it, an experiment below that
    run, or one whose tag `{id}.parent_run_id` names it.
    """

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def iter_of(self, experiment_id: str, name: str) -> Iterator[LiveVersion]:
        """Yield what is live of a model: highest version first, in it the largest fraction."""
        # What a pipeline that only logs never needs.
        from penstock.rollout.members import read_members  # noqa: PLC0415 - as said
        from penstock.rollout.store import find_store  # noqa: PLC0415 - the same

        plans = [plan for plan in find_store(self._client).read_all(experiment_id) if plan.runs]
        for plan in sorted(plans, key=lambda one: one.version, reverse=True):
            members = read_members(self._client, plan.scope, plan.runs)
            for run_id in sorted(members, key=plan.fraction_of, reverse=True):
                origin = self._find_origin(members[run_id].run, name)
                if origin is not None:
                    yield LiveVersion(plan, run_id, origin)

    def find_beginning(self, live: LiveVersion) -> Plan:
        """Return the revision that put a run live: since then it has been so without a break.

        Of a history that is longer than what is kept of it, that is the oldest one known.
        """
        from penstock.rollout.store import find_store  # noqa: PLC0415 - as above

        found = live.plan
        for plan in find_store(self._client).read_history(live.plan.scope, _MOST_REVISIONS):
            if plan.revision > live.plan.revision:
                continue
            if live.run_id not in plan.runs:
                break
            found = plan
        return found

    def _find_origin(self, run: Run, name: str) -> Run | None:
        if _has_made(run, name):
            return run
        parent_id = run.data.tags.get(tag_key(f"{name}.{PARENT_RUN}").key)
        if parent_id is None and _has_made(run, id_of_experiment(run.info.run_id, name)):
            parent_id = run.data.tags.get(PARENT_TAG)
        origin = None if parent_id is None else self._find_run(parent_id)
        return origin if origin is not None and _has_made(origin, name) else None

    def _find_run(self, run_id: str) -> Run | None:
        try:
            return self._client.get_run(run_id)
        except MlflowException as error:
            if error.error_code in _UNKNOWN:
                return None
            raise


def _has_made(run: Run, name: str) -> bool:
    return run.data.tags.get(tag_key(f"{name}.{EXISTS}").key) == MARK
