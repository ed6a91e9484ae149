"""Reports on data and models, in fixed folders of their resource."""

from enum import StrEnum
from pathlib import Path, PurePosixPath

from penstock.errors import UnknownResource
from penstock.lineage.artifacts import LocalPath, ResourceArtifacts
from penstock.lineage.metadata import Metadata
from penstock.lineage.resource import Place
from penstock.rest.entities import FileInfo


class ReportKind(StrEnum):
    """What a report is about; the checks are of data, a model or predictions."""

    PROFILE = "data_profile"
    CHECKS = "checks_report"
    COMPARISON = "data_comparison"

    def of(self, subject: str) -> str:
        """Return the key for a report on a subject, such as the checks of a model."""
        return f"{subject}_{self.value}"


class Reports:
    """Uploads reports and finds them again: by the stem of the file's name, or the newest."""

    def __init__(self, artifacts: ResourceArtifacts, metadata: Metadata) -> None:
        self._artifacts = artifacts
        self._metadata = metadata

    def log(self, place: Place, key: str, path: LocalPath) -> None:
        """Upload a report; from now on it is the newest of its key."""
        self._artifacts.log(place, _folder(place, key), path)
        self._metadata.update(place, {f"latest_{key}": Path(path).name})

    def get(
        self, place: Place, key: str, name: str | None, dst_path: LocalPath | None = None
    ) -> str:
        """Download a report and return where it is. Raises UnknownResource without one."""
        there = self._artifacts.list_files(place, _folder(place, key))
        newest = self._metadata.get(place, f"latest_{key}")
        matching = [file for file in there if name is None or _is_named(file, name)]
        if not matching:
            which = f"no {key}" if name is None else f"no {key} '{name}'"
            raise UnknownResource(
                f"{which} was logged to '{place.resource_id}' in run {place.run_id}"
            )
        latest = [file for file in matching if _name(file) == newest]
        return self._artifacts.get_file(place, (latest or matching)[-1], dst_path)


def _folder(place: Place, key: str) -> str:
    return f"{place.resource_id}_{key}"


def _is_named(file: FileInfo, name: str) -> bool:
    return name in {_name(file), PurePosixPath(file.path).stem}


def _name(file: FileInfo) -> str:
    return PurePosixPath(file.path).name
