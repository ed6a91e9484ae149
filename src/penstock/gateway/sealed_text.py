"""Text that only the gateway can read and write, for others to keep."""

import base64
import binascii
import json
import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


class Derives(Protocol):
    """The gateway's secret key."""

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose."""
        ...


class SealedText:
    """Seals JSON values for one purpose: encrypted, authenticated, each bound to a context."""

    def __init__(self, secret_key: Derives, purpose: str) -> None:
        self._secret_key = secret_key
        self._purpose = purpose

    @cached_property
    def _cipher(self) -> "AESGCM":
        # It takes 6 MiB, which not every gateway needs.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        return AESGCM(self._secret_key.derive(self._purpose))

    def seal(self, value: Any, *, context: str) -> str:  # noqa: ANN401 - any JSON
        """Return a value as letters, digits, `-` and `_`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        text = json.dumps(value, separators=(",", ":")).encode()
        sealed = self._cipher.encrypt(nonce, text, context.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def open(self, text: str, *, context: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the value of a text. Raises ValueError unless it was sealed for this context."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above

        try:
            padded = text + "=" * (-len(text) % 4)
            raw = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
            opened = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except (binascii.Error, ValueError, InvalidTag):
            raise ValueError("this text was not sealed here, or not for this") from None
        return json.loads(opened)
