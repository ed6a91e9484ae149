"""Several processes of one server: started, watched, replaced, ended."""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from penstock.errors import SupervisionError
from penstock.serving.signals import wait_for
from penstock.serving.workers.pulse import BEAT_SECONDS, Pulse

log = logging.getLogger("penstock.serving")

CANNOT_START: Final = 3
"""The exit code of a process that would fail again: if it is a first one, all are ended.

One that takes another's place is tried again: the others go on meanwhile.
"""

STOP_SECONDS: Final = 15.0

FROZEN_SECONDS: Final = 20.0
"""How long a process that answers may give no sign of life, until another takes its place."""

LOADING_SECONDS: Final = 300.0
"""The same for one that does not answer yet: what it loads may hold up its event loop."""

_PR_SET_PDEATHSIG: Final = 1
_STOPS: Final = frozenset({signal.SIGTERM, signal.SIGINT})
_SIGNALS: Final = _STOPS | {signal.SIGCHLD}
_STABLE_SECONDS: Final = 10.0
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 10.0
_MOST_DOUBLED: Final = 8


class Birth(NamedTuple):
    """What a process is told: its place among the others, and a pipe that ends with us.

    It gives its signs of life by `pulse`.
    """

    place: int
    lifeline: int
    pulse: Pulse


@dataclass(slots=True)
class _Child:
    place: int
    generation: int
    started: float
    seen: int = 0
    missed: int = 0


class Supervisor:
    """Keeps a process running for each name. One that dies or freezes is replaced.

    They are forked: this process must not have threads. `work` runs in each and returns its
    exit code. One that answers may be without a sign of life for `frozen_seconds`.
    """

    def __init__(
        self,
        work: Callable[[Birth], int],
        *,
        names: Sequence[str],
        frozen_seconds: float = FROZEN_SECONDS,
    ) -> None:
        self._work = work
        self._names = names
        self._pulses = [Pulse() for _ in names]
        self._frozen_seconds = frozen_seconds
        self._looked = time.monotonic()
        self._running: dict[int, _Child] = {}
        self._due: dict[int, tuple[float, int]] = {}
        self._lifeline, self._held = os.pipe()

    def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises SupervisionError when one cannot start."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            for place in range(len(self._names)):
                self._start(place, 0)
            while not self._is_told_to_stop():
                self._collect()
                self._restart()
                self._look()
        finally:
            self._end()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _start(self, place: int, generation: int) -> None:
        self._pulses[place].reset()
        pid = os.fork()
        if pid:
            self._running[pid] = _Child(place, generation, time.monotonic())
            return
        code = 1
        try:
            os.close(self._held)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            _be_called(self._names[place])
            _go_on_without_parent()
            code = self._work(Birth(place, self._lifeline, self._pulses[place]))
        except BaseException:
            log.exception("%s, process %s, failed by a defect", self._names[place], os.getpid())
        finally:
            # Nothing of the parent's may run in its copy.
            os._exit(code)

    def _is_told_to_stop(self) -> bool:
        now = time.monotonic()
        pause = min((at - now for at, _ in self._due.values()), default=BEAT_SECONDS)
        return wait_for(_SIGNALS, min(pause, BEAT_SECONDS)) in _STOPS

    def _collect(self) -> None:
        for pid, code in _ended():
            child = self._running.pop(pid, None)
            if child is None:
                continue
            name = self._names[child.place]
            if code == CANNOT_START and not child.generation:
                raise SupervisionError(f"{name} cannot start; the line before says why")
            lived = time.monotonic() - child.started
            is_stable = lived > _STABLE_SECONDS
            pause = 0.0 if is_stable else pause_before(child.generation + 1)
            log.warning("%s, process %s, ended (%s); it is replaced", name, pid, _describe(code))
            generation = 1 if is_stable else child.generation + 1
            self._due[child.place] = (time.monotonic() + pause, generation)

    def _restart(self) -> None:
        now = time.monotonic()
        for place, (at, generation) in list(self._due.items()):
            if at <= now:
                del self._due[place]
                try:
                    self._start(place, generation)
                except OSError as error:
                    # No memory or no process to be had now; the others go on.
                    log.warning("%s cannot be started: %s", self._names[place], error)
                    self._due[place] = (now + _LONGEST_PAUSE, generation)

    def _look(self) -> None:
        """Kill what is frozen. Its looks are counted, for all of us may have been suspended."""
        now = time.monotonic()
        if now - self._looked < BEAT_SECONDS:
            return
        self._looked = now
        for pid, child in self._running.items():
            pulse = self._pulses[child.place]
            child.missed = child.missed + 1 if pulse.count == child.seen else 0
            child.seen = pulse.count
            most = self._frozen_seconds if pulse.is_answering else LOADING_SECONDS
            if child.missed * BEAT_SECONDS > most:
                name = self._names[child.place]
                log.warning("%s, process %s, gives no sign of life; it is killed", name, pid)
                _send(pid, signal.SIGKILL)

    def _end(self) -> None:
        for pid in self._running:
            _send(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._running and time.monotonic() < deadline:
            wait_for({signal.SIGCHLD}, 0.2)
            self._forget_ended()
        for pid in self._running:
            _send(pid, signal.SIGKILL)
        for pid in list(self._running):
            os.waitpid(pid, 0)
        self._running.clear()
        os.close(self._held)
        os.close(self._lifeline)

    def _forget_ended(self) -> None:
        for pid, _ in _ended():
            self._running.pop(pid, None)


def pause_before(generation: int) -> float:
    """Return how many seconds one waits for its start when those before it have ended early."""
    # A bounded exponent: a power of a large one is no number any more.
    return min(_FIRST_PAUSE * 2.0 ** min(generation - 1, _MOST_DOUBLED), _LONGEST_PAUSE)


def _ended() -> list[tuple[int, int]]:
    """Return the ids and exit codes of children that have ended; minus a signal's number."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, os.waitstatus_to_exitcode(status)))


def _be_called(name: str) -> None:
    """Let `ps` and `top` show a name, where the system lets a process choose one."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name)


def _go_on_without_parent() -> None:
    """Let a process that is stopped go on when its parent ends: else it would not hear of that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)


def _describe(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
