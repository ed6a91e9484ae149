"""What MLflow's client, and ours, read from the environment."""

import os
import sys
from typing import Final

from penstock.errors import ConfigurationError
from penstock.rest.exchange import parse_address

URI: Final = "MLFLOW_TRACKING_URI"
LOGIN: Final = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
TOKEN: Final = "MLFLOW_TRACKING_TOKEN"  # noqa: S105 - the name of a setting


def connect(
    uri: str | None = None,
    username: str | None = None,
    password: str | None = None,
    token: str | None = None,
) -> None:
    """Set the server and the login for this process and its children, for MLflow's client too.

    What is None stays as it is; a token takes the place of a password, and the other way round.
    Raises ConfigurationError, and sets nothing, for a wrong address, half a login, or two.
    """
    if (username is None) is not (password is None):
        raise ConfigurationError("pass username and password, both or neither")
    if token is not None and password is not None:
        raise ConfigurationError("pass a token, or username and password, not both")
    if uri is not None:
        parse_address(uri, "uri")
        _set_uri(uri)
    if username is not None and password is not None:
        os.environ.update(zip(LOGIN, (username, password), strict=True))
        os.environ.pop(TOKEN, None)
    if token is not None:
        os.environ[TOKEN] = token
        for name in LOGIN:
            os.environ.pop(name, None)


def _set_uri(uri: str) -> None:
    os.environ[URI] = uri
    # Where the process uses mlflow, what it has been told itself counts before the environment.
    mlflow = sys.modules.get("mlflow")
    if mlflow is not None:
        mlflow.set_tracking_uri(uri)
