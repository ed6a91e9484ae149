import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar, cast

from penstock.errors import PenstockError

T = TypeVar("T")

GRACE_SECONDS = 2


class Done(NamedTuple, Generic[T]):
    """A task that came to its end, with what it returned or raised."""

    name: str
    result: T | None
    error: BaseException | None = None

    def get(self) -> T:
        """Return what it returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return cast("T", self.result)


class Crew(Generic[T]):
    """Threads that work off tasks by name.

    Daemons, because after Ctrl-C nobody waits for a server that is silent. When the block ends
    nothing more is begun; what runs is waited for, a moment long. After a `hopeless` error of one
    task those that wait are not begun either.
    """

    def __init__(
        self,
        tasks: Mapping[str, Callable[[], T]],
        *,
        most: int,
        hopeless: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._waiting = deque(tasks.items())
        self._count = len(tasks)
        self._hopeless = hopeless
        self._done: SimpleQueue[Done[T]] = SimpleQueue()
        self._threads = [
            Thread(target=self._work, name="penstock-transfer", daemon=True)
            for _ in range(min(most, len(tasks)))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def done(self) -> Iterator[Done[T]]:
        """Yield all tasks as they come to their end."""
        for _ in range(self._count):
            yield self._done.get()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._waiting.clear()
        deadline = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(0, deadline - time.monotonic()))

    def _take(self) -> tuple[str, Callable[[], T]] | None:
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def _work(self) -> None:
        while (task := self._take()) is not None:
            name, run = task
            try:
                done = Done(name, run())
            except BaseException as error:  # noqa: BLE001 - told to the one who waits
                done = Done(name, None, error)
            self._done.put(done)
            if isinstance(done.error, self._hopeless):
                self._give_up(PenstockError(f"not tried, because of {name}: {done.error}"))

    def _give_up(self, error: PenstockError) -> None:
        while (task := self._take()) is not None:
            self._done.put(Done(task[0], None, error))
