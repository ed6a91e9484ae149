from collections.abc import Callable, Iterator
from contextlib import contextmanager

from penstock.errors import PenstockError

Undo = Callable[[Callable[[], object]], None]
"""Takes what takes a step back, right before or after the step."""


@contextmanager
def undone_after_failure() -> Iterator[Undo]:
    """Take all steps of the block back, the last one first, when it does not end well.

    What cannot be taken back is noted on the error.
    """
    steps: list[Callable[[], object]] = []
    try:
        yield steps.append
    except BaseException as error:
        for step in reversed(steps):
            try:
                step()
            except PenstockError as second:
                error.add_note(f"and not everything could be taken back: {second}")
        raise
