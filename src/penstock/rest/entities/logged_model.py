from typing import Any

from msgspec import Struct, field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities._keyed import Labels
from penstock.rest.entities.logged_model_status import LoggedModelStatus
from penstock.rest.entities.metric import Metric


class LoggedModel(Entity, frozen=True, kw_only=True):
    """A model that was logged to an experiment; times are in milliseconds since 1970."""

    model_id: str
    experiment_id: str = ""
    name: str = ""
    artifact_location: str = ""
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    model_type: str = ""
    source_run_id: str = ""
    status: LoggedModelStatus = LoggedModelStatus.UNSPECIFIED
    status_message: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: list[Metric] = field(default_factory=list)

    @property
    def model_uri(self) -> str:
        """Return the URI that names this model: `models:/{model_id}`."""
        return f"models:/{self.model_id}"

    def to_dictionary(self) -> dict[str, Any]:
        """Return the attributes by name, in the shape of MLflow's method of this name."""
        values = {name: value for name, value in self if name != "model_uri"}
        return {**values, "status": self.status.to_int()}


class _Described(Struct, kw_only=True):
    model_id: str
    experiment_id: str = ""
    name: str = ""
    artifact_uri: str = ""
    creation_timestamp_ms: int = 0
    last_updated_timestamp_ms: int = 0
    model_type: str = ""
    source_run_id: str = ""
    status: str = ""
    status_message: str = ""
    tags: Labels = field(default_factory=Labels)


class _Measured(Struct):
    params: Labels = field(default_factory=Labels)
    metrics: list[Metric] = field(default_factory=list)


class LoggedModelRecord(Struct):
    """A logged model in the two parts in which MLflow's API sends it."""

    info: _Described
    data: _Measured = field(default_factory=_Measured)

    def to_model(self) -> LoggedModel:
        """Return the entity."""
        return LoggedModel(
            model_id=self.info.model_id,
            experiment_id=self.info.experiment_id,
            name=self.info.name,
            artifact_location=self.info.artifact_uri,
            creation_timestamp=self.info.creation_timestamp_ms,
            last_updated_timestamp=self.info.last_updated_timestamp_ms,
            model_type=self.info.model_type,
            source_run_id=self.info.source_run_id,
            status=LoggedModelStatus.from_wire(self.info.status),
            status_message=self.info.status_message,
            tags=self.info.tags,
            params=self.data.params,
            metrics=self.data.metrics,
        )
