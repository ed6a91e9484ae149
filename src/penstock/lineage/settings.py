import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from penstock.errors import ConfigurationError


class TrackerSettings(NamedTuple):
    """What a tracker is made with; `run_id` names a run to go on with, `spool` a folder."""

    tracking_uri: str
    experiment_name: str
    run_id: str | None = None
    spool: str | None = None


def read_conf(conf: object) -> TrackerSettings:
    """Return the settings of a configuration, flat or below `config`.

    Raises ConfigurationError, which names what is missing.
    """
    if not isinstance(conf, Mapping):
        raise ConfigurationError(
            "conf must be a dictionary with mlflow_tracking_uri and mlflow_experiment_name, not "
            f"{'None' if conf is None else type(conf).__name__}"
        )
    nested = conf.get("config")
    given = {**conf, **nested} if isinstance(nested, Mapping) else dict(conf)
    return TrackerSettings(
        _required(given, "mlflow_tracking_uri"),
        _required(given, "mlflow_experiment_name"),
        _optional(given, "mlflow_run_id"),
        _optional(given, "spool"),
    )


def _required(given: Mapping[str, Any], name: str) -> str:
    value = _optional(given, name)
    if value is None:
        raise ConfigurationError(f"conf has no {name}; a tracker needs it as a text")
    return value


def _optional(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str | os.PathLike):
        raise ConfigurationError(f"{name} must be a text, not {type(value).__name__}")
    return os.fspath(value)
