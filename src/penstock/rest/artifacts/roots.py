from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from penstock.errors import MlflowException
from penstock.rest._api import Api
from penstock.rest._artifact_paths import safe_path
from penstock.rest._local_root import LocalRoot
from penstock.rest._proxied_root import PROXY_ENDPOINT, ProxiedRoot
from penstock.rest._sink import Sink
from penstock.rest.entities import FileInfo


class ArtifactRoot(Protocol):
    """A folder of artifacts. Paths count from it, and are safe ones."""

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""

    def fetch(self, path: str, sink: Sink) -> None:
        """Write the content of one file to a sink."""


def open_root(uri: str, api: Api) -> ArtifactRoot:
    """Return the artifact root that a URI names; `api` is the server that named it."""
    parts = urlsplit(uri)
    if parts.scheme == "mlflow-artifacts":
        return ProxiedRoot(_api_at(parts.netloc, api), safe_path(parts.path.lstrip("/")))
    if parts.scheme in {"http", "https"} and f"/{PROXY_ENDPOINT}" in parts.path:
        base = parts.path.partition(f"/{PROXY_ENDPOINT}")[2]
        return ProxiedRoot(_api_at(parts.netloc, api), safe_path(base.lstrip("/")))
    if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
        return LocalRoot(Path(unquote(parts.path)))
    if uri.startswith("/"):
        return LocalRoot(Path(uri))
    raise MlflowException(
        f"this client cannot read artifacts at '{parts.scheme}:'; it reads them through the server "
        "(mlflow-artifacts:) or from a local folder: start the server with --serve-artifacts",
        "NOT_IMPLEMENTED",
    )


def _api_at(netloc: str, api: Api) -> Api:
    """Return the API of the host that an artifact URI names; another host gets no credentials."""
    host = netloc.rpartition("@")[2]
    own = urlsplit(api.connection.base_url)
    if not host or host == own.netloc:
        return api
    base_url = f"{own.scheme}://{host}{own.path}"
    return Api(api.connection._replace(base_url=base_url, credentials=None))
