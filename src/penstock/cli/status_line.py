"""A line at a terminal that says how far work has come, below what is printed meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from penstock.cli import output

REFRESHES: Final = 10
"""Of the spinner, in a second."""


@contextmanager
def shown_status(text: str) -> Iterator[Callable[[str], None]]:
    """Show a status on stderr until the block ends, and yield what changes it. For terminals."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.live import Live  # noqa: PLC0415 - the same
    from rich.spinner import Spinner  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    spinner = Spinner("dots", Text(text))
    with Live(
        spinner,
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=REFRESHES,
        # What goes into a file or a pipe is none of this line's business.
        redirect_stdout=output.is_terminal(),
    ):
        yield lambda said: spinner.update(text=Text(said))
