from enum import StrEnum

from penstock.errors import MlflowException


class LoggedModelStatus(StrEnum):
    """How far the making of a logged model is."""

    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"

    @classmethod
    def parse(cls, status: object) -> "LoggedModelStatus":
        """Return the status of this name, whether a text, ours or one of `mlflow.entities`."""
        for known in cls:
            if known == status:
                return known
        raise MlflowException(
            f"status must be READY or FAILED, not {status!r}", "INVALID_PARAMETER_VALUE"
        )

    @classmethod
    def from_wire(cls, name: str) -> "LoggedModelStatus":
        """Return the status that MLflow's API calls by this longer name."""
        return next((status for status in cls if status.to_wire() == name), cls.UNSPECIFIED)

    @classmethod
    def from_int(cls, number: int) -> "LoggedModelStatus":
        """Return the status that MLflow gives this number."""
        for status in cls:
            if status.to_int() == number:
                return status
        raise MlflowException(f"there is no status {number!r}", "INVALID_PARAMETER_VALUE")

    @staticmethod
    def is_finalized(status: object) -> bool:
        """Tell whether a status is one that stays."""
        return status in (LoggedModelStatus.READY, LoggedModelStatus.FAILED)

    def to_int(self) -> int:
        """Return the number that MLflow gives this status in `to_dictionary`."""
        return _BY_NUMBER.index(self)

    def to_wire(self) -> str:
        """Return the longer name that MLflow's API has for this status."""
        return _WIRE_NAMES[self]


_BY_NUMBER = tuple(LoggedModelStatus)
_WIRE_NAMES = {
    LoggedModelStatus.UNSPECIFIED: "LOGGED_MODEL_STATUS_UNSPECIFIED",
    LoggedModelStatus.PENDING: "LOGGED_MODEL_PENDING",
    LoggedModelStatus.READY: "LOGGED_MODEL_READY",
    LoggedModelStatus.FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
}
