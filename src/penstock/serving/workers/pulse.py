"""Signs of life: each process counts on in memory that it shares with its supervisor."""

import asyncio
import mmap
from typing import Final

BEAT_SECONDS: Final = 1.0
"""How often a process counts on."""

_FIELDS: Final = 2
_SIZE: Final = 8


class Pulse:
    """The sign of life of one process. Made before the fork; both sides see the same numbers."""

    def __init__(self) -> None:
        self._fields = memoryview(mmap.mmap(-1, _FIELDS * _SIZE)).cast("Q")

    @property
    def count(self) -> int:
        """How often it has beaten."""
        return self._fields[0]

    @property
    def is_answering(self) -> bool:
        """Whether its process has begun to answer; what it loads before may hold up its loop."""
        return self._fields[1] == 1

    def reset(self) -> None:
        """Begin anew, for the next process."""
        self._fields[0] = self._fields[1] = 0

    def beat(self) -> None:
        """Count on."""
        self._fields[0] += 1

    def answer(self) -> None:
        """Say that requests are answered from now on."""
        self._fields[1] = 1

    async def keep_beating(self) -> None:
        """Count on until cancelled, as long as this event loop has its turns."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT_SECONDS)
