"""What becomes of memory that the gateway has freed."""

import ctypes
from typing import Final

KEPT_BYTES: Final = 4 * 1024 * 1024
"""Larger blocks go back to the system at once, and no thread keeps more than this for later."""

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3


def give_back_large_blocks() -> None:
    """Let this process give large blocks back when they are freed, where the C library can.

    glibc raises its own bounds to twice the largest block that was ever freed: each thread that
    has verified a password would keep the 19 MiB of its hash for good.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
