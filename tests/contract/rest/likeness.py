"""Brings entities of MLflow and of Penstock into one comparable form."""

import math
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Return an entity as nested dictionaries of all its attributes; NaN becomes comparable."""
    if isinstance(value, float) and math.isnan(value):
        return "not a number"
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "_properties") or hasattr(value, "__struct_fields__"):
        return {name: plain(item) for name, item in value}
    assert isinstance(value, Iterable), value
    return [plain(item) for item in value]
