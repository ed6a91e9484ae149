"""Whether a model answers exactly alike: a row in a batch and alone, a frame and its values."""

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
    rows = _make_rows(columns)
    try:
        alone = [repr(predict([row])) for row in rows]
        together = [[repr([answer]) for answer in predict(rows[:size])] for size in SIZES]
    except Exception:  # noqa: BLE001 - models raise anything
        return False
    return all(alone[:size] == answers for size, answers in zip(SIZES, together, strict=True))


def is_same(one: Predict, other: Predict, columns: Sequence[Column]) -> bool:
    """Predict made-up rows in two ways; tell whether all answers are the same.

    A model that cannot take made-up rows counts as one that answers differently.
    """
    rows = _make_rows(columns)
    try:
        return all(repr(one(rows[:size])) == repr(other(rows[:size])) for size in (1, *SIZES))
    except Exception:  # noqa: BLE001 - models raise anything
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
