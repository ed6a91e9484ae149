"""The function `mlflow_api_call`, whose server and login come from the settings alone."""

import pytest

from contract.rest.loopback import answering, reply
from penstock.errors import ConfigurationError, MlflowException
from penstock.rest import mlflow_api_call


def test_a_call_goes_to_the_server_of_the_settings(mlflow_url, no_settings, unique):
    """The example of the documentation."""
    no_settings.setenv("MLFLOW_API_BASE_URL", f"{mlflow_url}/api/2.0")
    made = mlflow_api_call("mlflow/experiments/create", "POST", {"name": unique})
    found = mlflow_api_call("mlflow/experiments/get", data=made)
    assert unique == found["experiment"]["name"]


def test_a_refusal_is_an_error(mlflow_url, no_settings):
    """And never None."""
    no_settings.setenv("MLFLOW_TRACKING_URI", mlflow_url)
    with pytest.raises(MlflowException, match="RESOURCE_DOES_NOT_EXIST"):
        mlflow_api_call("mlflow/runs/get", data={"run_id": "0" * 32})


def test_without_a_server_the_setting_is_named(no_settings):
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_URI"):
        mlflow_api_call("mlflow/experiments/search")
    assert no_settings


def test_connections_are_kept_between_calls(no_settings):
    """To the same server with the same login."""
    with answering(reply()) as server:
        no_settings.setenv("MLFLOW_TRACKING_URI", server.url)
        for _ in range(3):
            mlflow_api_call("mlflow/runs/get")
        assert (3, 1) == (len(server.received), len(server.connections))
        no_settings.setenv("MLFLOW_TRACKING_TOKEN", "t")
        mlflow_api_call("mlflow/runs/get")
        assert "Bearer t" == server.received[-1].headers["authorization"]


def test_the_registry_may_be_another_server(no_settings):
    """Its endpoints go there."""
    with answering(reply()) as tracking, answering(reply()) as registry:
        no_settings.setenv("MLFLOW_TRACKING_URI", tracking.url)
        no_settings.setenv("MLFLOW_REGISTRY_URI", registry.url)
        mlflow_api_call("mlflow/registered-models/get", data={"name": "a"})
        mlflow_api_call("/api/2.0/mlflow/model-versions/search")
        mlflow_api_call("mlflow/runs/get")
        assert (1, 2) == (len(tracking.received), len(registry.received))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_can_be_used(no_settings, method):
    """Data goes where the method has it."""
    body = b"" if method == "HEAD" else b"{}"
    with answering(reply(body)) as server:
        no_settings.setenv("MLFLOW_TRACKING_URI", server.url)
        assert {} == mlflow_api_call("mlflow/x", method, {"a": "b"})
    (request,) = server.received
    in_query = method in {"GET", "HEAD", "OPTIONS"}
    assert method == request.method
    assert ("/api/2.0/mlflow/x?a=b" if in_query else "/api/2.0/mlflow/x") == request.target
    assert (b"" if in_query else b'{"a":"b"}') == request.body
