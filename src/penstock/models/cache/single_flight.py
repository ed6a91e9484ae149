from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from penstock.errors import CacheError
from penstock.models.cache.folder import unusable

LONGEST_WAIT: Final = 600.0
POLL_SECONDS: Final = 0.02


@contextmanager
def single_flight(lock: Path, *, wait_seconds: float = LONGEST_WAIT) -> Iterator[None]:
    """Let one at a time into the block, of all threads of all processes of this machine.

    The kernel frees the lock of a process that ends, also of one that is killed. Raises CacheError
    when it is not free after `wait_seconds`.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only where something is downloaded

    # A lock of its own for each caller: two of one process exclude each other like strangers.
    file_lock = FileLock(lock, timeout=wait_seconds, poll_interval=POLL_SECONDS)
    try:
        file_lock.acquire()
    except Timeout as error:
        raise CacheError(
            f"somebody else has held {lock} for more than {wait_seconds:g} s: a download that "
            "hangs, or a large one; look which process that is"
        ) from error
    except OSError as error:
        raise unusable(lock.parent.parent, error) from error
    try:
        yield
    finally:
        file_lock.release()
