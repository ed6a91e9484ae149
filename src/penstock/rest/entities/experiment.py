from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities._keyed import Labels


class Experiment(Entity, frozen=True, kw_only=True):
    """An experiment; times are in milliseconds since 1970.

    `lifecycle_stage` is `active` or `deleted`; `trace_location` is set by Databricks alone, which
    this client does not speak to.
    """

    experiment_id: str
    name: str = ""
    artifact_location: str = ""
    lifecycle_stage: str = ""
    tags: Labels = field(default_factory=Labels)
    creation_time: int | None = None
    last_update_time: int | None = None
    workspace: str = "default"
    trace_location: None = None
    effective_trace_archival_retention: str | None = None
