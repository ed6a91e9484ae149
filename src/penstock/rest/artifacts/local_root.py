from pathlib import Path
from stat import S_ISREG

from penstock.errors import LocalFileError, MlflowException, UnsafePath
from penstock.rest._content import Content, file_content
from penstock.rest._sink import Sink
from penstock.rest.artifacts.paths import Destination, join_path
from penstock.rest.artifacts.written_beside import written_beside
from penstock.rest.entities import FileInfo


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

    def fetch(self, path: str, sink: Sink, *, size: int | None) -> None:  # noqa: ARG002 - checked by the disk
        """Write the content of one file to a sink."""
        found = self._locate(path)
        if not found.exists() or not S_ISREG(found.stat().st_mode):
            raise MlflowException(
                f"there is no artifact '{path}' in {self._folder}; if that folder is on the "
                "server's machine, start the server with --serve-artifacts",
                "RESOURCE_DOES_NOT_EXIST",
            )
        for chunk in file_content(found).chunks():
            sink.write(chunk)

    def store(self, path: str, content: Content) -> None:
        """Make content the one of a file, whole or not at all."""
        target = Destination(self._folder).target(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalFileError(
                f"cannot make a folder for artifact '{path}': {error}; if {self._folder} is on the "
                "server's machine, start the server with --serve-artifacts"
            ) from error
        with written_beside(target) as file:
            for chunk in content.chunks():
                file.write(chunk)

    def check_name(self, path: str) -> None:
        """Raise UnsafePath when a symbolic link leads out of the folder."""
        Destination(self._folder).target(path)

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
