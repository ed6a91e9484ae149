import shutil
from pathlib import Path

from penstock.errors import LocalFileError, MlflowException, UnsafePath
from penstock.rest._artifact_paths import join_path
from penstock.rest._sink import Sink
from penstock.rest.entities import FileInfo

CHUNK = 1 << 20


class LocalRoot:
    """A folder on this machine, shared with the server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file, or where nothing is."""
        found = self._locate(path)
        if not found.is_dir():
            return []
        try:
            return [_describe(file, path) for file in sorted(found.iterdir())]
        except OSError as error:
            raise LocalFileError(f"cannot list artifacts in '{path}': {error}") from error

    def fetch(self, path: str, sink: Sink) -> None:
        """Write the content of one file to a sink."""
        found = self._locate(path)
        if not found.is_file():
            raise MlflowException(
                f"there is no artifact '{path}' in {self._folder}; if that folder is on the "
                "server's machine, start the server with --serve-artifacts",
                "RESOURCE_DOES_NOT_EXIST",
            )
        with found.open("rb") as source:
            shutil.copyfileobj(source, sink, CHUNK)

    def _locate(self, path: str) -> Path:
        found = (self._folder / path).resolve()
        if not found.is_relative_to(self._folder):
            raise UnsafePath(
                f"a symbolic link leads artifact '{path}' out of {self._folder}",
                "INVALID_PARAMETER_VALUE",
            )
        return found


def _describe(file: Path, folder: str) -> FileInfo:
    is_dir = file.is_dir()
    return FileInfo(join_path(folder, file.name), is_dir, None if is_dir else file.stat().st_size)
