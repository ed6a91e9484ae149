"""The agent loads models while the server is away."""

import logging

import pytest

from contract.models.forwarder import forwarding
from contract.models.stations import Constant
from penstock.agent import MLFlowAgent, MLFlowConfiguration, SingletonMeta


@pytest.fixture
def way(server, monkeypatch):
    """A way to the server that can be cut."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with forwarding(server) as way:
        MLFlowConfiguration.set_tracking_uri(way.url)
        yield way


@pytest.fixture
def model(way, unique):  # noqa: ARG001 - it is registered that way
    """A model with a version in Production and a later one without a stage."""
    for number in (1, 2):
        MLFlowAgent.register_model(Constant(number), unique, pip_requirements=["mlflow"])
    client = MLFlowAgent.init_mlflow_client()
    client.transition_model_version_stage(unique, "1", "Production")
    return unique


@pytest.mark.parametrize(
    ("wish", "expected"),
    [({}, 2), ({"model_stage": "Production"}, 1), ({"model_version": "1"}, 1)],
)
def test_what_was_loaded_before_is_loaded_without_the_server(model, way, wish, expected, caplog):
    """The latest version, a stage and a number, by a process that has nothing in memory."""
    for is_away in (False, True):
        if is_away:
            way.cut()
        SingletonMeta.reset()
        with caplog.at_level(logging.WARNING, "penstock.models"):
            loaded = MLFlowAgent.load_pyfunc_model(model, **wish)
        assert [expected] == list(loaded.predict([0]))
    is_moving = "model_version" not in wish
    assert is_moving == ("comes from the source 'cache'" in caplog.text)


def test_a_wrong_wish_is_refused_without_the_server(model, way):
    """Never taken for another one."""
    way.cut()
    with pytest.raises(ValueError, match="not '01'"):
        MLFlowAgent.load_pyfunc_model(model, "01")
    with pytest.raises(ValueError, match="The model stage should be in"):
        MLFlowAgent.load_pyfunc_model(model, model_stage="production")
    with pytest.raises(TypeError, match="must be a text"):
        MLFlowAgent.load_original_model(5)
