"""Predictions of rows that fit a signature: with a frame, or faster where that is the same."""

import contextlib
from collections.abc import Sequence
from typing import Any

from penstock.errors import ModelFailed
from penstock.models.scoring import Scoring
from penstock.serving.engines.arrays import expect_arrays, may_take_arrays
from penstock.serving.engines.columns import Column
from penstock.serving.engines.frame import FrameMaker
from penstock.serving.engines.probe import is_same

Rows = list[tuple[Any, ...]]


class RowPredictor:
    """Asks a model in the quickest way in which it answers as it does to MLflow."""

    def __init__(self, scoring: Scoring, columns: Sequence[Column]) -> None:
        self._scoring = scoring
        self._frames = FrameMaker(columns)
        self.takes_arrays = False
        if self._frames.is_uniform and may_take_arrays(scoring.raw_model):
            expect_arrays()
            self.takes_arrays = is_same(self.by_frame, self.by_array, columns)

    def predict(self, rows: Rows) -> list[Any]:
        """Return a prediction for each row. Raises ModelFailed."""
        if self.takes_arrays:
            # A model that refuses the values says why when it is asked with the frame.
            with contextlib.suppress(Exception):
                return self.by_array(rows)
        return self.by_frame(rows)

    def by_frame(self, rows: Rows) -> list[Any]:
        """Predict as MLflow would. Raises ModelFailed."""
        return _one_by_one(self._scoring.predict(self._frames.make(rows)), rows)

    def by_array(self, rows: Rows) -> list[Any]:
        """Predict with the frame's values alone. Raises what the model raises."""
        return _one_by_one(self._scoring.answer(self._frames.make_array(rows)), rows)


def _one_by_one(answers: object, rows: Rows) -> list[Any]:
    if not isinstance(answers, list) or len(answers) != len(rows):
        raise ModelFailed(f"the model has not answered {len(rows)} rows one by one")
    return answers
