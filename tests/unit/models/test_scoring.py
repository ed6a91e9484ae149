"""What becomes of a model that does not answer as models should."""

import sys
from types import SimpleNamespace

import pytest

from penstock.errors import ModelFailed
from penstock.models.scoring import Scoring, write_json

pytest.importorskip("mlflow")

BODY = b'{"inputs": [[1.0]]}'


class Raising:
    """A model of MLflow's that raises whatever a test wants."""

    metadata = SimpleNamespace(get_input_schema=lambda: None, get_params_schema=lambda: None)

    def __init__(self, error: BaseException):
        self.error = error

    def predict(self, _data):
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("one\ntwo"), "the model raised ValueError: one\ntwo"),
        (SystemExit(3), "the model raised SystemExit: 3"),
        (GeneratorExit(), "the model raised GeneratorExit: "),
        (
            KeyError("a" * 9999),
            f"the model raised KeyError: '{'a' * 1999}… (the log has all of it)",
        ),
    ],
)
def test_whatever_a_model_raises_is_a_failure_of_the_model(error, told):
    """With its kind and all its lines, also where it means to end the program."""
    scoring = Scoring(Raising(error))
    for ask in (lambda: scoring.predict(None), lambda: scoring.invoke(BODY, "application/json")):
        with pytest.raises(ModelFailed) as caught:
            ask()
        assert told == str(caught.value)


def test_bare_values_may_be_refused_but_end_nothing():
    """What a model raises for them is its own, unless it would end the program."""
    with pytest.raises(ValueError, match="no"):
        Scoring(Raising(ValueError("no"))).answer(None)
    with pytest.raises(ModelFailed, match="SystemExit"):
        Scoring(Raising(SystemExit())).answer(None)


def test_an_answer_that_json_cannot_say_is_a_failure_of_the_model():
    """And no defect of the server."""
    with pytest.raises(ModelFailed, match="JSON cannot say"):
        write_json({"predictions": [sys]})
