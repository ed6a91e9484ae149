import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from penstock.errors import SpoolError, Unsent
from penstock.rest._operations import RunOperations
from penstock.rest.writer.backlog import Backlog
from penstock.rest.writer.delivery import Delivery, Post
from penstock.rest.writer.exits import EXITS
from penstock.rest.writer.farewell import closed, farewell, given_up, queue_full, unsent
from penstock.rest.writer.item import Item, make_item
from penstock.rest.writer.kind import Kind
from penstock.rest.writer.patience import Patience
from penstock.rest.writer.refused_item import RefusedItem
from penstock.rest.writer.worker import Worker

LONGEST_WAIT: Final = 3600.0
"""The system cannot wait for ever at one go."""
LAST_MOMENT: Final = 5.0
"""How many seconds a thread that was told to end may take for it."""


class MetricWriter:
    """Sends what is logged from one background thread, in batches, each run's in order.

    Whoever logs waits only while the backlog is full, and nobody waits longer than
    `flush_timeout` seconds in which the server takes nothing. `hang_up` breaks off a call.
    """

    def __init__(
        self, post: Post, backlog: Backlog, *, flush_timeout: float, hang_up: Callable[[], None]
    ) -> None:
        self.is_foreign = False
        self._backlog = backlog
        self._flush_timeout = flush_timeout
        self._hang_up = hang_up
        self._patience = Patience()
        delivery = Delivery(post, self._patience)
        self._worker = Worker(backlog, delivery, self._patience, on_idle=self._rest)
        self._lock = self._worker.lock
        self._re_entered: deque[Item] = deque()
        self._is_adding = False
        self._full_since: float | None = None
        self._is_closed = False
        self._has_ended = False
        EXITS.know(self)

    @property
    def refused(self) -> list[RefusedItem]:
        """Return the latest items that the server refused."""
        return self._worker.refused.list()

    @property
    def is_too_late(self) -> bool:
        """Tell whether the process ends, so that nobody would wait for what is put now."""
        return EXITS.is_leaving

    def log(self, run_id: str, entries: Sequence[tuple[Kind, dict[str, Any]]]) -> RunOperations:
        """Take what is to be sent to a run, as MLflow's JSON has it; return its operation."""
        operation = RunOperations(desk=self, items=len(entries))
        self.put([make_item(run_id, kind, fields, operation) for kind, fields in entries])
        return operation

    def put(self, items: Sequence[Item]) -> None:
        """Take items to be sent.

        Raises QueueFull when there is no room for one of them, and SpoolError when the disk
        refuses the first of them; that one is sent all the same, and so are those that follow.
        """
        with self._lock:
            if self._is_closed:
                raise closed()
            if not self._worker.is_running:
                EXITS.hold(self)
                self._worker.start()
            for item in items:
                self._add(item)
            if self._backlog.is_due:
                self._worker.wake()
            trouble = self._backlog.keeper.take_trouble()
        if trouble is not None:
            raise SpoolError(
                f"{trouble}; until then what is logged is in memory alone"
            ) from trouble

    def note_tag(self, run_id: str, key: str) -> None:
        """Have a spool send no older value of a tag than the one that was just written."""
        with self._lock:
            # Not in the middle of another record: a signal handler may come at any time.
            if not self._is_closed and not self._is_adding:
                EXITS.hold(self)
                self._backlog.keeper.note_tag(run_id, key)

    def flush(self, run_id: str | None = None) -> None:
        """Return when the server has all that was put so far, for one run or for all.

        Raises Unsent when it takes nothing for too long. What it refuses counts as done.
        """
        with self._lock:
            last = self._backlog.last_number
            if not self._wait(lambda: self._is_past(last, run_id), since=time.monotonic()):
                raise unsent(self._backlog.count, self._patience.problem)

    def wait_for(self, operation: RunOperations) -> None:
        """Return when all items of an operation are settled. Raises Unsent."""
        if self.is_foreign:
            raise Unsent("this was logged by the parent of this process; wait for it there")
        with self._lock:
            if not self._wait(lambda: operation.is_settled, since=time.monotonic()):
                raise unsent(self._backlog.count, self._patience.problem)

    def rush(self) -> None:
        """From now on send what there is without waiting for more."""
        with self._lock:
            self._worker.rush()

    def leave(self, *, since: float | None = None) -> None:
        """Send what there is as long as the server takes it, then end, and tell what is left."""
        started = time.monotonic() if since is None else since
        try:
            with self._lock:
                self._is_closed = True
                self._wait(lambda: not self._backlog.count, since=started)
        finally:
            self._end()

    def abandon(self) -> None:
        """Let go in the child of a fork: what is here belongs to the parent."""
        self.is_foreign = True
        self._backlog.keeper.abandon()

    def _add(self, item: Item) -> None:
        if self._is_adding:
            # A signal handler logs something while the same thread is at it.
            self._re_entered.append(item)
            return
        while not self._try_add(item):
            self._wait_for_room()
        while self._re_entered:
            self._add(self._re_entered.popleft())

    def _try_add(self, item: Item) -> bool:
        self._is_adding = True
        try:
            return self._backlog.add(item)
        finally:
            self._is_adding = False

    def _wait_for_room(self) -> None:
        # Whoever comes later to a queue that is still full does not wait as long once more.
        if self._full_since is None or self._full_since < self._patience.heard_at:
            self._full_since = time.monotonic()
        has_room = self._wait(lambda: self._backlog.has_room, since=self._full_since)
        if self._has_ended:
            raise closed()
        if not has_room:
            trouble = self._backlog.keeper.trouble
            raise queue_full(self._backlog.count, self._patience.problem, trouble)

    def _wait(self, is_done: Callable[[], bool], *, since: float) -> bool:
        """Wait until something is done, unless the server takes nothing for too long."""
        if is_done():
            return True
        with self._worker.hurried():
            while not is_done():
                heard_at = max(since, self._patience.heard_at)
                left = heard_at + self._flush_timeout - time.monotonic()
                if left <= 0 or self._has_ended:
                    return False
                self._worker.changed.wait(min(left, LONGEST_WAIT))
        return True

    def _is_past(self, number: int, run_id: str | None) -> bool:
        first = self._backlog.first_number(run_id)
        return first is None or first > number

    def _rest(self) -> None:
        self._backlog.keeper.close()
        EXITS.release(self)

    def _end(self) -> None:
        with self._lock:
            if self._has_ended:
                return
            self._has_ended = True
        # Before the call that is under way is broken off, which would be the next problem.
        problem = self._patience.problem
        self._worker.stop()
        self._hang_up()
        self._worker.join(LAST_MOMENT)
        EXITS.release(self)
        with self._lock:
            lost, kept, folder = self._backlog.drop(given_up(problem))
            self._worker.changed.notify_all()
        refused = self._worker.refused.count
        if told := farewell(lost, kept, folder, refused=refused, problem=problem):
            logging.getLogger("penstock.rest").warning("%s", told)
