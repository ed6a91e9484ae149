"""How the C library keeps the memory of a server that lives for months."""

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Names of glibc's `mallopt`."""

_MEBIBYTE: Final = 1024 * 1024


def return_large_blocks() -> None:
    """Let glibc give every large block back to the system once it is free.

    It learns from the first large block that is freed, such as the 19 MiB in which a password is
    hashed, to keep blocks of that size for good, and in each thread's heap another one.
    Elsewhere this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_THRESHOLD, _MEBIBYTE)
    mallopt(_TRIM_THRESHOLD, 2 * _MEBIBYTE)
