"""Count what goes by, for somebody who watches."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from penstock.cli import output

T = TypeVar("T")


def watched(things: Iterable[T], text: str) -> Iterator[T]:
    """Yield the things; where stderr is a terminal it shows how many there have been."""
    if not output.is_terminal(sys.stderr):
        yield from things
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415 - the same

    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed}", markup=False))
    with Progress(*columns, transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task(text, total=None)
        for thing in things:
            yield thing
            progress.advance(task)
