"""How the C library keeps the memory of a server that lives for months."""

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
"""Names of glibc's `mallopt`."""

_MEBIBYTE: Final = 1024 * 1024


def keep_little() -> None:
    """Let glibc give every large block back to the system once it is free, and share one heap.

    It learns from the first large block that is freed, such as the 19 MiB in which a password is
    hashed, to keep blocks of that size for good, and in each thread's heap another one. One heap
    will do: Python lets one thread at a time ask for memory.
    Elsewhere this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_THRESHOLD, _MEBIBYTE)
    mallopt(_TRIM_THRESHOLD, 2 * _MEBIBYTE)
    mallopt(_ARENA_MAX, 1)
