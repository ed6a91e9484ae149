"""What a token must say of itself before its subject counts. Pure."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from penstock.errors import IdentityRefused

LEEWAY_SECONDS: Final = 30
"""How far the clocks of provider and gateway may be apart."""

MAX_SUBJECT: Final = 255

_UNSTORABLE: Final = re.compile("[\ud800-\udfff\x00]")

TYPES: Final = frozenset({"", "jwt", "at+jwt"})
"""Kinds of tokens that prove an identity; others of a provider look much the same (RFC 8725)."""

FOREIGN: Final[Mapping[str, str]] = {
    "events": "this JWT tells of an event; it is no proof of identity",
    "cnf": "this JWT is bound to a key of its owner, which is not known here; bring a plain one",
}
"""Claims of tokens that must not be taken as they are brought, and why."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say: who issued it, and for whom."""

    issuer: str
    audiences: AbstractSet[str]


def check_type(header: Mapping[str, Any]) -> None:
    """Raise IdentityRefused for a token of a kind that proves nothing here."""
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in TYPES:
        raise IdentityRefused("this JWT is of a kind that proves no identity")


def check_claims(claims: Mapping[str, Any], expected: Expected, *, now: float) -> None:
    """Raise IdentityRefused, saying why, unless a token is good here and now."""
    if claims.get("iss") != expected.issuer:
        raise IdentityRefused("this JWT is of another issuer")
    if not _audiences(claims) & expected.audiences:
        raise IdentityRefused("this JWT is meant for another audience")
    for name, why in FOREIGN.items():
        if name in claims:
            raise IdentityRefused(why)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise IdentityRefused("this JWT names no subject")
    if _UNSTORABLE.search(subject):
        raise IdentityRefused("this JWT's subject holds half a character, or NUL")
    _check_times(claims, now)


def check_login(claims: Mapping[str, Any], *, client_id: str, nonce: str) -> None:
    """Raise IdentityRefused unless an ID token answers this very login of this very client."""
    if claims.get("nonce") != nonce:
        raise IdentityRefused("this login is the answer to another one; begin again")
    if "azp" in claims and claims["azp"] != client_id:
        raise IdentityRefused("this login was made for another application")
    if len(_audiences(claims)) > 1 and "azp" not in claims:
        raise IdentityRefused("this login does not say which application it was made for")
    if "iat" not in claims:
        raise IdentityRefused("this login does not say when it was made")


def expiry(claims: Mapping[str, Any]) -> float:
    """Return when a checked token ends, in seconds since 1970."""
    return float(claims["exp"])


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires = _moment(claims, "exp")
    if expires is None:
        raise IdentityRefused("this JWT never expires; bring one that does")
    if now >= expires + LEEWAY_SECONDS:
        raise IdentityRefused("this JWT has expired")
    for name in ("nbf", "iat"):
        begins = _moment(claims, name)
        if begins is not None and now < begins - LEEWAY_SECONDS:
            raise IdentityRefused("this JWT is not valid yet")


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdentityRefused(f"this JWT's '{name}' is no time")
    try:
        return float(value)
    except OverflowError:
        raise IdentityRefused(f"this JWT's '{name}' is no time") from None


def _audiences(claims: Mapping[str, Any]) -> frozenset[str]:
    told = claims.get("aud")
    listed = told if isinstance(told, list) else [told]
    return frozenset(one for one in listed if isinstance(one, str))
