import logging
import pickle
import traceback

import pytest

from penstock import MlflowClient, PenstockError
from penstock.rest._connection import resolve_connections

SECRETS = ("hunter2", "aHVudGVyMg", "dTpodW50ZXIy")


def shows_a_secret(text: str) -> bool:
    return any(secret in text for secret in SECRETS)


@pytest.mark.parametrize(
    "arguments",
    [
        {"username": "u", "password": "hunter2"},
        {"token": "hunter2"},
        {"tracking_uri": "http://u:hunter2@127.0.0.1:9"},
    ],
)
def test_no_representation_shows_a_secret(arguments):
    """Neither the client, nor its addresses, nor the connection inside."""
    arguments = {"tracking_uri": "http://127.0.0.1:9", **arguments}
    with MlflowClient(**arguments) as client:
        assert "MlflowClient('http://127.0.0.1:9')" == repr(client)
        assert "http://127.0.0.1:9" == client.tracking_uri == client.registry_uri
        assert not shows_a_secret(repr(vars(client)))
    connection = resolve_connections(**arguments).tracking
    assert connection.credentials is not None
    for text in (repr(connection), str(connection), f"{connection.credentials}"):
        assert not shows_a_secret(text)


def test_a_client_can_be_sent_to_another_process():
    """With its login, as one that makes parallel work of it expects."""
    with MlflowClient("http://127.0.0.1:9", token="hunter2") as client:
        copy = pickle.loads(pickle.dumps(client))  # noqa: S301 - made here
        assert repr(client) == repr(copy)
        assert client._tracking.connection == copy._tracking.connection


def test_a_closed_client_says_so():
    """And does not open its connections again."""
    with MlflowClient("http://127.0.0.1:9", token="hunter2") as client:
        pass
    with pytest.raises(PenstockError, match="closed") as refusal:
        client.get_run("1")
    assert not shows_a_secret("".join(traceback.format_exception(refusal.value)))


def test_making_a_client_logs_nothing(caplog):
    """Above all no address with a password."""
    with caplog.at_level(logging.DEBUG):
        MlflowClient("http://u:hunter2@127.0.0.1:9").close()
    assert "" == caplog.text
