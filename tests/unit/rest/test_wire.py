import math
from types import SimpleNamespace

import pytest

from penstock.errors import MlflowException
from penstock.rest._wire import as_integer, as_number, label_fields, metric_fields, wire_number
from penstock.rest.entities import Metric, Param, RunTag


class OneElement:
    """What arrays and tensors have in common."""

    def __init__(self, element):
        self.element = element

    def item(self):
        return self.element


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.5, 1.5), (math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity"), (0.0, 0.0)],
)
def test_numbers_that_json_lacks_are_sent_as_text(value, expected):
    """As protobuf's JSON writes them."""
    assert expected == wire_number(value)


@pytest.mark.parametrize("value", [3, 3.0, "3", True + 2, OneElement(3)])
def test_what_is_a_number_is_taken_as_one(value):
    """Whoever made it."""
    number = as_number(value, "m")
    assert (3.0, float) == (number, type(number))


class ManyElements:
    def item(self):
        raise ValueError("only an array of one element")


@pytest.mark.parametrize("value", [None, "three", [3], {}, 10**400, ManyElements()])
def test_what_is_no_number_is_refused(value):
    """With the name of the metric."""
    with pytest.raises(MlflowException, match="'loss'") as refusal:
        as_number(value, "loss")
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


@pytest.mark.parametrize("value", [None, "now", math.nan, math.inf])
def test_a_step_or_time_that_is_no_whole_number_is_refused(value):
    """With its name."""
    with pytest.raises(MlflowException, match="'step'") as refusal:
        as_integer(value, "step")
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


def test_a_metric_is_sent_with_what_it_has():
    """Absent things are left out."""
    assert {"key": "m", "value": "NaN", "timestamp": 1, "step": 2} == metric_fields(
        Metric("m", math.nan, 1, 2)
    )
    assert "m-1" == metric_fields(Metric("m", 1, 1, 2, model_id="m-1"))["model_id"]


def test_things_that_look_alike_are_taken():
    """Entities of MLflow, old ones with fewer attributes included."""
    old = SimpleNamespace(key="m", value=OneElement(2), timestamp=OneInteger(3), step=True)
    assert {"key": "m", "value": 2.0, "timestamp": 3, "step": 1} == metric_fields(old)
    assert {"key": "k", "value": "3"} == label_fields(SimpleNamespace(key="k", value=3))
    assert (
        {"key": "k", "value": "v"}
        == label_fields(Param("k", "v"))
        == label_fields(RunTag("k", "v"))
    )


class OneInteger(OneElement):
    def __int__(self):
        return self.element
