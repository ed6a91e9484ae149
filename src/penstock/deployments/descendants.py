"""Every process below this one, including those whose own parent has ended."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Container
from contextlib import suppress
from functools import cache
from typing import Final

import psutil

from penstock.errors import SupervisionError

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_KILL_LIMIT: Final = 10.0
_ROUND: Final = 0.05


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, instead of process 1.

    Only Linux can; elsewhere a program that leaves its parent's tree is lost sight of.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent() -> Callable[[], None]:
    """Return what a child runs before its program, so that it gets SIGTERM when this process dies.

    Only Linux can; elsewhere it does nothing.
    """
    parent = os.getpid()
    _libc()  # loaded before the fork

    def arrange() -> None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return arrange


def bury_orphans(own: Container[int]) -> None:
    """Collect adopted processes that have ended; those in `own` are collected by their owner."""
    for child in psutil.Process().children():
        if child.pid not in own and _has_ended(child):
            _collect(child.pid)


def end_descendants(*, grace: float) -> None:
    """End every process below this one: ask, and after `grace` seconds kill.

    Returns when each is gone and collected. Raises SupervisionError when one cannot be killed.
    """
    started = time.monotonic()
    asked: set[int] = set()
    # A process counts until it is collected: one whose first thread has ended may still run.
    while below := psutil.Process().children(recursive=True):
        elapsed = time.monotonic() - started
        if elapsed > grace + _KILL_LIMIT:
            pids = ", ".join(str(process.pid) for process in below)
            raise SupervisionError(f"cannot end process {pids}; end it with `kill -9`")
        for process in below:
            if elapsed >= grace:
                _signal(process, signal.SIGKILL)
            elif process.pid not in asked:
                asked.add(process.pid)
                _signal(process, signal.SIGTERM)
        psutil.wait_procs(below, timeout=_ROUND)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    # It is gone already, or belongs to another user now; then the caller's limit counts.
    with suppress(psutil.Error):
        process.send_signal(number)


def _has_ended(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _collect(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
