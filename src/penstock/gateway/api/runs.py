"""Runs of an experiment: made, looked at, deleted."""

import time
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, ConfigDict, Field

from penstock.gateway.api.active import get_experiment, get_run, member, understanding
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Done, Result
from penstock.gateway.api.mlflow_errand import V2, errand_of
from penstock.gateway.api.parameters import check_unique
from penstock.gateway.api.texts import Key, RunName, TagValue

router = APIRouter(tags=["Runs"])


class Tag(BaseModel):
    """One tag of a run."""

    model_config = ConfigDict(extra="forbid")

    key: Key = Field(examples=["team"])
    value: TagValue = Field(examples=["growth"])


class NewRun(BaseModel):
    """Body of `POST /v1/experiment/{experiment_id}/run`."""

    model_config = ConfigDict(extra="forbid")

    run_name: RunName | None = Field(default=None, examples=["nightly"])
    tags: list[Tag] | None = Field(
        default=None, max_length=100, examples=[[{"key": "team", "value": "growth"}]]
    )


class Run(BaseModel):
    """A run. Times are in milliseconds since 1970."""

    run_name: str = Field(examples=["nightly"])
    run_id: str = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
    experiment_id: str = Field(examples=["12"])
    run_status: str = Field(examples=["RUNNING"])
    start_time: int = Field(examples=[1767225600000])
    artifact_uri: str = Field(
        examples=["mlflow-artifacts:/12/0f1e2d3c4b5a69788796a5b4c3d2e1f0/artifacts"]
    )


class ReadRun(Run):
    """A run with its end, null as long as there is none."""

    end_time: int | None = Field(examples=[None])


@router.post(
    "/v1/experiment/{experiment_id}/run",
    status_code=status.HTTP_201_CREATED,
    responses=refusals(400, 403, 404, 504),
)
async def create_run(
    request: Request, experiment_id: str, body: NewRun | None = None
) -> Result[Run]:
    """Begin a run; takes EDIT on the experiment. Without a name MLflow finds one."""
    errand, new = errand_of(request), body or NewRun()
    tags = [tag.model_dump() for tag in new.tags or ()]
    check_unique("tags", [tag["key"] for tag in tags])
    await get_experiment(errand, experiment_id)
    document = {"experiment_id": experiment_id, "start_time": _now(), "tags": tags}
    if new.run_name:
        document["run_name"] = new.run_name
    made = member(await errand.post(f"{V2}/runs/create", document), "run")
    with understanding():
        return Result(data=Run(**_fields(member(made, "info"))))


@router.get("/v1/experiment/{experiment_id}/run/{run_id}", responses=refusals(404, 504))
async def read_run(request: Request, experiment_id: str, run_id: str) -> Result[ReadRun]:
    """Return a run of the experiment; takes READ on it."""
    run = await get_run(errand_of(request), run_id, experiment_id=experiment_id)
    info = member(run, "info")
    with understanding():
        return Result(data=ReadRun(**_fields(info), end_time=info.get("end_time") or None))


@router.delete("/v1/experiment/{experiment_id}/run/{run_id}", responses=refusals(403, 404, 504))
async def delete_run(request: Request, experiment_id: str, run_id: str) -> Done:
    """Delete a run of the experiment; takes MANAGE on it. MLflow can restore it."""
    errand = errand_of(request)
    await get_run(errand, run_id, experiment_id=experiment_id)
    await errand.post(f"{V2}/runs/delete", {"run_id": run_id})
    return Done(message=f"run '{run_id}' deleted")


def _fields(info: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run_name": info.get("run_name", ""),
        "run_id": info["run_id"],
        "experiment_id": info["experiment_id"],
        "run_status": info.get("status", ""),
        "start_time": info.get("start_time", 0),
        "artifact_uri": info.get("artifact_uri", ""),
    }


def _now() -> int:
    return time.time_ns() // 1_000_000
