"""Resources: what a pipeline makes, each an id and the run that holds what is known of it. Pure."""

from pathlib import PurePosixPath
from typing import Final, NamedTuple, TypeAlias

from penstock.errors import LineageError
from penstock.rest.entities import Run

Resource: TypeAlias = tuple[str, Run]
"""A resource id and its run."""

EXPERIMENT: Final = "experiment"
PREDICTION_JOB: Final = "prediction_job"
MODEL_VERSION: Final = "model_version"
DATASET_VERSION: Final = "dataset_version"
"""Types that callers pass; any other text is one too."""

_PREDICTIONS: Final = "_predictions"


class Place(NamedTuple):
    """Where what is known of a resource lies: its id in tags, and its run."""

    resource_id: str
    run_id: str

    def name(self, key: object) -> str:
        """Return the text that names one of its tags. Raises LineageError for what is no key."""
        if not isinstance(key, str) or not key:
            raise LineageError(f"metadata need a key that is a text and not empty, not {key!r}")
        return f"{self.resource_id}.{key}"


def place_of(resource: Resource) -> Place:
    """Return where a resource lies. Raises LineageError if it is none."""
    return Place(resource_id(resource), run_of(resource).info.run_id)


def resource_id(resource: object) -> str:
    """Return the id of a resource, or of an id; a path gives its stem with `_` for each dot."""
    given = resource if isinstance(resource, str) else _part(resource, 0)
    if not isinstance(given, str) or not given:
        raise LineageError(f"a resource id must be a text that is not empty, not {given!r}")
    if "/" not in given:
        return given
    return PurePosixPath(given).stem.replace(".", "_") or given


def run_of(resource: object) -> Run:
    """Return the run of a resource: ours, or one of MLflow's own."""
    run = _part(resource, 1)
    if not hasattr(getattr(run, "info", None), "run_id"):
        raise LineageError(
            f"a resource is a pair (id, run), as create_resource and get_resource return it, not "
            f"{type(resource).__name__} {str(resource)[:80]!r}"
        )
    return run  # type: ignore[return-value] # one of MLflow's has the same attributes


def experiment_id(run_id: str, parent_id: str) -> str:
    """Return the id of an experiment that runs below a resource."""
    return f"{run_id}.{parent_id}"


def split_experiment_id(text: str) -> tuple[str, str]:
    """Return run id and parent id. Raises LineageError if the text is no such id."""
    run_id, dot, parent_id = text.partition(".")
    if not (run_id and dot and parent_id):
        raise LineageError(
            f"'{text}' is no id of an experiment: those are '<run id>.<id of the parent>'"
        )
    return run_id, parent_id


def find_parent_id(resource: Resource | str, kind: str | None) -> str | None:
    """Return the id of what an experiment belongs to; None for what is no experiment."""
    name = resource_id(resource)
    if kind == EXPERIMENT:
        return split_experiment_id(name)[1]
    if kind is None and not isinstance(resource, str):
        begin = experiment_id(run_of(resource).info.run_id, "")
        return name[len(begin) :] if name.startswith(begin) else None
    return None


def prediction_id(model_id: str) -> str:
    """Return the id of a model's prediction job."""
    return f"{model_id}{_PREDICTIONS}"


def model_id_of(job_id: str) -> str:
    """Return the id of the model that a prediction job belongs to."""
    return job_id.removesuffix(_PREDICTIONS) or job_id


def is_prediction_id(text: str) -> bool:
    """Tell whether an id is that of a prediction job."""
    return text.endswith(_PREDICTIONS) and text != _PREDICTIONS


def registered_name(model_id: str) -> str:
    """Return the name under which a model is registered."""
    return f"{model_id}_reg"


def _part(resource: object, index: int) -> object:
    if isinstance(resource, tuple | list) and len(resource) == 2:  # noqa: PLR2004 - a pair
        return resource[index]
    raise LineageError(
        f"a resource is a pair (id, run), as create_resource and get_resource return it, not "
        f"{type(resource).__name__} {str(resource)[:80]!r}"
    )
