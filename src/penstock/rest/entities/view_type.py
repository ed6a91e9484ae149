from enum import IntEnum


class ViewType(IntEnum):
    """Which experiments or runs a search looks at; the numbers are MLflow's."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3
