from urllib.parse import quote

from penstock.rest._api import Api
from penstock.rest._artifact_listing import check_listing
from penstock.rest._artifact_paths import join_path
from penstock.rest._sink import Sink
from penstock.rest.entities import FileInfo

PROXY_ENDPOINT = "mlflow-artifacts/artifacts"


class ProxiedRoot:
    """A folder that the server reads and writes for its clients: `mlflow-artifacts:`."""

    def __init__(self, api: Api, base: str) -> None:
        self._api = api
        self._base = base

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""
        answer = self._api.get(PROXY_ENDPOINT, path=join_path(self._base, path))
        named = answer.many("files", FileInfo)
        found = [
            FileInfo(join_path(path, file.path), file.is_dir, file.file_size) for file in named
        ]
        return check_listing(path, found)

    def fetch(self, path: str, sink: Sink) -> None:
        """Write the content of one file to a sink."""
        self._api.fetch(f"{PROXY_ENDPOINT}/{quote(join_path(self._base, path))}", sink)
