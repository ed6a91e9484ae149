import sys
import threading
from importlib import import_module

TRANSPORT = "penstock.rest._transport"


def load_http_library() -> None:
    """Import the HTTP library in a thread that lasts as long as the process.

    Its allocator (mimalloc 3.3) takes the thread that loads it for the main one: when that has
    ended, and another thread gets its id, the process crashes.
    """
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
