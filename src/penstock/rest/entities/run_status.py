from enum import StrEnum


class RunStatus(StrEnum):
    """How a run stands; the last three end it."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"
