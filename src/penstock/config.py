"""Settings by name, from the environment, `.env` and `penstock.toml`, in that order.

Nothing is read at import: whoever needs settings calls `load_config` and passes values on.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

PREFIX = "PENSTOCK_"

TABLES = ("oidc",)
"""What `penstock.toml` may hold several of, each in a table `[kind.name]`."""

SETTINGS: Final = frozenset(
    {
        "ADMIN_PASSWORD",
        "ADMIN_USERNAME",
        "ARTIFACT_STORE",
        "AUDIT_DAYS",
        "CACHE_BYTES",
        "CACHE_DIR",
        "CLIENT_IDLE_SECONDS",
        "CREDENTIAL_SECONDS",
        "DATABASE_URL",
        "DATA_DIR",
        "DEFAULT_LEVEL",
        "DEPLOYERS",
        "DEPLOY_HOST",
        "DEPLOY_PORTS",
        "HOST",
        "INVITATION_SECONDS",
        "JOB_WORKERS",
        "LOCAL_MODELS_DIR",
        "MAX_BODY_BYTES",
        "METRICS_TOKEN",
        "MLFLOW_PORT",
        "PORT",
        "PUBLIC_URL",
        "SECRET_KEY",
        "SERVE_BATCHING",
        "SERVE_BATCH_ROWS",
        "SERVE_BATCH_WAIT_SECONDS",
        "SERVE_CLIENT_SECONDS",
        "SERVE_DATA_DIR",
        "SERVE_ENGINE",
        "SERVE_GROW_SECONDS",
        "SERVE_HOST",
        "SERVE_KEY_FIELD",
        "SERVE_MAX_BODY_BYTES",
        "SERVE_MAX_REPLICAS",
        "SERVE_MIN_REPLICAS",
        "SERVE_MIRROR_QUEUE",
        "SERVE_MIRROR_SHARE",
        "SERVE_POLL_SECONDS",
        "SERVE_PORT",
        "SERVE_RAY_ADDRESS",
        "SERVE_REPLICA_CPUS",
        "SERVE_ROUTERS",
        "SERVE_SECONDS",
        "SERVE_SHRINK_SECONDS",
        "SERVE_WORKERS",
        "SESSION_SECONDS",
        "TRUSTED_PROXIES",
        "UPSTREAM_CONNECT_SECONDS",
        "UPSTREAM_LONG_SECONDS",
        "UPSTREAM_SECONDS",
        "UPSTREAM_TRANSFER_SECONDS",
        "UPSTREAM_URL",
        "URL",
    }
)
"""What `penstock.toml` may name, of the servers and of the commands, without the prefix.

They stand here so that a command need not import the gateway to tell a mistyped name.
"""


class Config(Mapping[str, str]):
    """Named settings as text. Its `repr` shows names alone, for some values are secrets."""

    __slots__ = ("_sources", "_values")

    def __init__(self, values: Mapping[str, str], sources: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._sources = dict(sources)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Config({', '.join(sorted(self._values))})"

    def source(self, name: str) -> str:
        """Return where a setting came from: `environment`, or the path of a file."""
        return self._sources[name]

    def first(self, *names: str) -> str | None:
        """Return the value of the first of these names that is set, or None."""
        return next((self._values[name] for name in names if name in self._values), None)


def load_config(
    environ: Mapping[str, str] | None = None, directory: Path | str | None = None
) -> Config:
    """Read settings; what is set in several places counts from the first of them.

    `environ` defaults to the process's environment, `directory` (where `.env` and
    `penstock.toml` lie) to the working directory. Empty values count as not set.
    Raises ValueError for a file that cannot be read or is not well-formed.
    """
    folder = Path.cwd() if directory is None else Path(directory)
    layers = [
        ("environment", os.environ if environ is None else environ),
        (str(folder / ".env"), _read_dotenv(folder / ".env")),
        (str(folder / "penstock.toml"), _read_toml(folder / "penstock.toml")),
    ]
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    for source, layer in layers:
        for name, value in layer.items():
            if value and name not in values:
                values[name] = value
                sources[name] = source
    return Config(values, sources)


def check_names(config: Config) -> None:
    """Raise ValueError for a name in `penstock.toml` that is no setting: it was mistyped."""
    for name in config:
        setting = name.removeprefix(PREFIX)
        if setting.partition("_")[0].lower() in TABLES:
            continue
        if config.source(name).endswith(".toml") and setting not in SETTINGS:
            raise ValueError(
                f"{config.source(name)}: '{setting.lower()}' is no setting; {_advise(setting)}"
            )


def _advise(setting: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - costs time that most starts need not pay

    near = get_close_matches(setting.removeprefix(PREFIX), sorted(SETTINGS), 1)
    return f"did you mean '{near[0].lower()}'?" if near else "remove it"


def _read_dotenv(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    from dotenv.parser import parse_stream  # noqa: PLC0415 - costs time that most starts need not pay

    try:
        with path.open(encoding="utf-8") as stream:
            lines = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {path}: {error}") from error
    for line in lines:
        if line.error:
            # What dotenv takes for the line begins with the empty ones before it.
            text = line.original.string
            number = line.original.line + text[: -len(text.lstrip())].count("\n")
            raise ValueError(f"{path}, line {number}: this is no NAME=value; mend or remove it")
    return {line.key: line.value for line in lines if line.key and line.value is not None}


def _read_toml(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    import tomllib  # noqa: PLC0415 - costs time that most starts need not pay

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"cannot read {path}: {error}") from error
    values: dict[str, str] = {}
    for key, value in _flat(path, document):
        name = _variable_name(key)
        if name in values:
            raise ValueError(f"{path} names '{key}' in two spellings; keep one")
        values[name] = _as_text(path, key, value)
    return values


def _flat(path: Path, document: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield settings by key; those of a table `[kind.name]` as `kind.name.key`."""
    for key, value in document.items():
        if key not in TABLES:
            yield key, value
            continue
        for name, table in _table(path, key, value).items():
            for inner, setting in _table(path, f"{key}.{name}", table).items():
                yield f"{key}.{name}.{inner}", setting


def _table(path: Path, key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        kind = key.partition(".")[0]
        raise ValueError(f"{path}: '{key}' must be a table, [{kind}.NAME]")  # noqa: TRY004 - as documented
    return value


def _variable_name(key: str) -> str:
    return PREFIX + key.upper().replace("-", "_").replace(".", "_")


def _as_text(path: Path, key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    kind = type(value).__name__
    raise ValueError(f"{path}: '{key}' must be text, a number or true/false, not {kind}")
