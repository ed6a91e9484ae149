from enum import StrEnum


class Kind(StrEnum):
    """What can be logged to a run in batches."""

    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"

    @property
    def field(self) -> str:
        """Return where MLflow's `log-batch` takes it."""
        return f"{self.value}s"
