import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Courier:
    """Runs blocking calls so that signals still reach the main thread.

    Python delivers signals to the main thread between two of its instructions. A call into native
    code that waits for a server would hold them back, Ctrl-C included; so the main thread hands
    its calls to a thread of the courier and waits in a way that can be interrupted. Any other
    thread makes its calls itself.
    """

    def __init__(self) -> None:
        self._errands: SimpleQueue[_Errand[Any] | None] | None = None

    def run(self, call: Callable[[], T]) -> T:
        """Return what the call returns, or raise what it raises.

        When a signal's handler raises, that error comes out at once; the call is left to its end.
        """
        if threading.current_thread() is not threading.main_thread():
            return call()
        errands = self._errands or self._start()
        errand = _Errand(call)
        errands.put(errand)
        try:
            return errand.wait()
        except BaseException:
            if not errand.is_done:
                errands.put(None)
                self._errands = None
            raise

    def _start(self) -> "SimpleQueue[_Errand[Any] | None]":
        errands: SimpleQueue[_Errand[Any] | None] = SimpleQueue()
        thread = threading.Thread(
            target=_carry_out, args=(errands,), name="penstock-courier", daemon=True
        )
        thread.start()
        weakref.finalize(self, errands.put, None).atexit = False
        self._errands = errands
        return errands


class _Errand(Generic[T]):
    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._done = threading.Lock()
        self._done.acquire()
        self.is_done = False

    def carry_out(self) -> None:
        try:
            self._result = self._call()
            self._error: BaseException | None = None
        except BaseException as error:  # noqa: BLE001 - raised anew where it is waited for
            self._error = error
        self.is_done = True
        self._done.release()

    def wait(self) -> T:
        self._done.acquire()
        try:
            if self._error is not None:
                raise self._error
            return self._result
        finally:
            # An error holds its traceback, and that holds this frame.
            del self


def _carry_out(errands: "SimpleQueue[_Errand[Any] | None]") -> None:
    while (errand := errands.get()) is not None:
        errand.carry_out()
        del errand
