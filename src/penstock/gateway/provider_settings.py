"""Settings of the OpenID Connect providers: `[oidc.NAME]`, or variables for each name."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from penstock.config import PREFIX
from penstock.errors import ConfigurationError

KIND: Final = "OIDC_"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_]{0,62}[a-z0-9])?")


class ProviderSettings(BaseModel):
    """What the gateway needs to know of one provider; `name` is what its settings stand under."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    issuer: str = Field(
        max_length=255, description="Address of the provider, exactly as it names itself; needed."
    )
    client_id: str = Field(
        "",
        description="Id of the gateway at the provider; without one, browsers cannot log in there.",
    )
    client_secret: SecretStr | None = Field(
        None, description="Secret of the gateway at the provider; a public client has none."
    )
    audience: str = Field(
        "",
        description="Audiences of the JWTs that programs bring, with spaces between them; by "
        "default the client id.",
    )
    scopes: str = Field(
        "openid email profile", description="Scopes that a browser's login asks for."
    )
    label: str = Field("", description="What the button says after “Log in with”; else the name.")
    create_users: bool = Field(
        default=False, description="Whether a first login makes an account, named by the e-mail."
    )
    email_domains: str = Field(
        "",
        description="Domains of the e-mail addresses that accounts are made and linked for, with "
        "spaces between them; by default all.",
    )
    link_by_email: bool = Field(
        default=False,
        description="Whether a first login with a verified e-mail address gets the account of "
        "that name.",
    )
    groups_claim: str = Field(
        "groups",
        description="Claim that names the user's groups; dots lead into nested claims.",
    )
    create_groups: bool = Field(
        default=False, description="Whether groups that the claim names and nobody made are made."
    )
    admin_group: str = Field("", description="Group of the claim whose members administrate.")

    @field_validator("name")
    @classmethod
    def _is_plain_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("a provider's name has letters, digits and '_' between them")
        return name

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        if not is_safe_address(url) or urlsplit(url).query:
            raise ValueError(
                "must be an address that begins with https:// (http:// on this machine alone), "
                "without credentials, query or fragment"
            )
        return url

    @field_validator("scopes")
    @classmethod
    def _is_openid(cls, scopes: str) -> str:
        if "openid" not in scopes.split():
            raise ValueError("must hold 'openid'")
        return scopes

    @model_validator(mode="after")
    def _has_audience(self) -> "ProviderSettings":
        if not self.client_id and not self.audience:
            raise ValueError("needs a client_id, or an audience if programs alone come from there")
        return self

    @property
    def audiences(self) -> frozenset[str]:
        """Whom a program's JWT must be meant for."""
        return frozenset(self.audience.split() or [self.client_id])

    @property
    def domains(self) -> frozenset[str]:
        """The only domains of e-mail addresses that count; all if there are none."""
        return frozenset(self.email_domains.lower().split())

    @property
    def title(self) -> str:
        """What people know the provider by."""
        return self.label or self.name


def is_safe_address(url: str) -> bool:
    """Return whether an address can be trusted with secrets: HTTPS, or HTTP on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(url) & set(" \\#")
    if not plain or not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def read_providers(config: Mapping[str, str]) -> tuple[ProviderSettings, ...]:
    """Read all providers' settings, by name.

    Raises ConfigurationError that names each wrong setting, never its value, and each variable
    of this kind that is no setting.
    """
    values: dict[str, dict[str, str]] = {}
    for variable in config:
        if variable.startswith(PREFIX + KIND):
            name, field = _split(variable)
            values.setdefault(name, {})[field] = config[variable]
    providers = tuple(_read(name, found) for name, found in sorted(values.items()))
    _check_distinct(providers)
    return providers


def _split(variable: str) -> tuple[str, str]:
    """Return the provider's name and the field that a variable stands for."""
    rest = variable.removeprefix(PREFIX + KIND).lower()
    for field in _fields():
        if rest.endswith(f"_{field}"):
            return rest.removesuffix(f"_{field}"), field
    name, _, field = rest.partition("_")
    near = get_close_matches(field, _fields(), 1)
    hint = f"did you mean {_variable(name, near[0])}?" if near else "remove it"
    raise ConfigurationError(f"{variable} is no setting of a provider; {hint}")


def _read(name: str, values: Mapping[str, str]) -> ProviderSettings:
    try:
        return ProviderSettings.model_validate({"name": name, **values})
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        raise ConfigurationError(
            "; ".join(
                f"{_variable(name, str(fault['loc'][0]) if fault['loc'] else '')}: "
                f"{fault['msg'].removeprefix('Value error, ')}"
                for fault in faults
            )
        ) from None


def _check_distinct(providers: tuple[ProviderSettings, ...]) -> None:
    issuers: dict[str, str] = {}
    for provider in providers:
        other = issuers.setdefault(provider.issuer, provider.name)
        if other != provider.name:
            raise ConfigurationError(
                f"{_variable(provider.name, 'issuer')}: '{other}' has this issuer already; "
                "give a second client's id to its audience instead"
            )


def _fields() -> list[str]:
    return [field for field in ProviderSettings.model_fields if field != "name"]


def _variable(name: str, field: str) -> str:
    hidden = {"", "name"}
    return PREFIX + KIND + name.upper() + ("" if field in hidden else f"_{field.upper()}")
