from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities._keyed import Labels
from penstock.rest.entities._prompt_tag import PROMPT_TAG
from penstock.rest.entities.metric import Metric
from penstock.rest.entities.param import Param


class DeploymentJobState(Entity, frozen=True, kw_only=True):
    """What a registry with deployment jobs says of the job of a version."""

    job_id: str = ""
    run_id: str = ""
    job_state: str = "DEPLOYMENT_JOB_CONNECTION_STATE_UNSPECIFIED"
    run_state: str = "DEPLOYMENT_JOB_RUN_STATE_UNSPECIFIED"
    current_task_name: str = ""


class ModelVersion(Entity, frozen=True, kw_only=True):
    """A version of a registered model; times are in milliseconds since 1970.

    `status` is `PENDING_REGISTRATION`, `READY` or `FAILED_REGISTRATION`. MLflow's API leaves out
    `model_id`, `params` and `metrics`; they are None, as in its own client.
    """

    name: str
    version: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    description: str | None = None
    user_id: str = ""
    current_stage: str = ""
    source: str = ""
    run_id: str | None = None
    run_link: str = ""
    status: str = "PENDING_REGISTRATION"
    status_message: str | None = None
    tags: Labels = field(default_factory=Labels)
    aliases: list[str] = field(default_factory=list)
    model_id: str | None = None
    params: list[Param] | None = None
    metrics: list[Metric] | None = None
    deployment_job_state: DeploymentJobState | None = None
    workspace: str = "default"

    def is_prompt(self) -> bool:
        """Tell whether this is a version of a prompt, which MLflow keeps among the models."""
        return self.tags.get(PROMPT_TAG, "").lower() == "true"
