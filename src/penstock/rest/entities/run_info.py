from penstock.rest.entities._entity import Entity


class RunInfo(Entity, frozen=True, kw_only=True):
    """What a run is: its ids, name, status, times and place of artifacts.

    Times are in milliseconds since 1970; `status` is a name of `RunStatus`; `lifecycle_stage` is
    `active` or `deleted`.
    """

    run_id: str
    experiment_id: str = ""
    run_name: str = ""
    user_id: str = ""
    status: str = "RUNNING"
    start_time: int = 0
    end_time: int | None = None
    artifact_uri: str = ""
    lifecycle_stage: str = ""
