"""The configuration of a tracker."""

import pytest

from penstock.errors import ConfigurationError
from penstock.lineage.settings import TrackerSettings, read_conf

FLAT = {"mlflow_tracking_uri": "http://127.0.0.1:5000", "mlflow_experiment_name": "churn"}


@pytest.mark.parametrize("conf", [FLAT, {"config": FLAT}, {"component": {}, "config": FLAT}])
def test_settings_are_flat_or_below_config(conf):
    """Both are in use."""
    assert TrackerSettings("http://127.0.0.1:5000", "churn") == read_conf(conf)


@pytest.mark.parametrize("missing", FLAT)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_is_named(missing, value):
    """So that one need not read the code to find it."""
    with pytest.raises(ConfigurationError, match=f"no {missing}"):
        read_conf({**FLAT, missing: value})


@pytest.mark.parametrize("conf", [None, [], "churn"])
def test_what_is_no_configuration_is_refused(conf):
    """The message names what a tracker needs."""
    with pytest.raises(ConfigurationError, match="mlflow_tracking_uri"):
        read_conf(conf)


def test_a_setting_of_the_wrong_kind_is_named():
    """A number is no name of an experiment."""
    with pytest.raises(ConfigurationError, match="mlflow_experiment_name must be a text"):
        read_conf({**FLAT, "mlflow_experiment_name": 7})
