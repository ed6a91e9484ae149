"""Ids of requests that say by themselves which run answered, so that none need be kept. Pure."""

import hmac
from hashlib import blake2b
from secrets import token_hex
from typing import Final

_CHANCE: Final = 8
_SEAL: Final = 6
_TAIL: Final = 2 * (_CHANCE + _SEAL)


class RequestIds:
    """Makes and reads ids; the key tells one's own from invented ones."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, run_id: str) -> str:
        """Return a new id of a request that a run answers."""
        head = f"{run_id}.{token_hex(_CHANCE)}"
        return head + self._seal(head)

    def find_run(self, request_id: str) -> str | None:
        """Return the run that answered, or None for an id that was not made here."""
        head, seal = request_id[: -2 * _SEAL], request_id[-2 * _SEAL :]
        if len(request_id) <= _TAIL or not hmac.compare_digest(
            self._seal(head).encode(), seal.encode("utf-8", "replace")
        ):
            return None
        return request_id[: -_TAIL - 1]

    def _seal(self, head: str) -> str:
        text = head.encode("utf-8", "replace")
        return blake2b(text, key=self._key, digest_size=_SEAL).hexdigest()
