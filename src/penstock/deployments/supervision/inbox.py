"""What makes a keeper act at once: a signal, or the end of who started it."""

import os
import select
import signal
from collections.abc import Iterable
from types import FrameType
from typing import Final

DRAIN: Final = b"drain\n"
"""Written to the stream before its end by who has time for the requests under way."""

STOPS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Inbox:
    """Waits for signals, and for the end of a stream that nobody writes to.

    The kernel ends the stream with the process that holds its other end, however that ends.
    Construct it in the main thread: it takes over the process's signals.
    """

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._reader, writer = os.pipe()
        for end in (self._reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (*STOPS, signal.SIGCHLD):
            signal.signal(number, _do_nothing)
        self.must_end = False
        self.may_drain = False

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than until a signal comes or the stream ends."""
        ready, _, _ = select.select([self._stream, self._reader], [], [], max(seconds, 0))
        if self._reader in ready:
            self._read_signals(os.read(self._reader, 4096))
        if self._stream in ready:
            self._read_stream(os.read(self._stream, 4096))

    def _read_stream(self, content: bytes) -> None:
        self.may_drain = self.may_drain or content == DRAIN
        self.must_end = self.must_end or not content

    def _read_signals(self, numbers: Iterable[int]) -> None:
        self.must_end = self.must_end or any(number in STOPS for number in numbers)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Exist: a signal needs a handler to reach the wake-up pipe."""
