"""Page tokens that say nothing to anybody but the gateway."""

from typing import Any

from penstock.errors import RequestRefused
from penstock.gateway.sealed_text import Derives, SealedText


class PageTokens:
    """Writes and reads tokens, encrypted, each good for one subject and one search alone.

    MLflow's own hold an offset, which would tell how much there is that nobody may see.
    """

    def __init__(self, secret_key: Derives) -> None:
        self._sealed = SealedText(secret_key, "page tokens")

    def write(self, state: Any, *, context: str) -> str:  # noqa: ANN401 - any JSON
        """Return a token for a state, bound to a context."""
        return self._sealed.seal(state, context=context)

    def read(self, token: str, *, context: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the state of a token. Raises RequestRefused (400) unless it was made for this."""
        try:
            return self._sealed.open(token, context=context)
        except ValueError:
            raise _refusal() from None


def _refusal() -> RequestRefused:
    return RequestRefused(
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid page token: it belongs to another search, or what you may read has changed since; "
        "begin with the first page",
    )
