"""What somebody who watches `penstock up` sees while it starts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from penstock.cli import output

_REMINDER_SECONDS: Final = 10.0

Tick = Callable[[], None]


@contextmanager
def waiting(text: str, *, done: str) -> Iterator[Tick]:
    """Show that something takes time, then how long it took; call the tick while waiting.

    A terminal shows a spinner and the seconds; anything else gets a line now and then.
    """
    started = time.monotonic()
    with _spinner(text) if output.is_terminal() else _lines(text) as tick:
        yield tick
    output.say(f"{done} after {time.monotonic() - started:.0f} s")


@contextmanager
def _spinner(text: str) -> Iterator[Tick]:
    from rich.progress import (  # noqa: PLC0415 - only a terminal needs it
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, transient=True, auto_refresh=False) as progress:
        task = progress.add_task(text, total=None)
        yield lambda: progress.update(task, refresh=True)


@contextmanager
def _lines(text: str) -> Iterator[Tick]:
    output.say(text)
    yield _reminder(text)


def _reminder(text: str) -> Tick:
    started = reminded = time.monotonic()

    def tick() -> None:
        nonlocal reminded
        now = time.monotonic()
        if now - reminded >= _REMINDER_SECONDS:
            reminded = now
            output.say(f"{text} ({now - started:.0f} s)")

    return tick
