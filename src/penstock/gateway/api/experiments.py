"""Experiments: made, looked at, renamed, deleted."""

from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from penstock.errors import RequestRefused
from penstock.gateway.api.active import get_experiment, pairs, understanding
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Result
from penstock.gateway.api.mlflow_errand import V2, errand_of
from penstock.gateway.api.mlflow_refusal import TAKEN
from penstock.gateway.api.texts import Name
from penstock.gateway.own_request import parts_of
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference

router = APIRouter(tags=["Experiments"])

CREATOR_TAG: Final = "mlflow.user"
"""Where the gateway writes down who made an experiment through `/v1`."""


class ExperimentName(BaseModel):
    """Body of `POST` and `PUT /v1/experiment`."""

    model_config = ConfigDict(extra="forbid")

    experiment_name: Name = Field(examples=["churn"])


class ExperimentId(BaseModel):
    """The id of an experiment."""

    experiment_id: str = Field(examples=["12"])


class NamedExperiment(ExperimentId):
    """An experiment, by id and name."""

    experiment_name: str = Field(examples=["churn"])


class Experiment(NamedExperiment):
    """An experiment. `created_by` is its tag `mlflow.user`, null where it has none."""

    artifact_location: str = Field(examples=["mlflow-artifacts:/12"])
    created_by: str | None = Field(examples=["ann@example.org"])


@router.post("/v1/experiment", responses=refusals(400, 403, 409, 504))
async def create_experiment(request: Request, body: ExperimentName) -> Result[NamedExperiment]:
    """Make an experiment; whoever makes it manages it.

    Everybody may, but for a name that a grant gives them for less than EDIT (403). Names of
    deleted experiments stay taken (409).
    """
    errand = errand_of(request)
    creator = {"key": CREATOR_TAG, "value": errand.subject.email}
    made = await errand.post(
        f"{V2}/experiments/create", {"name": body.experiment_name, "tags": [creator]}
    )
    with understanding():
        return Result(data=_named(made["experiment_id"], body))


@router.get("/v1/experiment/{experiment_id}", responses=refusals(404, 504))
async def read_experiment(request: Request, experiment_id: str) -> Result[Experiment]:
    """Return an experiment; takes READ on it.

    `created_by` is its tag `mlflow.user`, which is set for who makes an experiment here;
    null without that tag. Who may do what follows from grants alone.
    """
    found = await get_experiment(errand_of(request), experiment_id)
    with understanding():
        experiment = Experiment(
            experiment_id=experiment_id,
            experiment_name=found["name"],
            artifact_location=found.get("artifact_location", ""),
            created_by=pairs(found, "tags").get(CREATOR_TAG),
        )
    return Result(data=experiment)


@router.put("/v1/experiment/{experiment_id}", responses=refusals(400, 403, 404, 409, 504))
async def rename_experiment(
    request: Request, experiment_id: str, body: ExperimentName
) -> Result[NamedExperiment]:
    """Give an experiment another name; takes MANAGE on it, and the right to make that name."""
    errand = errand_of(request)
    await get_experiment(errand, experiment_id)
    renaming = {"experiment_id": experiment_id, "new_name": body.experiment_name}
    try:
        await errand.post(f"{V2}/experiments/update", renaming)
    except RequestRefused as refusal:
        if refusal.error_code == "BAD_REQUEST" and await _is_taken(request, renaming):
            raise RequestRefused(409, "RESOURCE_ALREADY_EXISTS", TAKEN) from refusal
        raise
    return Result(data=_named(experiment_id, body))


@router.delete("/v1/experiment/{experiment_id}", responses=refusals(403, 404, 504))
async def delete_experiment(request: Request, experiment_id: str) -> Result[ExperimentId]:
    """Delete an experiment with its runs; takes MANAGE on it. MLflow can restore it."""
    errand = errand_of(request)
    await get_experiment(errand, experiment_id)
    await errand.post(f"{V2}/experiments/delete", {"experiment_id": experiment_id})
    return Result(data=ExperimentId(experiment_id=experiment_id))


def _named(experiment_id: Any, body: ExperimentName) -> NamedExperiment:  # noqa: ANN401 - JSON
    return NamedExperiment(experiment_id=experiment_id, experiment_name=body.experiment_name)


async def _is_taken(request: Request, renaming: dict[str, str]) -> bool:
    """Return whether another experiment has the name: MLflow itself says only that it cannot be."""
    wanted = Reference(Named.EXPERIMENT_NAME, renaming["new_name"], Level.READ)
    found = await parts_of(request).lookup.find(wanted)
    return found is not None and found.id != renaming["experiment_id"]
