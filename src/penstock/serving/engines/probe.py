"""Whether a model answers exactly alike: a row in a batch and alone, a frame and its values."""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from penstock.serving.engines.columns import Column

SIZES: Final = (2, 7, 32)
_SEED: Final = 20

TRIAL_SECONDS: Final = 10.0
"""How long a trial may take; a model that needs longer, or hangs, is served without its gain."""

log = logging.getLogger("penstock.serving")

Predict = Callable[[list[tuple[Any, ...]]], list[Any]]


def answers_alike(predict: Predict, columns: Sequence[Column]) -> bool:
    """Predict made-up rows, together and alone; tell whether all answers are the same.

    A model that cannot take made-up rows, or not in time, counts as one that does not batch.
    """
    rows, ask = _make_rows(columns), _in_time(predict)

    def trial() -> bool:
        alone = [repr(ask([row])) for row in rows]
        together = [[repr([answer]) for answer in ask(rows[:size])] for size in SIZES]
        return all(alone[:size] == answers for size, answers in zip(SIZES, together, strict=True))

    return _find_out(trial)


def is_same(one: Predict, other: Predict, columns: Sequence[Column]) -> bool:
    """Predict made-up rows in two ways; tell whether all answers are the same.

    A model that cannot take made-up rows, or not in time, counts as one that answers differently.
    """
    rows, first, second = _make_rows(columns), _in_time(one), _in_time(other)
    sizes = (1, *SIZES)
    return _find_out(lambda: all(repr(first(rows[:n])) == repr(second(rows[:n])) for n in sizes))


def _in_time(predict: Predict) -> Predict:
    deadline = time.monotonic() + TRIAL_SECONDS

    def ask(rows: list[tuple[Any, ...]]) -> list[Any]:
        if time.monotonic() > deadline:
            raise TimeoutError
        return predict(rows)

    return ask


def _find_out(trial: Callable[[], bool]) -> bool:
    """Return what a trial finds. A call that hangs takes a thread along, and not the loading."""
    found: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def work() -> None:
        try:
            found.put(trial())
        except Exception:  # noqa: BLE001 - models raise anything
            found.put(False)  # noqa: FBT003 - a queue takes no names

    threading.Thread(target=work, name="penstock-trial", daemon=True).start()
    try:
        return found.get(timeout=TRIAL_SECONDS)
    except queue.Empty:
        log.info("a model has not answered made-up rows within %g seconds", TRIAL_SECONDS)
        return False


def _make_rows(columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    source = random.Random(_SEED)  # noqa: S311 - no secret
    return [tuple(_value(column, source) for column in columns) for _ in range(max(SIZES))]


def _value(column: Column, source: random.Random) -> object:
    if column.type == "string":
        return source.choice(("a", "b"))
    if column.type == "boolean":
        return source.random() < 0.5  # noqa: PLR2004 - a fair coin
    if column.type in {"long", "integer"}:
        return source.randrange(100)
    return source.gauss(0, 10)
