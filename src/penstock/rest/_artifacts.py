from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.rest._arguments import as_optional_text, as_text
from penstock.rest._artifact_family import ArtifactFamily

if TYPE_CHECKING:
    import io
    import os

    from penstock.rest.entities import FileInfo

# What the methods import is loaded when it is needed: a client that was only made pays nothing.


class Artifacts(ArtifactFamily):
    """Artifacts of runs: list, upload and download files and folders.

    Uploads and downloads of folders go on several files at once, try all of them, and raise
    TransferFailed, which names each that failed. Raises UnsafePath, before anything is read or
    written, for a path that leads out of its folder.
    """

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders in a folder of a run; nothing for a file."""
        from penstock.rest.artifacts.paths import safe_path  # noqa: PLC0415
        from penstock.rest.artifacts.run_artifacts import list_run_artifacts  # noqa: PLC0415

        folder = safe_path(as_optional_text(path, "path") or "")
        return list_run_artifacts(self._artifact_store, run_id, folder)

    def download_artifacts(
        self, run_id: str, path: str, dst_path: str | os.PathLike[str] | None = None
    ) -> str:
        """Download a file or folder of a run, and return where it is now.

        `dst_path` is made if needed; None means a new folder, which is the caller's to delete.
        Each file appears whole or not at all; what breaks off goes on where it was.
        """
        from penstock.rest.artifacts.run_artifacts import download_run_artifacts  # noqa: PLC0415

        wanted = as_optional_text(path, "path") or ""
        return download_run_artifacts(self._artifact_store, run_id, wanted, dst_path=dst_path)

    def log_artifact(
        self, run_id: str, local_path: str | os.PathLike[str], artifact_path: str | None = None
    ) -> None:
        """Upload a file, or a folder with its name, into the folder `artifact_path` of a run."""
        from penstock.rest.artifacts.upload import upload_path  # noqa: PLC0415

        upload_path(self._artifact_store.of_run(run_id), local_path, artifact_path)

    def log_artifacts(
        self, run_id: str, local_dir: str | os.PathLike[str], artifact_path: str | None = None
    ) -> None:
        """Upload all that lies in a folder into the folder `artifact_path` of a run."""
        from penstock.rest.artifacts.upload import upload_folder  # noqa: PLC0415

        upload_folder(self._artifact_store.of_run(run_id), local_dir, artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Upload a text, as UTF-8."""
        from penstock.rest.artifacts.upload import upload_bytes  # noqa: PLC0415

        data = as_text(text, "text").encode()
        upload_bytes(self._artifact_store.of_run(run_id), data, artifact_file)

    def log_dict(self, run_id: str, dictionary: dict[str, Any], artifact_file: str) -> None:
        """Upload a dictionary, or what is like one: as YAML to `.yml` and `.yaml`, else as JSON.

        What JSON cannot say is written as text. YAML needs the library PyYAML.
        """
        from penstock.rest.artifacts.documents import write_document  # noqa: PLC0415
        from penstock.rest.artifacts.upload import upload_bytes  # noqa: PLC0415

        data = write_document(dictionary, artifact_file)
        upload_bytes(self._artifact_store.of_run(run_id), data, artifact_file)

    def log_stream(
        self, run_id: str, stream: io.BufferedIOBase | io.RawIOBase, artifact_file: str
    ) -> None:
        """Upload what is left to be read of a binary stream; it passes through a temporary file."""
        from penstock.rest.artifacts.stream import upload_stream  # noqa: PLC0415

        upload_stream(self._artifact_store.of_run(run_id), stream, artifact_file)
