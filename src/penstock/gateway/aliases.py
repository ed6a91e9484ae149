"""Variables of other programs that stand for settings of ours, where ours are not set. Pure."""

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import quote

from penstock.config import Config
from penstock.errors import ConfigurationError

DATABASE_URL: Final = "PENSTOCK_DATABASE_URL"
ARTIFACT_STORE: Final = "PENSTOCK_ARTIFACT_STORE"

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "PENSTOCK_UPSTREAM_URL": ("MLFLOW_UI_URL",),
    "PENSTOCK_PUBLIC_URL": ("MLFLOW_APP_LAYER_URL",),
    "PENSTOCK_ADMIN_USERNAME": ("VAULT_SERVICE_MLFLOW_ADMIN_USERNAME",),
    "PENSTOCK_ADMIN_PASSWORD": ("VAULT_SERVICE_MLFLOW_ADMIN_PASSWORD",),
    ARTIFACT_STORE: ("CONFIG_SERVICE_S3_PATH", "MLFLOW_ARTIFACT_STORE"),
}
"""By our setting; the first one that is set counts."""

USERNAME: Final = "VAULT_SERVICE_MYSQL_USERNAME"
PASSWORD: Final = "VAULT_SERVICE_MYSQL_PASSWORD"  # noqa: S105 - a name
DATABASE: Final = "CONFIG_SERVICE_MYSQL_DATABASE"
HOSTS: Final = ("CONFIG_SERVICE_MYSQL_MASTERHOST", "DARWIN_MYSQL_HOST")
PORT: Final = "MYSQL_PORT"
"""What makes the URL of the database, together; a port alone, which many machines set, does not."""

USUAL_PORT: Final = "3306"
_MOST_PORT: Final = 65535
_UNUSABLE: Final = frozenset("/?#@ \t\r\n")


def with_aliases(config: Config, *, besides: Collection[str] = ()) -> Config:
    """Return a config with each setting of ours that another variable stands for.

    Those named by `besides` are decided elsewhere, and not looked for. Raises ConfigurationError
    when only some of the variables that make the database's URL are set.
    """
    unset = {*ALIASES, DATABASE_URL} - set(config) - set(besides)
    values = {name: config[name] for name in config}
    sources = {name: config.source(name) for name in config}
    for setting in unset & set(ALIASES):
        alias = name_of(config, setting)
        if alias in config:
            values[setting] = config[alias]
            sources[setting] = f"{alias}, {config.source(alias)}"
    if DATABASE_URL in unset and (url := _find_database_url(config)) is not None:
        values[DATABASE_URL] = url
        sources[DATABASE_URL] = f"{DATABASE}, {config.source(DATABASE)}"
    return Config(values, sources)


def name_of(config: Config, setting: str) -> str:
    """Return the name under which a setting is set: its own, or that of an alias."""
    names = (setting, *ALIASES.get(setting, ()))
    return next((name for name in names if name in config), setting)


def _find_database_url(config: Config) -> str | None:
    needed = {
        USERNAME: config.get(USERNAME),
        PASSWORD: config.get(PASSWORD),
        DATABASE: config.get(DATABASE),
        " or ".join(HOSTS): config.first(*HOSTS),
    }
    missing = [name for name, value in needed.items() if value is None]
    if len(missing) == len(needed):
        return None
    if missing:
        raise ConfigurationError(
            f"the variables of the database are set in part: {', '.join(missing)} is missing; "
            f"set it, or {DATABASE_URL} instead of all of them"
        )
    login = f"{quote(config[USERNAME], safe='')}:{quote(config[PASSWORD], safe='')}"
    return f"mysql://{login}@{_host(config)}:{_port(config)}/{_plain(config, DATABASE)}"


def _host(config: Config) -> str:
    name = next(one for one in HOSTS if one in config)
    host = _plain(config, name)
    if host.count(":") == 1:
        raise ConfigurationError(f"{name} must be a host alone; its port belongs into {PORT}")
    return f"[{host.strip('[]')}]" if ":" in host else host


def _port(config: Config) -> str:
    port = config.get(PORT, USUAL_PORT)
    if not (port.isascii() and port.isdecimal() and 0 < int(port) <= _MOST_PORT):
        raise ConfigurationError(f"{PORT} must be a port from 1 to {_MOST_PORT}")
    return port


def _plain(config: Config, name: str) -> str:
    if set(config[name]) & _UNUSABLE:
        raise ConfigurationError(
            f"{name} must be a name alone, without spaces and '/', '?', '#', '@'"
        )
    return config[name]
