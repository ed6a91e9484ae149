"""Which runs should answer, and with which fraction. Pure."""

from dataclasses import dataclass, field
from typing import Final

from penstock.rollout.plans import Plan
from penstock.rollout.runs import MODEL_FOLDER
from penstock.uris import RunsUri

MODEL_ALONE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Lineup:
    """The runs that should be live: those that answer by fraction, and those that only see.

    `version` is the one of the rollout, or of the registry where one model is served; `uris` are
    the models of the runs. `origin` tells apart lineups of different plans.
    """

    origin: str
    version: str
    revision: int
    active: dict[str, float] = field(default_factory=dict)
    canaries: tuple[str, ...] = ()
    uris: dict[str, str] = field(default_factory=dict)

    @property
    def run_ids(self) -> tuple[str, ...]:
        """All runs of it, those that answer first."""
        return (*self.active, *self.canaries)


def lineup_of_plan(plan: Plan) -> Lineup:
    """Return the runs of a rollout's plan."""
    return Lineup(
        origin=plan.scope.key,
        version=str(plan.version),
        revision=plan.revision,
        active=plan.active,
        canaries=tuple(plan.canaries),
        uris={run_id: str(RunsUri(run_id, MODEL_FOLDER)) for run_id in plan.runs},
    )


def lineup_of_model(uri: str, *, version: str | None, run_id: str | None, meant: str) -> Lineup:
    """Return the one model that a URI means at the moment, which gets all requests.

    `meant` is the URI that means the same for ever, where there is one.
    """
    name = run_id or meant
    number = version or "0"
    revision = int(number) if number.isdecimal() else 0
    return Lineup(meant, number, revision, {name: MODEL_ALONE}, (), {name: meant or uri})
