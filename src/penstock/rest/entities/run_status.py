from enum import IntEnum

from penstock.errors import MlflowException


class RunStatus(IntEnum):
    """How a run stands; the numbers are MLflow's, `run.info.status` is the name."""

    RUNNING = 1
    SCHEDULED = 2
    FINISHED = 3
    FAILED = 4
    KILLED = 5

    @classmethod
    def from_string(cls, status_str: str) -> "RunStatus":
        """Return the status of this name."""
        if status_str in cls.__members__:
            return cls[status_str]
        raise MlflowException(
            f"'{status_str}' is no status of a run; use one of {', '.join(cls.__members__)}",
            "INVALID_PARAMETER_VALUE",
        )

    @classmethod
    def to_string(cls, status: int) -> str:
        """Return the name of a status."""
        try:
            return cls(status).name
        except ValueError:
            raise MlflowException(
                f"{status!r} is no status of a run; use one of RunStatus", "INVALID_PARAMETER_VALUE"
            ) from None

    @classmethod
    def is_terminated(cls, status: int) -> bool:
        """Tell whether a run of this status has ended."""
        return status in (cls.FINISHED, cls.FAILED, cls.KILLED)

    @classmethod
    def all_status(cls) -> list["RunStatus"]:
        """Return all there are."""
        return list(cls)
