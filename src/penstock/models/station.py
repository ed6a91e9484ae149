"""What a station's experiments, models and versions are called. Pure."""

import re
from typing import Final

from penstock.errors import MlflowException
from penstock.semver import SemVer, parse_version

FIRST: Final = SemVer(1, 0, 0)
_TAG: Final = re.compile(r"_v(\d+\.\d+\.\d+)(?:_station_.*)?$")


def experiment_name(namespace: str, station_id: object) -> str:
    """Return the name of the experiment of a station."""
    return f"{namespace}-station-{station_id}"


def model_name(namespace: str, station_id: object, model_type: str) -> str:
    """Return the name that a station's models of one type are registered under."""
    return f"{experiment_name(namespace, station_id)}-{model_type}"


def version_tag(model_type: str, version: SemVer, station_id: object) -> str:
    """Return the tag that tells the semantic version of a station's model."""
    return f"{model_type}_v{version}_station_{station_id}"


def read_version(tag: str) -> SemVer | None:
    """Return the semantic version that a tag tells, or None: not every version has one."""
    found = _TAG.search(tag)
    try:
        return parse_version(found[1] if found else tag)
    except ValueError:
        return None


def parse_given_version(given: object) -> SemVer:
    """Return a version as callers give it: plain, or as the whole tag. Raises MlflowException."""
    found = read_version(given) if isinstance(given, str) else None
    if found is not None:
        return found
    try:
        return parse_version(given)
    except ValueError as error:
        raise MlflowException(f"version: {error}", "INVALID_PARAMETER_VALUE") from error


def next_version(known: list[SemVer]) -> SemVer:
    """Return the version after the highest of those that are known."""
    if not known:
        return FIRST
    highest = max(known)
    return SemVer(highest.major, highest.minor, highest.micro + 1)
