"""Save a model as a run of a rollout: uploaded, registered, and New."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from penstock.errors import PenstockError
from penstock.models import register_version, upload_saved_model
from penstock.models import save_model as save_to_folder
from penstock.rest.entities import Param
from penstock.rollout.filters import VERSION_PARAMS
from penstock.rollout.model_names import encode_model_name
from penstock.rollout.runs import MODEL_FOLDER
from penstock.rollout.store import find_store
from penstock.uris import RunsUri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from penstock.models import RegisteredVersion
    from penstock.models.flavour_choice import FlavourLike
    from penstock.rest import MlflowClient
    from penstock.rollout.scope import Scope
    from penstock.semver import SemVer


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A model that was saved; `registered_version` is the number in MLflow's registry."""

    run_id: str
    experiment_id: str
    submodel_name: str
    version: SemVer
    model_uri: str
    registered_version: RegisteredVersion


class Sample(NamedTuple):
    """What a model takes and returns: MLflow's signature, or an input to read it from."""

    signature: Any = None
    input_example: Any = None


def save_in_scope(  # noqa: PLR0913 - what is saved
    client: MlflowClient,
    scope: Scope,
    model: Any,  # noqa: ANN401 - models of all makers
    *,
    flavour: FlavourLike | None,
    sample: Sample,
    immutable_metadata: Mapping[str, str],
    mutable_metadata: Mapping[str, str],
) -> SavedRun:
    """Save a model as a new run of a scope.

    The run takes part in the rollout, as New, when all of it is there, and then is FINISHED. What
    fails before leaves a FAILED run that no rollout sees.
    """
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        folder = Path(place, MODEL_FOLDER)
        save_to_folder(model, folder, flavour=flavour, **sample._asdict())
        with _new_run(client, scope, mutable_metadata) as run_id:
            client.log_batch(run_id, (), _params(scope, immutable_metadata), (), synchronous=True)
            uploaded = upload_saved_model(client, run_id, folder, name=MODEL_FOLDER)
            name = encode_model_name(scope.submodel_name)
            registered = register_version(client, name, source=uploaded.model_uri, run_id=run_id)
            find_store(client).declare_new(scope, run_id)
    return SavedRun(
        run_id,
        scope.experiment_id,
        scope.submodel_name,
        scope.version,
        str(RunsUri(run_id, MODEL_FOLDER)),
        registered,
    )


def _params(scope: Scope, metadata: Mapping[str, str]) -> list[Param]:
    version = scope.version
    numbers = (version.major, version.minor, version.micro)
    values = (scope.submodel_name, *map(str, numbers))
    own = zip(VERSION_PARAMS, values, strict=True)
    return [Param(key, value) for key, value in (*own, *metadata.items())]


@contextmanager
def _new_run(client: MlflowClient, scope: Scope, tags: Mapping[str, str]) -> Iterator[str]:
    """Make a run that is FINISHED at the end of the block, or FAILED where it raises."""
    run_id = client.create_run(scope.experiment_id, tags=dict(tags)).info.run_id
    try:
        yield run_id
    except BaseException as error:
        _fail(client, run_id, error)
        raise
    client.set_terminated(run_id)


def _fail(client: MlflowClient, run_id: str, error: BaseException) -> None:
    """End a run as FAILED; where that fails too, the error says so."""
    try:
        client.set_terminated(run_id, "FAILED")
    except PenstockError as second:
        error.add_note(f"run {run_id} stays RUNNING: {second}")
