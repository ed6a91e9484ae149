from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from penstock.rest._family import Family

if TYPE_CHECKING:
    from penstock.rest.artifacts.background import BackgroundUploads
    from penstock.rest.artifacts.store import ArtifactStore


class ArtifactFamily(Family):
    """Base of the families of methods that read and write artifacts."""

    @cached_property
    def _artifact_store(self) -> ArtifactStore:
        # The HTTP and JSON libraries: a client that was only made does not pay for them.
        from penstock.rest.artifacts.store import ArtifactStore  # noqa: PLC0415

        return ArtifactStore(self._tracking)

    @cached_property
    def _background_uploads(self) -> BackgroundUploads:
        from penstock.rest.artifacts.background import BackgroundUploads  # noqa: PLC0415

        return BackgroundUploads()

    def _flush_artifacts(self) -> None:
        """Wait for what is being uploaded in the background."""
        if "_background_uploads" in vars(self):
            self._background_uploads.flush()

    def _close_artifacts(self) -> None:
        """Wait for what is being uploaded in the background, and end connections to storages."""
        made = vars(self)
        if "_background_uploads" in made:
            self._background_uploads.close()
        if "_artifact_store" in made:
            self._artifact_store.close()
