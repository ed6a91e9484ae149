from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.lineage.base import BaseMetadataTracker
from penstock.lineage.reports import ReportKind
from penstock.lineage.resource import Resource, place_of

if TYPE_CHECKING:
    from penstock.lineage.artifacts import LocalPath
    from penstock.lineage.tracker_parts import TrackerParts


class ArtifactCalls(BaseMetadataTracker):
    """What a tracker answers of files and reports."""

    _parts: TrackerParts

    def log_artifact(
        self, resource: Resource, id: str, path: LocalPath, *_args: object, **_kwargs: object
    ) -> None:
        """Upload a file, or a folder with its name, into `{resource id}/{id}/` of the run."""
        self._parts.artifacts.log(place_of(resource), id, path)

    def get_artifact(
        self,
        resource: Resource,
        id: str,
        *_args: object,
        dst_path: LocalPath | None = None,
        **_kwargs: object,
    ) -> str:
        """Download what was uploaded under an id, and return where it is.

        That is a file, or a folder if there are several. None as `dst_path` means a new folder,
        which is the caller's to delete. Raises UnknownResource if there is nothing.
        """
        return self._parts.artifacts.get(place_of(resource), id, dst_path)

    def log_data_profile(
        self, resource: Resource, file_path: LocalPath, *_args: object, **_kwargs: object
    ) -> None:
        """Upload a profile of data."""
        self._parts.reports.log(place_of(resource), ReportKind.PROFILE, file_path)

    def get_data_profile(
        self,
        resource: Resource,
        id: str | None = None,
        *_args: object,
        dst_path: LocalPath | None = None,
        **_kwargs: object,
    ) -> str:
        """Download a profile by the stem of its file's name, or the newest; return where it is.

        Raises UnknownResource without one.
        """
        return self._parts.reports.get(place_of(resource), ReportKind.PROFILE, id, dst_path)

    def log_checks(
        self,
        resource: Resource,
        file_path: LocalPath,
        type: str = "data",
        *_args: object,
        **_kwargs: object,
    ) -> None:
        """Upload a report of checks on what `type` says: data, a model, predictions."""
        self._parts.reports.log(place_of(resource), ReportKind.CHECKS.of(type), file_path)

    def get_data_checks(
        self,
        resource: Resource,
        id: str | None = None,
        type: str = "data",
        *_args: object,
        dst_path: LocalPath | None = None,
        **_kwargs: object,
    ) -> str:
        """Download a report of checks as `get_data_profile` does a profile; return where it is."""
        key = ReportKind.CHECKS.of(type)
        return self._parts.reports.get(place_of(resource), key, id, dst_path)

    def log_data_comparison(
        self, resource: Resource, file_path: LocalPath, *_args: object, **_kwargs: object
    ) -> None:
        """Upload a comparison of data."""
        self._parts.reports.log(place_of(resource), ReportKind.COMPARISON, file_path)
