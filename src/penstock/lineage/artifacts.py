import os
from pathlib import Path
from typing import Final

from penstock.errors import LineageError, LocalFileError, UnknownResource
from penstock.lineage.escaping import escape_name
from penstock.lineage.resource import Place
from penstock.rest import MlflowClient
from penstock.rest.entities import FileInfo

_LONGEST_NAME: Final = 150

LocalPath = str | os.PathLike[str]


class ResourceArtifacts:
    """Files and folders of resources, each under an id: `{resource id}/{id}/`."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def log(self, place: Place, name: str, path: LocalPath) -> None:
        """Upload a file, or a folder with its name. Raises LocalFileError if there is none."""
        check_path(path)
        if not Path(path).exists():
            raise LocalFileError(f"there is no {path} to log as '{name}'; check the path")
        self._client.log_artifact(place.run_id, path, folder_of(place, name))

    def get(self, place: Place, name: str, dst_path: LocalPath | None = None) -> str:
        """Download what was logged, and return where it is: one file, or a folder of several."""
        folder = folder_of(place, name)
        there = self.list_files(place, name)
        if not there:
            raise UnknownResource(
                f"no artifact '{name}' was logged to '{place.resource_id}' in run {place.run_id}; "
                "check both ids"
            )
        path = there[0].path if len(there) == 1 else folder
        return self._client.download_artifacts(place.run_id, path, dst_path)

    def get_file(self, place: Place, file: FileInfo, dst_path: LocalPath | None = None) -> str:
        """Download one of the files that `list_files` names."""
        return self._client.download_artifacts(place.run_id, file.path, dst_path)

    def list_files(self, place: Place, name: str) -> list[FileInfo]:
        """Return what lies under an id, by name."""
        return self._client.list_artifacts(place.run_id, folder_of(place, name))


def check_path(path: object) -> None:
    """Raise LineageError for what names no file."""
    if not isinstance(path, str | os.PathLike):
        raise LineageError(f"path must name a file or folder, not be {path!r}")


def folder_of(place: Place, name: str) -> str:
    """Return the folder of an artifact in its run."""
    if not name:
        raise LineageError("an artifact needs an id that is not empty")
    return f"{_part(place.resource_id)}/{_part(name)}"


def _part(text: str) -> str:
    name = escape_name(text)
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    import hashlib  # noqa: PLC0415 - few ids are that long

    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"{name.encode()[:100].decode(errors='ignore')}_h{digest}"
