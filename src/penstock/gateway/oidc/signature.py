"""The keys of a provider, and signatures by them. The only file that knows `joserfc`."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from penstock.errors import ConfigurationError
from penstock.gateway.oidc.jwt import Jwt

if TYPE_CHECKING:
    from joserfc.jwk import Key

KEY_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
"""The algorithms that count, and their type of key: asymmetric ones alone (RFC 7518, RFC 8037)."""

TODAYS_NAMES: Final[Mapping[str, str]] = {"EdDSA": "Ed25519"}
"""RFC 9864 gives a name to each curve; providers still say it the old way."""

MIN_RSA_BITS: Final = 2048

MAX_KEYS: Final = 100

PUBLIC: Final = frozenset({"kty", "n", "e", "crv", "x", "y"})
"""The members of a key that make a public key; what the others allow is looked at here."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One public key, and what its owner says that it is for."""

    key_id: str | None
    type: str
    algorithm: str | None
    key: "Key" = field(repr=False)

    def serves(self, jwt: Jwt) -> bool:
        """Return whether a token may be signed with it."""
        if self.type != KEY_TYPES.get(jwt.algorithm):
            return False
        if self.algorithm is not None and _today(self.algorithm) != _today(jwt.algorithm):
            return False
        return jwt.key_id is None or jwt.key_id == self.key_id


def check_library() -> None:
    """Raise ConfigurationError where the library for signatures is not installed."""
    if find_spec("joserfc") is None:
        raise ConfigurationError(
            "login by OpenID Connect needs joserfc; install it: pip install 'penstock[oidc]'"
        )


def read_keys(document: Mapping[str, Any]) -> tuple[VerificationKey, ...]:
    """Return the keys of a JWKS that can verify; the others of it are passed over."""
    listed = document.get("keys")
    rows = listed[:MAX_KEYS] if isinstance(listed, list) else []
    keys = (_read_key(row) for row in rows if isinstance(row, dict))
    return tuple(key for key in keys if key is not None)


def is_signed(jwt: Jwt, keys: Sequence[VerificationKey]) -> bool:
    """Return whether one of these keys signed a token."""
    return any(_verify(jwt, key) for key in keys if key.serves(jwt))


def _read_key(row: Mapping[str, Any]) -> VerificationKey | None:
    from joserfc import jwk  # noqa: PLC0415 - it takes 4 MiB, which no other gateway needs
    from joserfc.errors import JoseError  # noqa: PLC0415 - the same

    if row.get("kty") not in KEY_TYPES.values() or not _may_verify(row):
        return None
    public = {name: value for name, value in row.items() if name in PUBLIC}
    try:
        key = jwk.import_key(public) if _is_strong(row) else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        return None
    if key is None:
        return None
    key_id, algorithm = row.get("kid"), row.get("alg")
    return VerificationKey(
        key_id if isinstance(key_id, str) else None,
        row["kty"],
        algorithm if isinstance(algorithm, str) else None,
        key,
    )


def _may_verify(row: Mapping[str, Any]) -> bool:
    operations = row.get("key_ops", ["verify"])
    return (
        row.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    )


def _is_strong(row: Mapping[str, Any]) -> bool:
    if row["kty"] != "RSA":
        return True
    modulus = base64.urlsafe_b64decode(row["n"] + "==")
    return int.from_bytes(modulus, "big").bit_length() >= MIN_RSA_BITS


def _verify(jwt: Jwt, key: VerificationKey) -> bool:
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jws import JWSRegistry  # noqa: PLC0415 - as above

    algorithm = JWSRegistry.algorithms[_today(jwt.algorithm)]
    try:
        algorithm.check_key(key.key)
        return algorithm.verify(jwt.signed, jwt.signature, key.key)
    except (JoseError, ValueError):
        return False


def _today(algorithm: str) -> str:
    return TODAYS_NAMES.get(algorithm, algorithm)
