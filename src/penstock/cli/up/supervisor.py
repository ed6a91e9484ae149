"""Starts the parts, waits until they answer, watches them, and ends them all."""

import signal
import time
from collections.abc import Callable
from typing import Final

from penstock.cli import output
from penstock.cli.up.part import Part, RunningPart
from penstock.cli.up.progress import waiting
from penstock.cli.up.readiness import Check
from penstock.cli.up.signals import STOPS, SignalInbox
from penstock.deployments.descendants import adopt_orphans, bury_orphans, end_descendants
from penstock.errors import SupervisionError

START_LIMIT: Final = 600.0
"""Seconds to wait for a part that runs but does not answer: migrations can take minutes."""

_PROBE_SECONDS: Final = 0.25
_WATCH_SECONDS: Final = 5.0
_PART_GRACE: Final = 1.5
"""Seconds that a part may take to end before the next one is asked."""

_PARTS_GRACE: Final = 3.0
"""Seconds that all parts may take together. What is left has `_REST_GRACE`, and is killed: the
command has ended within 5 seconds, also on a busy machine.
"""

_REST_GRACE: Final = 0.5


class StopRequested(Exception):
    """Somebody asked `penstock up` to end."""


class Supervisor:
    """Keeps the parts of one `penstock up` running until it is told to stop, or one ends.

    Construct it in the process that it shall work in: it takes over that process's signals.
    """

    def __init__(self) -> None:
        adopt_orphans()
        self._inbox = SignalInbox((*STOPS, signal.SIGCHLD))
        self._running: list[RunningPart] = []

    def start(self, part: Part) -> None:
        """Start a part. Parts end in the opposite order."""
        self._running.append(RunningPart(part))

    def wait_until(self, check: Check, text: str, *, done: str) -> None:
        """Wait until a check holds. Raises SupervisionError if a part ends before, or for ever."""
        deadline = time.monotonic() + START_LIMIT
        with waiting(text, done=done) as tick:
            while not check():
                self._pause(_PROBE_SECONDS)
                tick()
                if time.monotonic() > deadline:
                    raise SupervisionError(self._describe_silence(text))
            self._pause(0)

    def watch(self) -> None:
        """Return never: raise StopRequested, or SupervisionError when a part has ended."""
        while True:
            self._pause(_WATCH_SECONDS)

    def stop(self) -> None:
        """End every part, the last one first, and every descendant. A second signal hastens."""
        last = time.monotonic() + _PARTS_GRACE
        hastened = False
        for running in reversed(self._running):
            running.end()
            is_last = running is self._running[0]
            deadline = last if is_last else min(last, time.monotonic() + _PART_GRACE)
            hastened = hastened or self._wait_for_end(running, deadline)
        end_descendants(grace=0 if hastened else _REST_GRACE)

    def _pause(self, seconds: float) -> None:
        """Wait, but not longer than until a signal comes or a part ends."""
        came = self._inbox.wait(seconds)
        if any(number in STOPS for number in came):
            raise StopRequested
        bury_orphans(own={running.pid for running in self._running})
        for running in self._running:
            if running.has_ended:
                raise SupervisionError(running.describe_end())

    def _wait_for_end(self, running: RunningPart, deadline: float) -> bool:
        """Wait for a part until the deadline; return whether a signal asked for more haste."""
        while not running.has_ended and (left := deadline - time.monotonic()) > 0:
            came = self._inbox.wait(min(left, _PROBE_SECONDS))
            if any(number in STOPS for number in came):
                return True
        return False

    def _describe_silence(self, text: str) -> str:
        lines = [line for running in self._running for line in running.last_lines(5)]
        shown = "\n".join(f"  {line}" for line in lines)
        return f"{text}: no answer within {START_LIMIT:.0f} s; the logs end with\n{shown}"


def supervise(run: Callable[[Supervisor], None]) -> None:
    """Run a supervisor until it is asked to stop; whatever happens, end all that it started."""
    supervisor = Supervisor()
    try:
        run(supervisor)
    except StopRequested:
        output.say("Stopping")
    finally:
        supervisor.stop()
