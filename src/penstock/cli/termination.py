"""SIGTERM for commands that have something to say before they end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

BY_SIGNAL: Final = 128
"""What the exit code of a command that a signal ended lies above, as in every shell."""


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM raise SystemExit while the block runs, with 143. For the main thread."""
    former = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(BY_SIGNAL + number)
