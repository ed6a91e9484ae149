"""What MLflow's client, and ours, read from the environment."""

import os
import sys
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

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

    What is None stays as it is; a token takes the place of a password, and the other way round. A
    login in the URI is set apart from it, so that no address that is shown tells it.
    Raises ConfigurationError, and sets nothing, for a wrong address, half a login, or two.
    """
    login = _login(username, password, token)
    if uri is not None:
        parse_address(uri, "uri")
        uri, in_uri = _split(uri)
        if login and in_uri:
            raise ConfigurationError("pass a login in the uri, or beside it, not both")
        login = login or in_uri
        _set_uri(uri)
    if login:
        for name in (*LOGIN, TOKEN):
            os.environ.pop(name, None)
        os.environ.update(login)


def _login(username: str | None, password: str | None, token: str | None) -> dict[str, str]:
    """Return the settings of a login, none where there is none."""
    for name, value in (("username", username), ("password", password), ("token", token)):
        if not isinstance(value, str | None):
            raise ConfigurationError(f"{name} must be a text")
    if (username is None) is not (password is None):
        raise ConfigurationError("pass username and password, both or neither")
    if token is not None and password is not None:
        raise ConfigurationError("pass a token, or username and password, not both")
    if token is not None:
        return {TOKEN: token}
    if username is None or password is None:
        return {}
    return dict(zip(LOGIN, (username, password), strict=True))


def _split(uri: str) -> tuple[str, dict[str, str]]:
    """Return a URI without its login, and the settings of that."""
    parts = urlsplit(uri.strip())
    userinfo, _, host = parts.netloc.rpartition("@")
    if not userinfo:
        return uri, {}
    username, _, password = userinfo.partition(":")
    login = _login(unquote(username), unquote(password), None)
    return urlunsplit(parts._replace(netloc=host)), login


def _set_uri(uri: str) -> None:
    os.environ[URI] = uri
    # Where the process uses mlflow, what it has been told itself counts before the environment.
    # While another thread imports it, it has been told nothing yet.
    set_in_mlflow = getattr(sys.modules.get("mlflow"), "set_tracking_uri", None)
    if set_in_mlflow is not None:
        set_in_mlflow(uri)
