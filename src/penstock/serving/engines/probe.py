"""Whether a model answers a row in a batch exactly as it answers it alone."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from penstock.serving.engines.columns import Column

SIZES: Final = (2, 7, 32)
_SEED: Final = 20

Predict = Callable[[list[tuple[Any, ...]]], list[Any]]


def answers_alike(predict: Predict, columns: Sequence[Column]) -> bool:
    """Predict made-up rows, together and alone; tell whether all answers are the same.

    A model that cannot take made-up rows counts as one that does not batch.
    """
    source = random.Random(_SEED)  # noqa: S311 - no secret
    rows = [tuple(_value(column, source) for column in columns) for _ in range(max(SIZES))]
    try:
        alone = [repr(predict([row])) for row in rows]
        together = [[repr([answer]) for answer in predict(rows[:size])] for size in SIZES]
    except Exception:  # noqa: BLE001 - models raise anything
        return False
    return all(alone[:size] == answers for size, answers in zip(SIZES, together, strict=True))


def _value(column: Column, source: random.Random) -> object:
    if column.type == "string":
        return source.choice(("a", "b"))
    if column.type == "boolean":
        return source.random() < 0.5  # noqa: PLR2004 - a fair coin
    if column.type in {"long", "integer"}:
        return source.randrange(100)
    return source.gauss(0, 10)
