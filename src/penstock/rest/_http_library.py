import os
import sys
import threading
from importlib import import_module

TRANSPORT = "penstock.rest._transport"


class _State:
    """Whether this process, or the parent that forked it, has begun to load the library."""

    is_begun = False
    is_inherited = False


def _note_fork() -> None:
    _State.is_inherited = _State.is_inherited or _State.is_begun


os.register_at_fork(after_in_child=_note_fork)


def is_library_usable() -> bool:
    """Return False in the child of a fork whose parent had begun to load the library.

    The library itself notices that only if it had been ready at the fork. Half-way there, its
    locks belong to a thread that the child does not have, and the child would wait for ever.
    """
    return not _State.is_inherited


def load_http_library() -> None:
    """Import the HTTP library in a thread that lasts as long as the process.

    Its allocator (mimalloc 3.3) takes the thread that loads it for the main one: when that has
    ended, and another thread gets its id, the process crashes.
    """
    _State.is_begun = True
    if TRANSPORT in sys.modules or threading.current_thread() is threading.main_thread():
        import_module(TRANSPORT)
        return
    loaded = threading.Event()
    # A daemon, for nothing ends it but the process.
    threading.Thread(
        target=_load_and_stay, args=(loaded,), name="penstock-http-library", daemon=True
    ).start()
    loaded.wait()
    import_module(TRANSPORT)


def _load_and_stay(loaded: threading.Event) -> None:
    try:
        import_module(TRANSPORT)
    finally:
        loaded.set()
    threading.Event().wait()
