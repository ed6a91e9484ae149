"""Canary runs: they see requests, and nobody waits for their answers."""

import asyncio
import logging
import time
from collections import deque
from typing import Any, Final, NamedTuple

from penstock.errors import PenstockError
from penstock.serving.engines.engine import TypedRows
from penstock.serving.question import Prediction, Question, ask
from penstock.serving.records import Records
from penstock.serving.table import Route, RoutingTable

log = logging.getLogger("penstock.serving")

MOST_TOGETHER: Final = 64


class Seen(NamedTuple):
    """A question, and what the run that answered it has said."""

    question: Question
    prediction: Prediction


class Mirrors:
    """The Canary runs of the moment, each with a queue that drops what is too much."""

    def __init__(self, records: Records, *, most: int, share: float) -> None:
        self._records = records
        self._most = most
        self._share = share
        self._mirrors: dict[str, _Mirror] = {}

    def follow(self, table: RoutingTable) -> None:
        """Begin with new Canary runs, and end with those that are none any more."""
        wanted = {route.run_id: route for route in table.canaries}
        for run_id in self._mirrors.keys() - wanted.keys():
            self._mirrors.pop(run_id).end()
        for run_id in wanted.keys() - self._mirrors.keys():
            self._mirrors[run_id] = _Mirror(
                wanted[run_id], self._records, most=self._most, share=self._share
            )

    def show(self, question: Question, prediction: Prediction) -> None:
        """Let all Canary runs see what was asked and answered. Returns at once."""
        for mirror in self._mirrors.values():
            mirror.show(Seen(question, prediction))

    def close(self) -> None:
        """End them all."""
        while self._mirrors:
            self._mirrors.popitem()[1].end()


class _Mirror:
    def __init__(self, route: Route, records: Records, *, most: int, share: float) -> None:
        self._route = route
        self._records = records
        self._most = most
        self._share = share
        self._waiting: deque[Seen] = deque()
        self._is_filled = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def show(self, seen: Seen) -> None:
        if len(self._waiting) >= self._most:
            self._count("dropped")
            return
        self._waiting.append(seen)
        self._is_filled.set()

    def end(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._is_filled.wait()
            started = time.perf_counter()
            try:
                await self._predict(self._take())
            except Exception:
                # A defect here must not end the mirroring.
                log.exception("a request could not be mirrored")
            if not self._waiting:
                self._is_filled.clear()
            # Those who wait for answers have the processor for the rest of the time.
            await asyncio.sleep((time.perf_counter() - started) * (1 / self._share - 1))

    def _take(self) -> list[Seen]:
        """Take one question, or several of one row where the model takes these together."""
        first = self._waiting.popleft()
        taken = [first]
        if not self._route.model.facts.batches or not _is_one_row(first.question):
            return taken
        while (
            self._waiting and len(taken) < MOST_TOGETHER and _is_one_row(self._waiting[0].question)
        ):
            taken.append(self._waiting.popleft())
        return taken

    async def _predict(self, taken: list[Seen]) -> None:
        model = self._route.model
        bound = [seen.question.bind(model.facts.columns) for seen in taken]
        if len(taken) > 1 and all(bound):
            rows = TypedRows([rows.rows[0] for rows in bound if rows is not None])
            started = time.perf_counter()
            try:
                answers = await model.predict(rows)
            except PenstockError:
                answers = []
            if answers:
                each = (time.perf_counter() - started) / len(taken)
                for seen, answer in zip(taken, answers, strict=True):
                    self._compare(seen, Prediction(values=[answer]), each)
                return
        for seen in taken:
            await self._predict_one(seen)

    async def _predict_one(self, seen: Seen) -> None:
        started = time.perf_counter()
        try:
            prediction = await ask(self._route.model, seen.question)
        except PenstockError as error:
            log.debug("canary %s failed: %s", self._route.run_id, error)
            self._count("failed")
            return
        self._compare(seen, prediction, time.perf_counter() - started)

    def _compare(self, seen: Seen, prediction: Prediction, seconds: float) -> None:
        is_same = seen.prediction.text() == prediction.text()
        self._count("same" if is_same else "different", seconds)
        distance = _distance(seen.prediction, prediction)
        if distance is not None:
            self._records.differed(self._route.run_id, distance)

    def _count(self, result: str, seconds: float | None = None) -> None:
        self._records.mirrored(self._route.run_id, result, seconds)


def _is_one_row(question: Question) -> bool:
    return question.rows is not None and len(question.rows) == 1


def _distance(first: Prediction, second: Prediction) -> float | None:
    """Return how far numbers are apart on average; None where not all are finite numbers."""
    try:
        pairs = list(zip(_numbers(first.read()), _numbers(second.read()), strict=True))
    except (PenstockError, ValueError):
        return None
    found = [abs(one - other) for one, other in pairs]
    mean = sum(found) / len(found) if found else None
    # Infinite, or not a number, says nothing and would spoil all sums.
    return mean if mean is not None and 0 <= mean < float("inf") else None


def _numbers(values: Any) -> list[float]:  # noqa: ANN401 - whatever a model answers
    if isinstance(values, list):
        return [number for value in values for number in _numbers(value)]
    if isinstance(values, dict):
        return [number for value in values.values() for number in _numbers(value)]
    if isinstance(values, bool) or not isinstance(values, int | float):
        raise ValueError("this is no number")  # noqa: TRY004 - one error says it all
    return [float(values)]
