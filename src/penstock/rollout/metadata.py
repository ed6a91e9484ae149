"""What a model may be saved with, beside its version. Pure.

Immutable metadata become params of the run, mutable ones tags; MLflow's rules for both.
"""

import posixpath
import re
from collections.abc import Mapping

from penstock.errors import InvalidRollout
from penstock.rollout.filters import VERSION_PARAMS

RESERVED = re.compile(r"(?:mlflow|penstock)\..*", re.IGNORECASE)
LONGEST_KEY, LONGEST_PARAM, LONGEST_TAG = 250, 6000, 8000

_KEY = re.compile(r"[\w.\- /:]+")


def check_immutable(metadata: Mapping[str, object] | None) -> dict[str, str]:
    """Return immutable metadata as text. Raises InvalidRollout for what no param can hold."""
    return _check(metadata, "immutable_metadata", LONGEST_PARAM)


def check_mutable(metadata: Mapping[str, object] | None) -> dict[str, str]:
    """Return mutable metadata as text. Raises InvalidRollout for what no tag can hold."""
    return _check(metadata, "mutable_metadata", LONGEST_TAG)


def check_wanted(metadata: Mapping[str, object] | None, name: str) -> dict[str, str] | None:
    """Return metadata to look for, as text. Raises InvalidRollout unless it is a dictionary."""
    if metadata is not None and not isinstance(metadata, Mapping):
        raise InvalidRollout(f"{name} must be a dictionary of texts, not {metadata!r}")
    if metadata is None:
        return None
    return {str(key): str(value) for key, value in metadata.items()}


def _check(metadata: Mapping[str, object] | None, name: str, longest: int) -> dict[str, str]:
    texts = check_wanted(metadata, name) or {}
    for key, value in texts.items():
        _check_key(key, name)
        if len(value) > longest:
            raise InvalidRollout(
                f"{name}['{key}'] has {len(value)} characters; MLflow holds {longest}: "
                "log it as an artifact of the run instead"
            )
    return texts


def _check_key(key: str, name: str) -> None:
    if key in VERSION_PARAMS or RESERVED.fullmatch(key):
        raise InvalidRollout(f"{name} must not hold '{key}': the name is reserved; choose another")
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key) or _is_odd_path(key):
        raise InvalidRollout(
            f"{name} holds the key {key[:80]!r}; a key is made of letters, digits, '_', '-', '.', "
            f"':', ' ' and '/' between them, at most {LONGEST_KEY} of these"
        )


def _is_odd_path(key: str) -> bool:
    """Tell whether MLflow would take the key for another path."""
    normal = posixpath.normpath(key)
    return normal != key or normal == "." or normal.startswith(("..", "/"))
