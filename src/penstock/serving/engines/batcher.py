"""Puts rows that come at the same time into one prediction.

While a prediction is under way, rows gather; when it has ended, or after a bounded wait, they go
together, once the loop has read what has come by then. Models of one process share a processor,
so rows also wait a little for what other models predict. A row that comes alone goes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from penstock.errors import ModelFailed
from penstock.serving.engines.crowd import Crowd

QUIET_TURNS: Final = 3
"""In so many turns of the loop without a new row, all that had come has been read."""

OTHERS_SHARE: Final = 0.2
"""Which part of the longest wait may go by until other models have ended what they predict."""

Row = tuple[Any, ...]
Predict = Callable[[list[Row]], Awaitable[list[Any]]]


class _Waiting(NamedTuple):
    row: Row
    answer: "asyncio.Future[Any]"


class Batcher:
    """Predicts single rows together, at most `most_rows` at once."""

    def __init__(
        self,
        predict: Predict,
        *,
        most_rows: int,
        wait_seconds: float,
        crowd: Crowd | None = None,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._predict = predict
        self._crowd = crowd or Crowd()
        self._most_rows = most_rows
        self._wait_seconds = wait_seconds
        self._observe = observe
        self._waiting: list[_Waiting] = []
        self._running: set[asyncio.Task[None]] = set()
        self._wait: asyncio.Handle | None = None
        self._latest = 0.0

    async def predict(self, row: Row) -> Any:  # noqa: ANN401 - whatever the model answers
        """Return the prediction of one row. Raises what the prediction raises."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(row, answer))
        self._crowd.rows += 1
        if len(self._waiting) >= self._most_rows:
            self._go()
        elif self._wait is None:
            self._begin_wait()
        return await answer

    def _begin_wait(self) -> None:
        loop = asyncio.get_running_loop()
        if self._running:
            self._wait = loop.call_later(self._wait_seconds, self._go)
        elif self._crowd.is_predicting:
            self._crowd.wait(self, self._begin_looking)
            self._wait = loop.call_later(self._wait_seconds * OTHERS_SHARE, self._begin_looking)
        else:
            self._begin_looking()

    def _begin_looking(self) -> None:
        self._end_wait()
        loop = asyncio.get_running_loop()
        self._latest = loop.time() + self._wait_seconds
        self._wait = loop.call_soon(self._look, self._crowd.rows, QUIET_TURNS)

    def _end_wait(self) -> None:
        self._crowd.forget(self)
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None

    def _look(self, rows: int, turns: int) -> None:
        """Go once the loop has nothing more to read."""
        loop = asyncio.get_running_loop()
        if self._crowd.rows > rows:
            rows, turns = self._crowd.rows, QUIET_TURNS
        if not turns or loop.time() >= self._latest:
            self._go()
        else:
            self._wait = loop.call_soon(self._look, rows, turns - 1)

    def _go(self) -> None:
        self._end_wait()
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._run(batch))
        self._running.add(task)
        self._crowd.begin()
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if self._waiting and not self._running:
            self._end_wait()
            self._crowd.end()
            self._begin_wait()
        else:
            self._crowd.end()

    async def _run(self, batch: list[_Waiting]) -> None:
        # Whoever has left needs no answer.
        batch = [one for one in batch if not one.answer.done()]
        if not batch:
            return
        self._observe(len(batch))
        try:
            answers = await self._predict([one.row for one in batch])
        except ModelFailed as error:
            await self._apart(batch, error)
        except Exception as error:  # noqa: BLE001 - each of those who wait gets it
            for one in batch:
                _fail(one, error)
        else:
            for one, answer in zip(batch, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)

    async def _apart(self, batch: list[_Waiting], error: ModelFailed) -> None:
        """Ask for each row by itself: a row that the model cannot take is nobody else's fault."""
        if len(batch) == 1:
            _fail(batch[0], error)
            return
        for one in batch:
            await self._run([one])


def _fail(one: _Waiting, error: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(error)
