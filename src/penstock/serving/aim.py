"""What a server is asked to serve: a scope of a rollout, or one model. Pure."""

import hashlib
import json
import re
from dataclasses import dataclass

from penstock.errors import ConfigurationError
from penstock.semver import EVERY, VersionRange, parse_range


@dataclass(frozen=True, slots=True)
class Aim:
    """A model's URI, or an experiment by name or id with the versions and submodel of it."""

    model_uri: str | None = None
    experiment: str | None = None
    experiment_id: str | None = None
    versions: VersionRange = EVERY
    submodel: str | None = None

    @property
    def name(self) -> str:
        """What callers call it: the submodel, the experiment, or the registered model."""
        if self.model_uri is None:
            return self.submodel or self.experiment or f"experiment-{self.experiment_id}"
        text = self.model_uri.rstrip("/")
        if text.startswith("models:"):
            return re.split(r"[/@]", text.removeprefix("models:").lstrip("/"), maxsplit=1)[0]
        return text.rpartition("/")[2]

    @property
    def key(self) -> str:
        """What tells it from other aims: 16 hexadecimal digits."""
        versions = (str(self.versions.low), str(self.versions.high))
        parts = (self.model_uri, self.experiment, self.experiment_id, self.submodel, *versions)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def parse_aim(
    model_uri: str | None,
    *,
    experiment: str | None = None,
    experiment_id: str | None = None,
    version: str | None = None,
    submodel: str | None = None,
) -> Aim:
    """Return what the arguments mean. Raises ConfigurationError that says how they go together."""
    names_rollout = any((experiment, experiment_id, version, submodel))
    if bool(model_uri) == names_rollout:
        raise ConfigurationError(
            "name what to serve: a model, models:/churn@champion, or a rollout, "
            "--experiment churn --model-version 1.4.0; not both"
        )
    if model_uri:
        return Aim(model_uri)
    if bool(experiment) == bool(experiment_id):
        raise ConfigurationError("pass --experiment NAME or --experiment-id ID, not both")
    try:
        versions = EVERY if version is None else parse_range(version)
    except ValueError as error:
        raise ConfigurationError(f"--model-version: {error}") from error
    return Aim(None, experiment, experiment_id, versions, submodel)
