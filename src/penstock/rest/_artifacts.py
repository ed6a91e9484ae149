from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.rest._artifact_paths import safe_path
from penstock.rest._family import Family

if TYPE_CHECKING:
    from penstock.rest.entities import FileInfo


class Artifacts(Family):
    """Artifacts of runs: list and download them."""

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders in a folder of a run; nothing for a file."""
        # The JSON library: a client that was only made does not pay for it.
        from penstock.rest._run_artifacts import list_run_artifacts  # noqa: PLC0415

        return list_run_artifacts(self._tracking, run_id, safe_path(path or ""))

    def download_artifacts(self, run_id: str, path: str, dst_path: str | None = None) -> str:
        """Download a file or folder of a run, and return where it is now.

        `dst_path` is made if needed; None means a new folder, which is the caller's to delete.
        Files come in parallel, each whole or not at all. Raises UnsafePath, before anything is
        written, for a path that leads out of its folder.
        """
        from penstock.rest._run_artifacts import download_run_artifacts  # noqa: PLC0415 - as above

        return download_run_artifacts(self._tracking, run_id, path or "", dst_path=dst_path)
