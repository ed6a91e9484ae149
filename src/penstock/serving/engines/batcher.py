"""Puts rows that come at the same time into one prediction.

While a prediction is under way, rows gather; when it has ended, or after a bounded wait, they go
together. A row that comes alone goes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from penstock.errors import ModelFailed

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
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._predict = predict
        self._most_rows = most_rows
        self._wait_seconds = wait_seconds
        self._observe = observe
        self._waiting: list[_Waiting] = []
        self._running: set[asyncio.Task[None]] = set()
        self._wait: asyncio.Handle | None = None

    async def predict(self, row: Row) -> Any:  # noqa: ANN401 - whatever the model answers
        """Return the prediction of one row. Raises what the prediction raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(_Waiting(row, answer))
        if len(self._waiting) >= self._most_rows:
            self._go()
        elif self._wait is None:
            # What else has arrived in this turn of the loop comes along.
            self._wait = (
                loop.call_later(self._wait_seconds, self._go)
                if self._running
                else loop.call_soon(self._go)
            )
        return await answer

    def _go(self) -> None:
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._run(batch))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if self._waiting and not self._running:
            self._go()

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
