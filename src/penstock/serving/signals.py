"""Waiting for signals that are blocked."""

import signal
from collections.abc import Collection


def wait_for(signals: Collection[signal.Signals], seconds: float) -> signal.Signals | None:
    """Return which of some signals has come, or None where none came in time."""
    got = signal.sigtimedwait(signals, max(seconds, 0))
    # Python returns what is no signal to a process that was suspended for longer than it waits.
    if got is None or got.si_signo not in signals:
        return None
    return signal.Signals(got.si_signo)
