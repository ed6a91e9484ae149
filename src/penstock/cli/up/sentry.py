"""The command's own process, while the supervisor works in a child of it.

Each of the two outlives the other by moments: if this one is killed, the supervisor is told
and ends all it started; if the supervisor is killed, this process adopts and ends the rest.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn

from penstock.cli.up.signals import STOPS, forward_stops, ignore_stops
from penstock.deployments.descendants import adopt_orphans, end_descendants, end_with_parent
from penstock.errors import SupervisionError

GRACE: Final = 3.0


def run_guarded(work: Callable[[], int]) -> int:
    """Run `work` in a child process and return its exit code; signals are passed on to it.

    Raises SupervisionError when the child was killed; nothing of it is left running then.
    `work` gets the stop signals blocked: it unblocks them when it can answer.
    """
    adopt_orphans()
    end_with_command = end_with_parent()
    _flush()
    # No stop may come between the fork and the moment when both sides know what to do with it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    child = os.fork()
    if child == 0:
        _work(work, end_with_command)
    forward_stops(lambda number: _pass_on(child, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    _, status = os.waitpid(child, 0)
    ignore_stops()  # who asks once more, at the very end, must not change the exit code
    end_descendants(grace=GRACE)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise SupervisionError(
            f"the supervisor was killed by signal {-code}; the gateway and MLflow were ended"
        )
    return code


def _work(work: Callable[[], int], end_with_command: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        # A session of its own: the terminal's Ctrl-C reaches the command alone, once.
        os.setsid()
        end_with_command()
        code = work()
    except BaseException:  # noqa: BLE001 - nothing may leave the child by the parent's way
        sys.excepthook(*sys.exc_info())
    finally:
        _flush()
        os._exit(code)


def _pass_on(child: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)


def _flush() -> None:
    # Whoever read what we say may be gone; that must not keep the child from its exit.
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
