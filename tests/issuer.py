"""Somebody who signs JWTs, with whatever keys, headers and claims a test wants."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

URL = "https://id.example.org"
AUDIENCE = "penstock"

KEYS: dict[str, Key] = {
    "rsa": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "p256": ECKey.generate_key("P-256", {"kid": "p256"}),
    "p384": ECKey.generate_key("P-384", {"kid": "p384"}),
    "p521": ECKey.generate_key("P-521", {"kid": "p521"}),
    "ed": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}


def jwks(*names: str) -> dict[str, Any]:
    """Return the public keys of these names; of all by default."""
    return {"keys": [KEYS[name].as_dict(private=False) for name in names or KEYS]}


def claims(**others: Any) -> dict[str, Any]:
    """Return good claims, with others; None leaves one out."""
    now = int(time.time())
    good = {"iss": URL, "aud": AUDIENCE, "sub": "ann-1", "iat": now, "exp": now + 600}
    return {name: value for name, value in {**good, **others}.items() if value is not None}


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def signed(
    content: dict[str, Any],
    *,
    algorithm: str = "RS256",
    key: str = "rsa",
    header: dict[str, Any] | None = None,
) -> str:
    """Return a JWT, really signed; a header of None leaves a name out."""
    named = {"alg": algorithm, "kid": key, "typ": "JWT", **(header or {})}
    head = {name: value for name, value in named.items() if value is not None}
    text = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(content).encode())}"
    model = JWSRegistry.algorithms["Ed25519" if algorithm == "EdDSA" else algorithm]
    return f"{text}.{encoded(model.sign(text.encode(), KEYS[key]))}"


def unsigned(content: dict[str, Any], **header: Any) -> str:
    """Return a JWT of `alg` none."""
    head = {"alg": "none", **header}
    return f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(content).encode())}."


def signed_with_public_key(content: dict[str, Any], *, key: str = "rsa") -> str:
    """Return a JWT of HS256 whose secret is the public key, as everybody can make one."""
    head = {"alg": "HS256", "kid": key, "typ": "JWT"}
    text = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(content).encode())}"
    secret = KEYS[key].as_pem(private=False)
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"
