"""Which rollouts the options of a command leave."""

from typing import NamedTuple


class Which(NamedTuple):
    """What the options name; None is not told."""

    experiment: str | None = None
    experiment_id: str | None = None
    submodel: str | None = None
    version: str | None = None
