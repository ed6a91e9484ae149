"""Who a provider says that somebody is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.gateway.provider_settings import ProviderSettings

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a provider knows them.

    `email_verified` is None where the provider does not say; so is `groups`.
    """

    issuer: str
    subject: str
    email: str | None
    email_verified: bool | None
    groups: tuple[str, ...] | None

    @property
    def domain(self) -> str:
        """The domain of the e-mail address, in lower case; empty without one."""
        return (self.email or "").rpartition("@")[2].lower()


def read_person(
    claims: Mapping[str, Any], provider: ProviderSettings, *, silence_is_none: bool = False
) -> Person:
    """Return whom checked claims are about.

    With `silence_is_none` who is told no groups is in none: many providers leave an empty claim
    out, and what somebody was once told must not stay for that.
    """
    email = claims.get("email")
    groups = _groups(_find(claims, provider.groups_claim))
    return Person(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email.strip() if isinstance(email, str) and email.strip() else None,
        email_verified=_truth(claims.get("email_verified")),
        groups=() if groups is None and silence_is_none else groups,
    )


def lacks_claims(claims: Mapping[str, Any], provider: ProviderSettings) -> bool:
    """Return whether the provider may have more to say of somebody than this."""
    return "email" not in claims or _find(claims, provider.groups_claim) is _MISSING


def _truth(value: object) -> bool | None:
    """Return what a provider means; some send text. What is neither counts as not verified."""
    if value is None:
        return None
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _find(claims: Mapping[str, Any], path: str) -> object:
    """Return a claim of this very name, or else the nested one that dots lead to."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return _MISSING
        found = found[name]
    return found


def _groups(value: object) -> tuple[str, ...] | None:
    if value is _MISSING:
        return None
    listed = value if isinstance(value, list) else [value]
    # Providers that keep groups in a tree write the topmost ones with a slash in front.
    names = (one.strip().removeprefix("/") for one in listed if isinstance(one, str))
    return tuple(dict.fromkeys(name for name in names if name))
