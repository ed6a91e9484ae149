"""The gateway's settings, checked once and passed on."""

import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from penstock.config import PREFIX, Config, check_names
from penstock.deployments.targets.ports import parse_ports
from penstock.errors import ConfigurationError
from penstock.gateway.aliases import name_of, with_aliases
from penstock.gateway.db.sqlite import sqlite_url
from penstock.gateway.networks import Network, parse_networks
from penstock.gateway.provider_settings import ProviderSettings, read_providers

MAX_SECONDS = 86_400

_ADDRESS = re.compile(r"https?://[^\s/?#@\\]+(?:/[A-Za-z0-9._~-]+)*/?")
_DOT_SEGMENT = re.compile(r"/\.{1,2}(?:/|$)")


class GatewaySettings(BaseModel):
    """What the gateway needs to know; every field is the setting `PENSTOCK_<FIELD>`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    upstream_url: str = Field(
        "http://127.0.0.1:8080", description="Address of the MLflow server behind the gateway."
    )
    data_dir: Path = Field(
        Path("penstock-data"), description="Folder of the database, where no database URL is set."
    )
    database_url: str = Field(
        "",
        description="Database of the gateway itself: `sqlite:///path/to/penstock.db`, "
        "`postgresql://user:password@host/penstock` or `mysql://user:password@host/penstock`; by "
        "default `penstock.db` in the data folder.",
        repr=False,
    )
    host: str = Field("127.0.0.1", description="Address that the gateway listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the gateway listens on.")
    admin_username: str = Field(
        "admin@localhost", description="Name of the administrator made when there is none."
    )
    admin_password: SecretStr | None = Field(
        None, description="Password of the administrator made when there is none."
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Key of page tokens and sessions; without one, the database keeps one that the "
        "first gateway makes.",
    )
    public_url: str = Field(
        "",
        description="Address by which people reach the gateway, `https://mlflow.example.com`; used "
        "in invitations and for logins by OpenID Connect. By default, the one of the request.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks, separated by commas, of the proxies in front, whose "
        "`X-Forwarded-For` and `X-Forwarded-Proto` count.",
    )
    session_seconds: float = Field(
        43_200,
        ge=60,
        le=30 * MAX_SECONDS,
        description="Seconds that a browser's session lasts.",
    )
    invitation_seconds: float = Field(
        7 * MAX_SECONDS,
        ge=60,
        le=90 * MAX_SECONDS,
        description="Seconds that an invitation to set a password is good.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Bearer token that `GET /metrics` asks for; without one it is open to anybody.",
    )
    audit_days: int = Field(
        365, ge=0, le=36_500, description="Days that the audit is kept; 0 for ever."
    )
    credential_seconds: float = Field(
        300, ge=0, le=3600, description="Seconds that a proven password is remembered."
    )
    default_level: Literal["NONE", "READ", "EDIT", "MANAGE"] = Field(
        "NONE", description="What a user may do with a resource that no grant names."
    )
    upstream_connect_seconds: float = Field(
        3, gt=0, le=MAX_SECONDS, description="Seconds to wait for a connection to MLflow."
    )
    upstream_seconds: float = Field(
        60,
        gt=0,
        le=MAX_SECONDS,
        description="Seconds to wait for MLflow's answer to an ordinary call.",
    )
    upstream_long_seconds: float = Field(
        600,
        gt=0,
        le=MAX_SECONDS,
        description="Seconds to wait for MLflow's answer to a call that runs a model.",
    )
    upstream_transfer_seconds: float = Field(
        21600,
        gt=0,
        description="Seconds that an artifact may take, upload included, until MLflow's answer "
        "begins; ends what a caller has abandoned.",
    )
    client_idle_seconds: float = Field(
        60,
        gt=0,
        le=MAX_SECONDS,
        description="Seconds that a client may take for the head of a request, or pause in the "
        "middle of a body.",
    )
    max_body_bytes: int = Field(
        16 * 1024 * 1024, gt=0, description="Largest JSON, GraphQL or OTLP body, in bytes."
    )

    deployers: Literal["administrators", "users"] = Field(
        "administrators",
        description="Who may deploy models: `administrators`, or all `users` who may read the "
        "model. A model is a program, which runs here as the gateway's own user.",
    )
    deploy_host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address that deployed models listen on; they ask for no login.",
    )
    deploy_ports: str = Field(
        "9100-9199", description="Ports that deployed models listen on, each on one."
    )

    oidc: tuple[ProviderSettings, ...] = ()

    @field_validator("data_dir")
    @classmethod
    def _is_below_home(cls, folder: Path) -> Path:
        try:
            return folder.expanduser()
        except RuntimeError as error:
            raise ValueError("must name somebody's home that exists after '~'") from error

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        try:
            parse_networks(text)
        except ValueError:
            raise ValueError(
                "must be addresses or networks such as 10.0.0.0/8, separated by commas"
            ) from None
        return text

    @field_validator("deploy_ports")
    @classmethod
    def _is_range(cls, text: str) -> str:
        try:
            parse_ports(text)
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        return text

    @field_validator("upstream_url", "public_url")
    @classmethod
    def _is_plain_address(cls, url: str, field: ValidationInfo) -> str:
        if not url and field.field_name == "public_url":
            return url
        if not _ADDRESS.fullmatch(url) or _DOT_SEGMENT.search(url) or not _has_valid_port(url):
            raise ValueError(
                "must be an address such as http://127.0.0.1:8080, without credentials, query "
                "or fragment"
            )
        return url.rstrip("/")

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        """The networks of the trusted proxies."""
        return parse_networks(self.trusted_proxies)

    @property
    def resolved_database_url(self) -> str:
        """The database's URL: as set, or SQLite in the data folder."""
        return self.database_url or sqlite_url(self.data_dir / "penstock.db")

    @classmethod
    def from_config(cls, config: Config, **overrides: object) -> "GatewaySettings":
        """Read the settings named here from a config; overrides that are not None win.

        Raises ConfigurationError that names each wrong setting, never its value, and each name in
        `penstock.toml` that is no setting.
        """
        try:
            check_names(config)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
        given = {field: value for field, value in overrides.items() if value is not None}
        named = config
        config = with_aliases(config, besides={PREFIX + field.upper() for field in given})
        values: dict[str, Any] = {
            field: config[PREFIX + field.upper()]
            for field in SIMPLE
            if PREFIX + field.upper() in config
        }
        values["oidc"] = read_providers(config)
        values |= given
        try:
            return cls(**values)
        except ValidationError as error:
            raise ConfigurationError(_explain(error, named)) from None


SIMPLE = tuple(field for field in GatewaySettings.model_fields if field != "oidc")
"""The fields that are one setting each."""


def _has_valid_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _explain(error: ValidationError, config: Config) -> str:
    faults = [
        f"{name_of(config, PREFIX + '_'.join(str(part) for part in fault['loc']).upper())}: "
        f"{fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(faults)
