"""What a provider tells of itself (OpenID Connect Discovery). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from penstock.errors import ProviderUnavailable
from penstock.gateway.provider_settings import is_safe_address

WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a provider's endpoints are. Those of logins are None where it has no logins."""

    keys_url: str
    authorization_url: str | None
    token_url: str | None
    person_url: str | None
    takes_secret_in_form: bool
    names_itself: bool


def metadata_url(issuer: str) -> str:
    """Return where an issuer tells of itself."""
    return issuer.rstrip("/") + WELL_KNOWN


def read_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Read a provider's document.

    Plain HTTP, on this machine, counts only where the issuer itself is there. Raises
    ProviderUnavailable for one that speaks of another issuer, or has no keys.
    """
    if document.get("issuer") != issuer:
        raise ProviderUnavailable(
            "the identity provider gives itself another name than the configured issuer"
        )
    keys_url = _address(document, "jwks_uri")
    if keys_url is None:
        raise ProviderUnavailable("the identity provider does not say where its keys are")
    methods = document.get("token_endpoint_auth_methods_supported")
    return Metadata(
        keys_url=keys_url,
        authorization_url=_address(document, "authorization_endpoint"),
        token_url=_address(document, "token_endpoint"),
        person_url=_address(document, "userinfo_endpoint"),
        takes_secret_in_form=isinstance(methods, list)
        and "client_secret_basic" not in methods
        and "client_secret_post" in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(document: Mapping[str, Any], name: str) -> str | None:
    address = document.get(name)
    if not isinstance(address, str) or not is_safe_address(address):
        return None
    is_as_safe = address.startswith("https:") or document["issuer"].startswith("http:")
    return address if is_as_safe else None
