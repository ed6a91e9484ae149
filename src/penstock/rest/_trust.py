from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

from penstock.config import Config
from penstock.errors import ConfigurationError

BUNDLE_SETTINGS = (
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
)
INSECURE_SETTING = "MLFLOW_TRACKING_INSECURE_TLS"
CLIENT_SETTING = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
PEM_MARK = b"-----BEGIN "


class Trust(NamedTuple):
    """Which certificates of a server are believed, and the client's own one.

    `bundle` (a PEM file, or a folder of them) adds to the authorities of the system;
    `client_certificate` is a PEM file with certificate and key.
    """

    is_verified: bool = True
    bundle: str | None = None
    client_certificate: str | None = None


def resolve_trust(config: Config, *, verify: bool | str | PathLike[str] | None) -> Trust:
    """Return what `verify` and the usual variables say; None leaves the choice to the variables."""
    client = _existing(config.first(CLIENT_SETTING), CLIENT_SETTING)
    if verify is None:
        verify = config.get(INSECURE_SETTING, "").lower() not in {"true", "1", "yes", "on"}
    if verify is False:
        return Trust(is_verified=False, client_certificate=client)
    if verify is not True:
        return Trust(bundle=_existing(fspath(verify), "verify"), client_certificate=client)
    return Trust(bundle=_configured_bundle(config), client_certificate=client)


def read_pem(place: str) -> bytes:
    """Return the PEM text of a file, or of all files of a folder."""
    path = Path(place)
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        texts = [file.read_bytes() for file in files if file.is_file()]
    except OSError as error:
        raise ConfigurationError(f"cannot read the certificates in {place}: {error}") from error
    found = b"\n".join(text for text in texts if PEM_MARK in text)
    if not found:
        raise ConfigurationError(f"there is no certificate in {place}; expected PEM text")
    return found


def _configured_bundle(config: Config) -> str | None:
    for name in BUNDLE_SETTINGS:
        if name in config:
            return _existing(config[name], name)
    return None


def _existing(path: str | None, source: str) -> str | None:
    if path is not None and not Path(path).exists():
        raise ConfigurationError(f"{source} names certificates that are not there: {path}")
    return path
