"""What one run says of the resources it made."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from penstock.errors import LineageError
from penstock.lineage.datasets import VERSIONS
from penstock.lineage.deployments import STATUS, WINNER
from penstock.lineage.history import EXISTS
from penstock.lineage.metadata_codec import decode
from penstock.lineage.node import NodeKind
from penstock.lineage.resource import Place, is_prediction_id
from penstock.lineage.resources import MARK, TYPE
from penstock.lineage.tag_key import iter_texts
from penstock.rest.entities import Run

_KINDS: Mapping[str, NodeKind] = {
    "dataset_version": NodeKind.DATASET,
    "dataset": NodeKind.DATASET,
    "data": NodeKind.DATASET,
    "model_version": NodeKind.MODEL_VERSION,
    "model": NodeKind.MODEL_VERSION,
    "prediction_job": NodeKind.PREDICTION_JOB,
    "experiment": NodeKind.EXPERIMENT,
}
_SIGNS_OF_A_MODEL = (WINNER, STATUS, VERSIONS)


class RunRecord(NamedTuple):
    """A run, and the texts of its tags by resource id and key; long ones as they stand there."""

    run: Run
    resources: Mapping[str, Mapping[str, str]]

    def kind_of(self, name: str) -> NodeKind:
        """Return what a resource is: as it was told, or as its metadata suggest."""
        texts = self.resources[name]
        told = _KINDS.get(texts.get(TYPE, ""))
        if told is not None:
            return told
        if is_prediction_id(name):
            return NodeKind.PREDICTION_JOB
        if any(key in texts for key in _SIGNS_OF_A_MODEL):
            return NodeKind.MODEL_VERSION
        return NodeKind.DATASET if "hexsha" in texts else NodeKind.RESOURCE

    def list_kind(self, kind: NodeKind) -> list[str]:
        """Return the ids of all resources of a kind, by name."""
        return sorted(name for name in self.resources if self.kind_of(name) is kind)

    def value(self, name: str, key: str) -> Any:  # noqa: ANN401 - metadata is any
        """Return a value of a resource, None if there is none."""
        text = self.resources.get(name, {}).get(key)
        return None if text is None else decode(text)

    def text(self, name: str, key: str) -> str | None:
        """Return a value of a resource as text, None if there is none."""
        value = self.value(name, key)
        return None if value is None else str(value)

    @property
    def started(self) -> str:
        """Return when the run began, in ISO 8601."""
        return iso_moment(self.run.info.start_time)

    def place(self, name: str) -> Place:
        """Return where a resource lies."""
        return Place(name, self.run.info.run_id)


def iso_moment(milliseconds: int) -> str:
    """Return a time of MLflow's in ISO 8601. Raises LineageError for one that no calendar has."""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:  # whoever makes a run may say any time
        raise LineageError(
            f"{milliseconds} milliseconds since 1970 is a time that no calendar has; correct the "
            "run's start and end in MLflow, or delete the run"
        ) from error
    return moment.isoformat(timespec="milliseconds")


def read_record(run: Run, texts: Mapping[str, str]) -> RunRecord:
    """Return what the tags of a run say, given by the texts that name them."""
    names = _made(texts)
    resources: dict[str, dict[str, str]] = {name: {} for name in names}
    for text_name, text in texts.items():
        owner = max(
            (name for name in names if text_name.startswith(f"{name}.")), key=len, default=None
        )
        if owner is not None:
            resources[owner][text_name[len(owner) + 1 :]] = text
    return RunRecord(run, resources)


def record_of(run: Run) -> RunRecord:
    """Return what a run says as it was read."""
    tags = run.data.tags
    return read_record(run, {name: tags[key] for name, key in iter_texts(tags)})


def _made(texts: Mapping[str, str]) -> list[str]:
    end = f".{EXISTS}"
    marked = [
        name.removesuffix(end)
        for name, text in texts.items()
        if name.endswith(end) and text == MARK
    ]
    # Older trackers mark the list of datasets as if it were a resource.
    return [name for name in marked if not name.endswith(f".{VERSIONS}")]
