"""What `register_model_in_mlflow` is given."""

import numpy as np
import pytest

from penstock.errors import MlflowException
from penstock.models.model_data import parse_model_data


def test_metrics_are_numbers_of_any_kind():
    """Also NumPy's, and such as stand in a text."""
    given = {"model": "m.py", "metrics": {"a": np.float32(0.5), "b": "2", "c": True}}
    assert {"a": 0.5, "b": 2.0, "c": 1.0} == parse_model_data(given).metrics


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (["model"], "must be a dictionary, not list"),
        ({"params": {}}, "must hold the model"),
        ({"model": "m.py", "parms": {}}, "no place for"),
        ({"model": "m.py", "params": 3}, "'params' in model_data must be a dictionary"),
        ({"model": "m.py", "metrics": {"rmse": "good"}}, "metric 'rmse' in model_data"),
        ({"model": "m.py", "metrics": {"rmse": 10**400}}, "metric 'rmse' in model_data"),
        ({"model": "m.py", "metrics": {"rmse": None}}, "metric 'rmse' in model_data"),
    ],
)
def test_what_cannot_be_registered_is_told_at_once(given, what):
    """Before the model is saved, which may take a minute."""
    with pytest.raises(MlflowException, match=what) as caught:
        parse_model_data(given)
    assert "INVALID_PARAMETER_VALUE" == caught.value.error_code
