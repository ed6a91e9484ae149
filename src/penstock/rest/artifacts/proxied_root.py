from mimetypes import guess_type
from urllib.parse import quote

from penstock.rest._api import Api
from penstock.rest._content import Content
from penstock.rest._sink import Sink
from penstock.rest.artifacts.direct_storage import DirectStorage
from penstock.rest.artifacts.listing import check_listing
from penstock.rest.artifacts.paths import check_served, join_path
from penstock.rest.artifacts.settings import read_settings
from penstock.rest.entities import FileInfo

PROXY_ENDPOINT = "mlflow-artifacts/artifacts"
UNKNOWN_TYPE = "application/octet-stream"


class ProxiedRoot:
    """A folder that the server reads and writes for its clients: `mlflow-artifacts:`."""

    def __init__(self, api: Api, base: str, storage: DirectStorage) -> None:
        self._api = api
        self._base = base
        self._storage = storage
        self._settings = read_settings()

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""
        self.check_name(path)
        answer = self._api.get(PROXY_ENDPOINT, path=join_path(self._base, path))
        named = answer.many("files", FileInfo)
        found = [
            FileInfo(join_path(path, file.path), file.is_dir, file.file_size) for file in named
        ]
        return check_listing(path, found)

    def fetch(self, path: str, sink: Sink, *, size: int | None) -> None:
        """Write the content of one file to a sink; a large one straight from the storage."""
        self.check_name(path)
        place = join_path(self._base, path)
        if not self._storage.fetch(place, sink, self._settings, size=size):
            self._api.fetch(_endpoint(place), sink, size=size)

    def store(self, path: str, content: Content) -> None:
        """Make content the one of a file; a large one in parts, straight to the storage."""
        self.check_name(path)
        place = join_path(self._base, path)
        if not self._storage.store(place, content, self._settings):
            media_type = guess_type(path)[0] or UNKNOWN_TYPE
            self._api.store(_endpoint(place), content, media_type=media_type)

    def check_name(self, path: str) -> None:
        """Raise UnsafePath for a path that the server would take for another one."""
        check_served(path)


def _endpoint(place: str) -> str:
    return f"{PROXY_ENDPOINT}/{quote(place)}"
