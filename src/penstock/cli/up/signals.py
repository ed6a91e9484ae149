"""Signals as events that can be waited for together with a deadline."""

import os
import select
import signal
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Final

STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks `penstock up` to end: Ctrl-C, `kill`, and the terminal's closing."""


class SignalInbox:
    """Collects signals of this process until somebody asks for them."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._reader, writer = os.pipe()
        for end in (self._reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in numbers:
            if not _is_muted(number):
                signal.signal(number, _do_nothing)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def wait(self, seconds: float) -> list[signal.Signals]:
        """Return the signals that have come, at once, or after waiting for the first of them."""
        readable, _, _ = select.select([self._reader], [], [], max(seconds, 0))
        if not readable:
            return []
        return [signal.Signals(number) for number in os.read(self._reader, 4096)]


def forward_stops(send: Callable[[int], None]) -> None:
    """Pass every stop signal of this process to `send`."""
    for number in STOPS:
        if not _is_muted(number):
            signal.signal(number, lambda got, _: send(got))


def ignore_stops() -> None:
    """Ignore every stop signal from now on, also while the interpreter winds up."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def _is_muted(number: signal.Signals) -> bool:
    # `nohup penstock up` must survive the terminal's closing.
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Exist: a signal needs a handler to reach the wake-up pipe."""
