from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from penstock.errors import MlflowException
from penstock.rest._api import Api
from penstock.rest.artifacts.direct_storage import DirectStorage
from penstock.rest.artifacts.local_root import LocalRoot
from penstock.rest.artifacts.paths import safe_path
from penstock.rest.artifacts.proxied_root import PROXY_ENDPOINT, ProxiedRoot
from penstock.rest.artifacts.roots import ArtifactRoot
from penstock.rest.artifacts.s3_access import S3Access
from penstock.rest.artifacts.s3_root import S3Root
from penstock.rest.entities import LoggedModelRecord, Run

MOST_REMEMBERED = 1000


class ArtifactStore:
    """The artifacts of a server's runs and models, wherever they lie.

    Safe for use from several threads and, after a fork, from several processes.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self._uris: dict[str, str] = {}
        self._servers: dict[str, _Server] = {}

    def of_run(self, run_id: str) -> ArtifactRoot:
        """Return the root of a run, which never changes and is asked for once."""
        uri = self._uris.get(run_id)
        if uri is None:
            run = self.api.get("mlflow/runs/get", run_id=run_id).one("run", Run)
            uri = self._remember(run_id, run.info.artifact_uri)
        return self.open(uri)

    def of_model(self, model_id: str) -> ArtifactRoot:
        """Return the root of a logged model, which never changes and is asked for once."""
        uri = self._uris.get(model_id)
        if uri is None:
            answer = self.api.get(f"mlflow/logged-models/{quote(model_id, safe='')}")
            found = answer.one("model", LoggedModelRecord).to_model()
            uri = self._remember(model_id, found.artifact_location)
        return self.open(uri)

    def open(self, uri: str) -> ArtifactRoot:
        """Return the root that an artifact URI names."""
        scheme = urlsplit(uri).scheme
        if scheme == "mlflow-artifacts":
            return self._open_proxied(uri)
        if scheme in {"http", "https"} and f"/{PROXY_ENDPOINT}" in uri:
            return self._open_http(uri)
        if scheme == "s3":
            bucket, _, prefix = uri.removeprefix("s3://").partition("/")
            return S3Root(self._s3, bucket, safe_path(prefix))
        if scheme == "file" and urlsplit(uri).netloc in {"", "localhost"}:
            return LocalRoot(Path(unquote(urlsplit(uri).path)))
        if uri.startswith("/"):
            return LocalRoot(Path(uri))
        raise MlflowException(
            f"this client cannot reach artifacts at '{scheme}:'; it reaches them through the "
            "server (mlflow-artifacts:), in S3, or in a local folder: start the server with "
            "--serve-artifacts",
            "NOT_IMPLEMENTED",
        )

    def close(self) -> None:
        """End all connections but those to the server itself."""
        for server in self._servers.values():
            server.storage.close()
            if server.api is not self.api:
                server.api.close()

    def _open_proxied(self, uri: str) -> ArtifactRoot:
        parts = urlsplit(uri)
        own = urlsplit(self.api.connection.base_url)
        host = parts.netloc.rpartition("@")[2] or own.netloc
        server = self._server_at(f"{own.scheme}://{host}{own.path}")
        return ProxiedRoot(server.api, safe_path(parts.path.lstrip("/")), server.storage)

    def _open_http(self, uri: str) -> ArtifactRoot:
        parts = urlsplit(uri)
        before, _, base = parts.path.partition(f"/{PROXY_ENDPOINT}")
        prefix = before.removesuffix("/api/2.0")
        server = self._server_at(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{prefix}")
        return ProxiedRoot(server.api, safe_path(base.lstrip("/")), server.storage)

    def _server_at(self, base_url: str) -> "_Server":
        """Return the server at an address; another one than ours gets none of our credentials."""
        if base_url not in self._servers:
            own = self.api.connection
            is_own = base_url == own.base_url
            api = self.api if is_own else Api(own._replace(base_url=base_url, credentials=None))
            self._servers[base_url] = _Server(api, DirectStorage(api))
        return self._servers[base_url]

    def _remember(self, key: str, uri: str) -> str:
        if len(self._uris) >= MOST_REMEMBERED:
            self._uris.clear()
        self._uris[key] = uri
        return uri

    @cached_property
    def _s3(self) -> S3Access:
        return S3Access()


class _Server(NamedTuple):
    api: Api
    storage: DirectStorage
