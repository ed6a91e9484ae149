from enum import StrEnum


class LoggedModelStatus(StrEnum):
    """How far the making of a logged model is."""

    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"

    @classmethod
    def from_wire(cls, name: str) -> "LoggedModelStatus":
        """Return the status that MLflow's API calls by this longer name."""
        return _FROM_WIRE.get(name, cls.UNSPECIFIED)

    def to_int(self) -> int:
        """Return the number that MLflow gives this status in `to_dictionary`."""
        return list(LoggedModelStatus).index(self)


_FROM_WIRE = {
    "LOGGED_MODEL_PENDING": LoggedModelStatus.PENDING,
    "LOGGED_MODEL_READY": LoggedModelStatus.READY,
    "LOGGED_MODEL_UPLOAD_FAILED": LoggedModelStatus.FAILED,
}
