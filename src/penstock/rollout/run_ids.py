"""Ids of runs. Pure."""

import re
from typing import Final, TypeGuard

_RUN_ID: Final = re.compile(r"[a-zA-Z0-9][\w-]{0,255}", re.ASCII)


def is_run_id(value: object) -> TypeGuard[str]:
    """Tell whether MLflow would take a value for the id of a run."""
    return isinstance(value, str) and _RUN_ID.fullmatch(value) is not None
