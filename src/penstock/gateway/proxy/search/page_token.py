"""Page tokens that say nothing to anybody but the gateway."""

import base64
import binascii
import json
import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from penstock.errors import RequestRefused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
MAX_LENGTH: Final = 16_384


class Derives(Protocol):
    """The gateway's secret key."""

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose."""
        ...


class PageTokens:
    """Writes and reads tokens, encrypted, each good for one subject and one search alone.

    MLflow's own hold an offset, which would tell how much there is that nobody may see.
    """

    def __init__(self, secret_key: Derives) -> None:
        self._secret_key = secret_key

    @cached_property
    def _cipher(self) -> "AESGCM":
        # It takes 6 MiB, and most gateways have ordinary users who search, but not all.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        return AESGCM(self._secret_key.derive("page tokens"))

    def write(self, state: Any, *, context: str) -> str:  # noqa: ANN401 - any JSON
        """Return a token for a state, bound to a context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        text = json.dumps(state, separators=(",", ":")).encode()
        sealed = self._cipher.encrypt(nonce, text, context.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def read(self, token: str, *, context: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the state of a token. Raises RequestRefused (400) unless it was made for this."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above

        try:
            padded = token + "=" * (-len(token) % 4)
            raw = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
            text = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except (binascii.Error, UnicodeEncodeError, ValueError, InvalidTag):
            raise _refusal() from None
        return json.loads(text)


def _refusal() -> RequestRefused:
    return RequestRefused(
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid page token: it belongs to another search, or what you may read has changed since; "
        "begin with the first page",
    )
