"""What MLflow's own server never does: take its time for a version, or fail to make it."""

import json
import time

import pytest

from contract.rest.loopback import answering, reply
from penstock import MlflowClient
from penstock.errors import MlflowException
from penstock.rest import _model_registration


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Ask again at once."""
    monkeypatch.setattr(_model_registration, "POLL_SECONDS", 0.01)


def version(status: str, **more: str):
    fields = {"name": "churn", "version": "7", "status": status, **more}
    return reply(json.dumps({"model_version": fields}))


PENDING, READY = version("PENDING_REGISTRATION"), version("READY", source="models:/m-1")


def test_a_version_is_waited_for():
    """Until it is ready; then it is returned as it is."""
    with answering(PENDING, PENDING, READY) as server, MlflowClient(server.url) as client:
        made = client.create_model_version("churn", "models:/m-1")
        assert ("READY", "models:/m-1") == (made.status, made.source)
        assert ["POST", "GET", "GET"] == [request.method for request in server.received]
        assert server.received[-1].target.endswith("/model-versions/get?name=churn&version=7")


def test_a_version_that_fails_is_an_error():
    """With what the registry says of it."""
    failed = version("FAILED_REGISTRATION", status_message="no space")
    with answering(PENDING, failed) as server, MlflowClient(server.url) as client:
        with pytest.raises(
            MlflowException, match=r"'churn' .* FAILED_REGISTRATION no space"
        ) as error:
            client.create_model_version("churn", "models:/m-1")
        assert "INTERNAL_ERROR" == error.value.error_code


def test_patience_ends():
    """With a message that says how to have more of it."""
    with answering(PENDING) as server, MlflowClient(server.url) as client:
        started = time.monotonic()
        with pytest.raises(MlflowException, match="await_creation_for"):
            client.create_model_version("churn", "models:/m-1", await_creation_for=0.1)
        assert time.monotonic() - started < 10


@pytest.mark.parametrize("patience", [0, None])
def test_nobody_has_to_wait(patience):
    """The version is returned as it is."""
    with answering(PENDING) as server, MlflowClient(server.url) as client:
        made = client.create_model_version("churn", "models:/m-1", await_creation_for=patience)
        assert ("PENDING_REGISTRATION", 1) == (made.status, len(server.received))
