"""Which datasets a model version was made from."""

from collections.abc import Sequence
from typing import Any, Final

from penstock.lineage.history import History, has_tag
from penstock.lineage.metadata import Metadata
from penstock.lineage.resource import Place, Resource, place_of
from penstock.lineage.version_control import VersionControl

VERSIONS: Final = "dataset_versions"
LINEAGE: Final = "dataset_lineage"


class Datasets:
    """Keeps, for model versions, the ids of datasets, and beside them their runs and commits."""

    def __init__(
        self, metadata: Metadata, version_control: VersionControl, history: History
    ) -> None:
        self._metadata = metadata
        self._version_control = version_control
        self._history = history

    def record(self, model_version: Resource, datasets: Sequence[Resource]) -> None:
        """Keep what a model version was made from; nothing means what the one before was."""
        place = place_of(model_version)
        made_from = (
            [self._describe(place_of(dataset)) for dataset in datasets]
            if datasets
            else self._previous(model_version)
        )
        if made_from:
            ids = [entry["id"] for entry in made_from]
            self._metadata.update(place, {VERSIONS: ids, LINEAGE: made_from})

    def read(self, place: Place) -> list[dict[str, Any]]:
        """Return id, run and commit of each dataset that a model version was made from."""
        entries = self._metadata.get(place, LINEAGE)
        if isinstance(entries, list):
            return [entry for entry in entries if isinstance(entry, dict) and "id" in entry]
        ids = self._metadata.get(place, VERSIONS)
        return [self._describe(Place(str(name), place.run_id)) for name in _as_list(ids)]

    def _describe(self, place: Place) -> dict[str, Any]:
        return {
            "id": place.resource_id,
            "run_id": place.run_id,
            **self._version_control.get(place),
        }

    def _previous(self, model_version: Resource) -> list[dict[str, Any]]:
        name = place_of(model_version).name(VERSIONS)
        runs = self._history.list_previous(model_version, filters=[has_tag(name)])
        if not runs:
            return []
        return self.read(Place(place_of(model_version).resource_id, runs[0].info.run_id))


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
