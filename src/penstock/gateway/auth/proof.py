"""Read the proof of identity that a request brings. Pure."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field

from penstock.errors import AccessRefused, RequestRefused

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Penstock", charset="UTF-8"'}
MAX_HEADER_BYTES = 8192

TOKEN_PREFIX = "pst_"  # noqa: S105 - no secret
"""So that a token is told from a password, and found by those who search for leaked ones."""

JWT_DOTS = 2

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class BasicProof:
    """A name and a password, as HTTP Basic carries them (RFC 7617)."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BearerProof:
    """A token, as HTTP carries it (RFC 6750)."""

    token: str = field(repr=False)


Proof = BasicProof | BearerProof


def find_authorization(headers: Headers) -> bytes | None:
    """Return the value of the one `Authorization` header, or None.

    Raises RequestRefused when there are several: which one would count is anybody's guess.
    """
    values = [value for name, value in headers if name == b"authorization"]
    if len(values) > 1:
        raise RequestRefused(
            400, "BAD_REQUEST", "the request has more than one Authorization header; send one"
        )
    return values[0] if values else None


def parse_authorization(value: bytes) -> Proof:
    """Parse an `Authorization` header. Raises RequestRefused (401) that says what is expected."""
    if len(value) > MAX_HEADER_BYTES:
        raise unauthenticated(f"the Authorization header is longer than {MAX_HEADER_BYTES} bytes")
    scheme, _, rest = value.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return BearerProof(rest.strip().decode("latin-1"))
    if scheme.lower() != b"basic":
        raise unauthenticated("log in with HTTP Basic (name and password), or a Bearer token")
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise unauthenticated(
            "the Authorization header is malformed: not base64 of UTF-8"
        ) from error
    name, colon, password = text.partition(":")
    if not colon:
        raise unauthenticated("the Authorization header is malformed: no ':' after the name")
    return BasicProof(name, password)


def is_token(text: str) -> bool:
    """Return whether a text has the form of a token; no password has."""
    return text.startswith(TOKEN_PREFIX)


def is_jwt(text: str) -> bool:
    """Return whether a text has the form of a JWT: three parts, the first a JSON object."""
    return text.startswith("ey") and text.count(".") == JWT_DOTS


def unauthenticated(message: str, *, account: str = "") -> AccessRefused:
    """Return the refusal of a request without a valid proof; `account` is the one it claims."""
    target = f"account:{account}" if account else ""
    return AccessRefused(401, "UNAUTHENTICATED", message, headers=CHALLENGE, target=target)
