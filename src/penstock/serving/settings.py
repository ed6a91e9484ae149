"""What an inference server needs to know."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from penstock.config import PREFIX, Config, check_names
from penstock.errors import ConfigurationError

SERVE: Final = f"{PREFIX}SERVE_"

Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of `penstock serve`, with their bounds. DESCRIPTIONS says what each is."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 9000
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    data_dir: str = "penstock-data/serving"
    poll_seconds: Seconds = 2.0
    seconds: Seconds = 60.0
    client_seconds: Seconds = 30.0
    max_body_bytes: Annotated[int, Meta(gt=0)] = 16 * 1024 * 1024
    key_field: str = ""
    batching: Literal["probe", "always", "never"] = "probe"
    batch_rows: Annotated[int, Meta(ge=1, le=10_000)] = 64
    batch_wait_seconds: Annotated[float, Meta(ge=0, le=60)] = 0.005
    mirror_queue: Annotated[int, Meta(ge=1, le=1_000_000)] = 1000
    mirror_share: Annotated[float, Meta(gt=0, le=1)] = 0.05
    engine: Literal["local", "ray"] = "local"
    ray_address: str = ""
    routers: Literal["cluster", "here"] = "cluster"
    min_replicas: Annotated[int, Meta(ge=1, le=1000)] = 1
    max_replicas: Annotated[int, Meta(ge=1, le=1000)] = 4
    replica_cpus: Annotated[float, Meta(ge=0, le=1000)] = 0.5
    grow_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 10.0
    shrink_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 300.0

    @property
    def folder(self) -> Path:
        """The folder of what outlives the server."""
        return Path(self.data_dir).expanduser()


DESCRIPTIONS: Final[Mapping[str, str]] = {
    "host": "Address that the inference server listens on.",
    "port": "Port that the inference server listens on.",
    "workers": "Processes that predict; each loads all models. On a cluster: routers.",
    "data_dir": "Folder of the plan last seen, and of feedback.",
    "poll_seconds": "Seconds between two looks at the plan.",
    "seconds": "Seconds that a prediction may take, until 504.",
    "client_seconds": "Seconds that a client may take for a head, or pause in a body, until 408; a "
    "body that comes steadily may take longer, at 1000 bytes a second.",
    "max_body_bytes": "Largest body of a request, in bytes.",
    "key_field": "Field of the input whose value sticks to one run, where there is no "
    "`X-Penstock-Key`; none by default.",
    "batching": "Whether rows that come together are predicted together: `probe` (where a trial "
    "finds the very same answers), `always`, `never`.",
    "batch_rows": "Most rows of one prediction; 1 turns batching off.",
    "batch_wait_seconds": "Seconds that a row waits for the prediction under way, before it goes "
    "beside it.",
    "mirror_queue": "Requests that may wait for each Canary run; others are not mirrored.",
    "mirror_share": "Share of the time of one processor that Canary runs may take.",
    "engine": "Where models run: `local`, in the processes of the server, or `ray`, on a cluster.",
    "ray_address": "Ray cluster to join, `HOST:PORT` of its head, also as `RAY_ADDRESS`; without "
    "one it is a cluster of this machine, which ends with the server.",
    "routers": "Where requests come to with models on a cluster: `cluster`, to all its nodes, or "
    "`here`, to this process, beside which the cluster may have other servers.",
    "min_replicas": "Fewest replicas of each model on a cluster.",
    "max_replicas": "Most replicas of each model on a cluster.",
    "replica_cpus": "Processors that each of these replicas reserves.",
    "grow_seconds": "Seconds that load has to last until a model gets another replica.",
    "shrink_seconds": "Seconds that load has to be away until a replica ends.",
}
"""What each setting is, for the reference."""


def read_serve_settings(config: Config, **overrides: object) -> ServeSettings:
    """Return the settings of a config; overrides that are not None win.

    Raises ConfigurationError that names the setting and its bound, never its value.
    """
    try:
        check_names(config)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    values: dict[str, object] = {
        name: config[SERVE + name.upper()]
        for name in DESCRIPTIONS
        if SERVE + name.upper() in config
    }
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        return msgspec.convert(values, ServeSettings, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        name = SERVE + where.rstrip("`").upper()
        raise ConfigurationError(f"{name}: {what}") from None
