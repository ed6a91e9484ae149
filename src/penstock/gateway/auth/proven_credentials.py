"""Remember, for a short time, which credentials have been proven."""

import hashlib
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from penstock.gateway.permissions.subject import Subject, UserId

MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    subject: Subject
    expires: float


class ProvenCredentials:
    """Proven `Authorization` headers, under a hash keyed with a secret of this process.

    The header itself is not kept. Safe under threads; `forget` also outruns a verification that
    is still under way.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._generation = 0
        self._lock = threading.Lock()

    @property
    def generation(self) -> int:
        """A number that changes with every `forget`; take it before the user is looked up."""
        return self._generation

    def find(self, authorization: bytes) -> Subject | None:
        """Return who proved themselves with this header lately, or None."""
        digest = self._digest(authorization)
        entry = self._entries.get(digest)
        if entry is None or entry.expires <= self._clock():
            return None
        return entry.subject

    def remember(
        self,
        authorization: bytes,
        subject: Subject,
        *,
        generation: int,
        most_seconds: float = math.inf,
    ) -> None:
        """Keep a proof for a while, unless somebody was forgotten since that generation."""
        digest = self._digest(authorization)
        entry = _Entry(subject, self._clock() + min(self._seconds, most_seconds))
        with self._lock:
            if generation != self._generation:
                return
            self._entries.pop(digest, None)
            self._entries[digest] = entry
            if len(self._entries) > MAX_ENTRIES:
                self._entries.popitem(last=False)

    def forget(self, user_id: UserId) -> None:
        """Forget every proof of a user at once."""
        with self._lock:
            self._generation += 1
            for digest, entry in list(self._entries.items()):
                if entry.subject.user_id == user_id:
                    del self._entries[digest]

    def forget_all(self) -> None:
        """Forget every proof: somebody has changed, and nobody knows who."""
        with self._lock:
            self._generation += 1
            self._entries.clear()

    def _digest(self, authorization: bytes) -> bytes:
        return hashlib.blake2b(authorization, key=self._key, digest_size=32).digest()
