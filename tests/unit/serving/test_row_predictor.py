"""Rows that are predicted with a frame, or with its values alone where that is the same."""

import pytest

from penstock.errors import ModelFailed
from penstock.serving.engines.arrays import may_take_arrays
from penstock.serving.engines.columns import Column
from penstock.serving.engines.row_predictor import RowPredictor

pytest.importorskip("pandas")

COLUMNS = (Column("x", "double"), Column("n", "double"))


class Estimator:
    """Adds the columns up, by their names if they have some, and counts how it was asked."""

    __module__ = "sklearn.tiny"

    def __init__(self, *parts: object):
        self.parts = parts
        self.frames = self.arrays = 0

    def fit(self):
        raise AssertionError("nobody fits it")

    def get_params(self, *, deep):
        assert deep
        return {"size": 3, **{f"part {number}": part for number, part in enumerate(self.parts)}}

    def predict(self, values):
        if hasattr(values, "columns"):
            self.frames += 1
            return [float(each) for each in values["x"] + values["n"]]
        self.arrays += 1
        if (values < -1000).any():
            raise ValueError("such values are none")
        return [float(row[0] + row[1]) for row in values]


class FunctionTransformer(Estimator):
    """May look at anything."""

    __module__ = "sklearn.tiny"


class Foreign(Estimator):
    """Of another maker."""

    __module__ = "elsewhere"


class Turned(Estimator):
    """Answers values otherwise than frames."""

    __module__ = "sklearn.tiny"

    def predict(self, values):
        found = super().predict(values)
        return found if hasattr(values, "columns") else [-answer for answer in found]


class Refusing(Estimator):
    """Refuses what it does not know, however it is asked."""

    __module__ = "sklearn.tiny"

    def predict(self, values):
        found = super().predict(values)
        if max(found) > 1000:
            raise ValueError("this is too much")
        return found


class Scoring:
    """Asks an estimator, as the real one asks MLflow's models."""

    def __init__(self, model):
        self.raw_model = model
        self.answer = model.predict

    def predict(self, frame):
        try:
            return self.answer(frame)
        except ValueError as error:
            raise ModelFailed(str(error)) from error


def test_an_estimator_gets_values_alone_once_a_trial_has_shown_that_it_answers_the_same():
    """No more frames are made for it."""
    model = Estimator(Estimator())
    predictor = RowPredictor(Scoring(model), COLUMNS)
    frames = model.frames
    assert frames > 0
    assert [3.5, 7.0] == predictor.predict([(1.0, 2.5), (3.0, 4.0)])
    assert frames == model.frames


def test_one_that_answers_values_otherwise_gets_frames():
    """The trial finds it out."""
    predictor = RowPredictor(Scoring(Turned()), COLUMNS)
    assert not predictor.takes_arrays
    assert [3.5] == predictor.predict([(1.0, 2.5)])


def test_columns_of_several_types_need_a_frame():
    """Values alone would all be of one type."""
    model = Estimator()
    predictor = RowPredictor(Scoring(model), (Column("x", "double"), Column("n", "long")))
    assert [3.0] == predictor.predict([(1.0, 2)])
    assert (1, 0) == (model.frames, model.arrays)


@pytest.mark.parametrize(
    "model", [Foreign(), Estimator(Foreign()), Estimator(FunctionTransformer()), None]
)
def test_who_may_look_at_names_gets_frames(model):
    """What others have made, or what is made of it."""
    assert not may_take_arrays(model)


def test_what_is_refused_as_values_is_asked_as_a_frame():
    """Then it answers, or says why not as it would to MLflow."""
    model = Estimator()
    assert [-2000.0] == RowPredictor(Scoring(model), COLUMNS).predict([(-2000.0, 0.0)])
    with pytest.raises(ModelFailed, match="too much"):
        RowPredictor(Scoring(Refusing()), COLUMNS).predict([(2000.0, 0.0)])
