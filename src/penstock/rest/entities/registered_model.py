from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities._keyed import Aliases, Labels
from penstock.rest.entities._prompt_tag import PROMPT_TAG
from penstock.rest.entities.model_version import ModelVersion


class RegisteredModel(Entity, frozen=True, kw_only=True):
    """A registered model; times are in milliseconds since 1970.

    `latest_versions` holds the newest version of each stage, `aliases` versions by alias.
    """

    name: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    description: str = ""
    latest_versions: list[ModelVersion] = field(default_factory=list)
    aliases: Aliases = field(default_factory=Aliases)
    deployment_job_id: str = ""
    deployment_job_state: str = "DEPLOYMENT_JOB_CONNECTION_STATE_UNSPECIFIED"
    workspace: str = "default"
    _tags: Labels = field(default_factory=Labels, name="tags")

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags by key, without the one that only marks prompts."""
        return {key: value for key, value in self._tags.items() if key != PROMPT_TAG}

    def is_prompt(self) -> bool:
        """Tell whether this is a prompt, which MLflow keeps among the registered models."""
        return self._tags.get(PROMPT_TAG, "").lower() == "true"
