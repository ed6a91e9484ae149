"""What a run is to production."""

from enum import Enum

from penstock.errors import InvalidRollout


class ModelStatus(Enum):
    """The status of a run in its scope; any may follow any other."""

    Disabled = 0
    """No longer in use."""

    New = 1
    """Trained, and not yet judged."""

    Active = 2
    """In production: its answers are used, for its fraction of the traffic."""

    Canary = 3
    """Sees production's requests; its answers are not used."""

    @property
    def is_live(self) -> bool:
        """Whether the run sees traffic."""
        return self in LIVE


LIVE = frozenset({ModelStatus.Active, ModelStatus.Canary})


def as_status(value: object, name: str) -> ModelStatus:
    """Return a status given as such, by its name in any case, or by its number.

    Raises InvalidRollout that names the argument, the value and the statuses.
    """
    if isinstance(value, ModelStatus):
        return value
    for status in ModelStatus:
        if isinstance(value, str) and value.lower() == status.name.lower():
            return status
        if type(value) is int and value == status.value:
            return status
    names = ", ".join(status.name for status in ModelStatus)
    raise InvalidRollout(f"{name} must be one of {names}, not {value!r}")
