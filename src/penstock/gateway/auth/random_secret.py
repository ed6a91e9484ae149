"""Random secrets that prove something: tokens, the cookies of sessions, links of invitations."""

import hashlib
import secrets
from typing import Final

RANDOM_BYTES: Final = 32


def make_secret() -> str:
    """Return a new one, of letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def hash_secret(secret: str) -> str:
    """Return what a secret is stored under, also for a text that is none."""
    # Random as a secret is, a fast hash without a salt is enough.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
