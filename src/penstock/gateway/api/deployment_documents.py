"""Deployments as the API shows and takes them."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from penstock.deployments.spec import (
    LABEL,
    MOST_CORES,
    MOST_MEMORY,
    MOST_REPLICAS,
    MOST_URI,
    DeploymentSpec,
    NodeCapacity,
)
from penstock.deployments.supervision.job_state import JobState, Phase
from penstock.gateway.api.envelope import Success
from penstock.gateway.api.texts import PRINTED
from penstock.gateway.db.deployments import Deployment, Status

Label = Annotated[str, Field(max_length=63, pattern=LABEL, examples=["churn"])]
Env = Annotated[str, Field(max_length=63, pattern=LABEL, examples=["prod"])]
Replicas = Annotated[int, Field(strict=True, ge=1, le=MOST_REPLICAS, examples=[1])]
DeploymentId = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1, examples=[7])]

URL: Final = "http://127.0.0.1:9100"
RUN: Final = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


class NewDeployment(BaseModel):
    """Body of `POST /api/v1/serve/deploy-model`. `cores` and `memory` (GB) are each replica's."""

    model_config = ConfigDict(extra="forbid")

    serve_name: Label
    model_uri: str = Field(
        min_length=1, max_length=MOST_URI, pattern=PRINTED, examples=["models:/churn@champion"]
    )
    env: Env
    cores: int = Field(1, strict=True, ge=1, le=MOST_CORES, examples=[2])
    memory: int = Field(1, strict=True, ge=1, le=MOST_MEMORY, examples=[4])
    node_capacity: Literal["spot", "ondemand"] = Field("ondemand", examples=["ondemand"])
    min_replicas: Replicas = 1
    max_replicas: Replicas = 1
    target: Literal["local", "ray"] = Field("local", examples=["local"])
    ignore_requirements: bool = Field(default=False, strict=True)

    def spec(self) -> DeploymentSpec:
        """Return what is asked for. Raises InvalidDeployment."""
        return DeploymentSpec(
            serve_name=self.serve_name,
            model_uri=self.model_uri,
            env=self.env,
            cores=self.cores,
            memory=self.memory,
            node_capacity=NodeCapacity(self.node_capacity),
            min_replicas=self.min_replicas,
            max_replicas=self.max_replicas,
        )


class Undeployment(BaseModel):
    """Body of `POST /api/v1/serve/undeploy-model`."""

    model_config = ConfigDict(extra="forbid")

    serve_name: Label
    env: Env


class RollbackTo(BaseModel):
    """Body of `POST /api/v1/serve/{serve_name}/rollback`."""

    model_config = ConfigDict(extra="forbid")

    env: Env
    deployment_id: DeploymentId


class ShownDeployment(BaseModel):
    """A deployment. `resolved_uri` is what `model_uri` meant when it was made.

    `status` is `STARTING`, `RUNNING`, `RESTARTING` after a crash, `FAILED`, `REPLACED` by a later
    one, or `STOPPED`; `reason` says why. Moments are in milliseconds since 1970.
    """

    deployment_id: int = Field(examples=[7])
    serve_name: str = Field(examples=["churn"])
    env: str = Field(examples=["prod"])
    status: str = Field(examples=["RUNNING"])
    reason: str = Field(examples=[""])
    restarts: int = Field(examples=[0])
    service_url: str = Field(examples=[URL])
    model_uri: str = Field(examples=["models:/churn@champion"])
    resolved_uri: str = Field(examples=["models:/churn/3"])
    run_id: str | None = Field(examples=[RUN])
    target: str = Field(examples=["local"])
    cores: int = Field(examples=[2])
    memory: int = Field(examples=[4])
    node_capacity: str = Field(examples=["ondemand"])
    min_replicas: int = Field(examples=[1])
    max_replicas: int = Field(examples=[1])
    restores: int | None = Field(examples=[None])
    owner: str = Field(examples=["ann@example.org"])
    created_by: str = Field(examples=["ann@example.org"])
    created_at: int = Field(examples=[1767225600000])
    ended_at: int | None = Field(examples=[None])


class ShownStatus(ShownDeployment):
    """The newest deployment in an environment.

    `active` is the one that answers: itself, or, while it starts or where it has failed, the one
    before; null where none does.
    """

    active: ShownDeployment | None


class Deployed(Success):
    """What was deployed, and the address at which it will answer."""

    service_url: str = Field(examples=[URL])
    data: ShownDeployment


class DeploymentPage(Success):
    """A page of the history, the newest first; `total` counts what all pages hold."""

    data: list[ShownDeployment]
    page: int = Field(examples=[1])
    limit: int = Field(examples=[20])
    total: int = Field(examples=[1])


def shown(row: Deployment, state: JobState | None) -> ShownDeployment:
    """Return a deployment as it is shown, with how its service is where that is known."""
    return ShownDeployment.model_validate(_document(row, state))


def shown_status(
    row: Deployment, state: JobState | None, active: ShownDeployment | None
) -> ShownStatus:
    """Return the newest deployment as it is shown, with the one that answers."""
    return ShownStatus.model_validate({**_document(row, state), "active": active})


def _document(row: Deployment, state: JobState | None) -> dict[str, object]:
    spec, status = row.spec, _status(row, state)
    is_down = state is not None and status in {Phase.RESTARTING.upper(), Status.FAILED}
    return {
        "deployment_id": row.id,
        "serve_name": spec.serve_name,
        "env": spec.env,
        "status": status,
        "reason": state.reason if state is not None and is_down else row.reason,
        "restarts": state.restarts if state is not None else 0,
        "service_url": row.service_url,
        "model_uri": spec.model_uri,
        "resolved_uri": row.resolved_uri,
        "run_id": row.run_id,
        "target": row.target.value,
        "cores": spec.cores,
        "memory": spec.memory,
        "node_capacity": spec.node_capacity.value,
        "min_replicas": spec.min_replicas,
        "max_replicas": spec.max_replicas,
        "restores": row.restores,
        "owner": row.owner.email,
        "created_by": row.actor,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


def _status(row: Deployment, state: JobState | None) -> str:
    """Return the status: of a live one, what its service does right now."""
    if state is None or row.ended_at is not None:
        return row.status.value
    return state.phase.upper()
