"""What to ask MLflow's searches for. Pure.

MLflow's filter language has no escape, so what it cannot carry is left out here: whoever searches
checks each answer again.
"""

import re
from collections.abc import Iterable

from penstock.rollout.scope import Scope
from penstock.semver import SemVer, VersionRange

SUBMODEL, MAJOR, MINOR, MICRO = VERSION_PARAMS = (
    "submodel_name",
    "major_version",
    "minor_version",
    "micro_version",
)
"""The params that say what scope a run belongs to."""

LIVE_BY_ITS_METRIC = "metrics.active_state >= 2"

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.\-/ ]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def equals(kind: str, key: str, value: str) -> str | None:
    """Return the condition that a param, tag or attribute is this text; None if it has no form."""
    text = quoted(value)
    return f"{kind}.`{key}` = {text}" if text and _PLAIN_KEY.fullmatch(key) else None


def among(name: str, values: Iterable[str]) -> str:
    """Return the condition that an attribute is one of these ids."""
    return f"{name} IN ({', '.join(f'{value!r}' for value in values)})"


def of_scope(scope: Scope) -> list[str]:
    """Return the conditions on a run of a scope."""
    return of_versions(scope.submodel_name, VersionRange.exactly(scope.version))


def of_versions(submodel_name: str, versions: VersionRange) -> list[str]:
    """Return the conditions on a run of these versions; the params are text, and only `=` fits."""
    conditions = [equals("params", SUBMODEL, submodel_name)]
    conditions += [
        equals("params", name, str(number))
        for name, number in zip((MAJOR, MINOR, MICRO), common_numbers(versions), strict=False)
    ]
    return [condition for condition in conditions if condition]


def common_numbers(versions: VersionRange) -> list[int]:
    """Return the leading numbers that all versions of a range share."""
    low, high = versions.low, versions.high
    if high is None:
        return []
    if versions.only:
        return [low.major, low.minor, low.micro]
    if (low.major, low.minor) == (high.major, high.minor) or _is_next(high, low, minor=True):
        return [low.major, low.minor]
    if low.major == high.major or _is_next(high, low, minor=False):
        return [low.major]
    return []


def joined(conditions: Iterable[str | None]) -> str:
    """Return the conditions as one filter, without those that have no form."""
    return " and ".join(condition for condition in conditions if condition)


def quoted(value: str) -> str | None:
    """Return a text in quotes as MLflow reads it, or None if no quotes can hold it."""
    if "\\" in value or _CONTROL.search(value) or ("'" in value and '"' in value):
        return None
    return f'"{value}"' if "'" in value else f"'{value}'"


def _is_next(high: SemVer, low: SemVer, *, minor: bool) -> bool:
    """Tell whether the range ends where the next minor, or major, version begins."""
    if minor:
        return high == SemVer(low.major, low.minor + 1, 0)
    return high == SemVer(low.major + 1, 0, 0)
