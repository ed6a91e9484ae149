"""Read a JSON Web Token, without believing it yet. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from penstock.errors import IdentityRefused

MAX_LENGTH: Final = 64 * 1024

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token's parts (RFC 7515, compact). Nothing is proven: `signed` is what to verify."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        """What the token says that it is signed with; empty where it says nothing readable."""
        named = self.header.get("alg")
        return named if isinstance(named, str) else ""

    @property
    def key_id(self) -> object:
        """Which key the token says that it is signed with, if it says so."""
        return self.header.get("kid")


def parse_jwt(text: str) -> Jwt:
    """Parse a token. Raises IdentityRefused for what is none, or can be read in two ways."""
    if len(text) > MAX_LENGTH or not _FORM.fullmatch(text):
        raise IdentityRefused("this is no JWT")
    head, body, signature = text.split(".")
    jwt = Jwt(_read(head), _read(body), f"{head}.{body}".encode("ascii"), _decode(signature))
    if "crit" in jwt.header:
        raise IdentityRefused("this JWT asks for an extension that is not known here")
    return jwt


def _read(part: str) -> Mapping[str, Any]:
    try:
        document = json.loads(_decode(part), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise IdentityRefused("this JWT is malformed") from None
    if not isinstance(document, dict):
        raise IdentityRefused("this JWT is malformed")
    return document


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise IdentityRefused("this JWT is malformed") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name stands there twice")
    return document


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
