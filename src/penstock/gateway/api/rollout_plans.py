"""Plans of rollouts as `/v1` shows and takes them."""

from typing import Annotated, Any, Final, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from penstock.gateway.api.answers import Refusal
from penstock.gateway.api.envelope import Result
from penstock.gateway.api.texts import PRINTED
from penstock.gateway.rollouts.told import MOST_REVISION
from penstock.rollout.gateway_store import runs_document
from penstock.rollout.plans import MOST_NOTE, Plan
from penstock.rollout.status import ModelStatus

MOST_RUNS: Final = 2000

RUN: Final = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
OTHER_RUN: Final = "1a2b3c4d5e6f708192a3b4c5d6e7f809"
RUNS: Final = {
    RUN: {"status": "Active", "fraction": 0.8},
    OTHER_RUN: {"status": "Active", "fraction": 0.2},
}

RunId = Annotated[str, Field(min_length=1, max_length=256, examples=[RUN])]
RevisionNumber = Annotated[int, Field(strict=True, ge=0, le=MOST_REVISION)]
Note = Annotated[str | None, Field(max_length=MOST_NOTE, pattern=PRINTED)]
"""Why a change is made."""


UNREADABLE: Final[dict[int | str, dict[str, Any]]] = {
    409: {
        "model": Refusal,
        "description": "The tag of the plan holds no plan, and no history says what should.",
        "content": {
            "application/json": {
                "example": {"detail": "experiment 12, tag 'penstock.plan.…': no plan"}
            }
        },
    }
}


class RunState(BaseModel):
    """What a run is to production; all but Active runs have the fraction 0."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["Active", "Canary", "New", "Disabled"] = Field(examples=["Active"])
    fraction: float = Field(0.0, ge=0, le=1, strict=True, allow_inf_nan=False, examples=[1.0])


class NewPlan(BaseModel):
    """Body of `PUT /v1/rollout/{experiment_id}/{submodel}/{version}`."""

    model_config = ConfigDict(extra="forbid")

    runs: dict[RunId, RunState] = Field(max_length=MOST_RUNS, examples=[RUNS])
    note: Note = None

    def states(self) -> dict[str, tuple[ModelStatus, float]]:
        """Return what each run is to be."""
        return {
            run_id: (ModelStatus[state.status], state.fraction)
            for run_id, state in self.runs.items()
        }


class Rollback(BaseModel):
    """Body of `POST …/rollback`; 0 stands for no live runs."""

    model_config = ConfigDict(extra="forbid")

    revision: RevisionNumber = Field(examples=[3])
    note: Note = None


class SavedRun(BaseModel):
    """Body of `POST …/runs`."""

    model_config = ConfigDict(extra="forbid")

    run_id: RunId


class ShownPlan(BaseModel):
    """A plan. Revision 0 is one that nobody has written yet; its times and actors are null.

    `runs` are the live ones, and those that this very change has made New or Disabled.
    `updated_at` is in milliseconds since 1970, `note` is why the change was made.
    """

    experiment_id: str = Field(examples=["12"])
    submodel_name: str = Field(examples=["churn"])
    version: str = Field(examples=["1.4.0"])
    revision: int = Field(examples=[4])
    runs: dict[str, RunState] = Field(examples=[RUNS])
    updated_at: int | None = Field(examples=[1767225600000])
    updated_by: str | None = Field(examples=["ann@example.org"])
    note: str | None = Field(examples=[None])

    @classmethod
    def of(cls, plan: Plan) -> "ShownPlan":
        """Return a plan as it is shown."""
        return cls(
            experiment_id=plan.experiment_id,
            submodel_name=plan.submodel_name,
            version=str(plan.version),
            revision=plan.revision,
            runs=runs_document(plan),
            updated_at=plan.updated_at,
            updated_by=plan.updated_by,
            note=plan.note,
        )


class ListedPlans(Result[list[ShownPlan]]):
    """All plans of an experiment."""

    unreadable: dict[str, str] = Field(examples=[{}])


class MovedOn(Refusal):
    """Why a change is not made, and the plan that holds instead."""

    data: ShownPlan


def tagged(plan: Plan) -> dict[str, str]:
    """Return the headers that say which revision an answer holds."""
    return {"ETag": f'"{plan.revision}"'}


def moved_on(plan: Plan, follows: int) -> JSONResponse:
    """Return the refusal of a change that follows another revision than the present one."""
    detail = (
        f"{plan.scope} is at revision {plan.revision}, not {follows}: look at it, and decide anew"
    )
    document = MovedOn(detail=detail, data=ShownPlan.of(plan)).model_dump()
    return JSONResponse(document, 412, tagged(plan))
