"""Save and list the runs of a rollout, and load their models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.rest.default_client import default_client
from penstock.rest.opening import opened
from penstock.rollout.experiments import (
    check_submodel,
    get_experiment,
    get_or_create_experiment,
    parse_full_version,
)
from penstock.rollout.loading import LoadedModel, load_models
from penstock.rollout.metadata import check_immutable, check_mutable, check_wanted
from penstock.rollout.runs import RolloutRuns, Selection, check_range, iter_selected
from penstock.rollout.saving import Sample, SavedRun, save_in_scope
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus, as_status
from penstock.rollout.store import find_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.models.flavour_choice import FlavourLike
    from penstock.rest import MlflowClient
    from penstock.rollout.experiments import ExperimentId, Version


def save_model(  # noqa: PLR0913, PLR0917 - the names of the document
    model: Any,  # noqa: ANN401 - models of all makers
    model_version: Version,
    mlflow_subpackage: FlavourLike | None = None,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    submodel_name: str | None = None,
    immutable_metadata: Mapping[str, object] | None = None,
    mutable_metadata: Mapping[str, object] | None = None,
    *,
    signature: Any = None,  # noqa: ANN401 - mlflow's own class, or what it says as a dictionary
    input_example: Any = None,  # noqa: ANN401 - whatever the model takes
    client: MlflowClient | None = None,
) -> SavedRun:
    """Save a model under a semantic version; its run is New.

    `mlflow_subpackage` is a module such as `mlflow.sklearn` or its name; without one it follows
    from the model's class. An experiment named by `experiment_name` is made if need be.
    `submodel_name` defaults to the experiment's name, and names the registered model. Immutable
    metadata become params, mutable ones tags. By a `signature`, or an `input_example` that it is
    read from, servers tell wrong rows from failures of the model.
    """
    version = parse_full_version(model_version)
    immutable, mutable = check_immutable(immutable_metadata), check_mutable(mutable_metadata)
    with opened(client) as server:
        experiment = get_or_create_experiment(server, experiment_id, experiment_name)
        name = check_submodel(submodel_name, experiment)
        return save_in_scope(
            server,
            Scope(experiment.experiment_id, name, version),
            model,
            flavour=mlflow_subpackage,
            sample=Sample(signature, input_example),
            immutable_metadata=immutable,
            mutable_metadata=mutable,
        )


def list_runs(  # noqa: PLR0913, PLR0917 - the names of the document
    model_version: Version | None = None,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    active_state: ModelStatus | str | int | None = None,
    submodel_name: str | None = None,
    extra_immutable_metadata: Mapping[str, object] | None = None,
    extra_mutable_metadata: Mapping[str, object] | None = None,
    *,
    client: MlflowClient | None = None,
) -> RolloutRuns:
    """Return the runs of a submodel, newest first, with status and fraction.

    `model_version` is a version or a range: `"1.4.2"`, `"1.4.*"`, `">=1.2,<2"`; by default all.
    """
    status = None if active_state is None else as_status(active_state, "active_state")
    immutable = check_wanted(extra_immutable_metadata, "extra_immutable_metadata")
    mutable = check_wanted(extra_mutable_metadata, "extra_mutable_metadata")
    versions = check_range(model_version)
    with opened(client) as server:
        experiment = get_experiment(server, experiment_id, experiment_name)
        name = check_submodel(submodel_name, experiment)
        number = experiment.experiment_id
        selection = Selection(number, name, versions, status, immutable, mutable)
        return RolloutRuns(iter_selected(server, selection, find_store(server).read_all(number)))


def list_models(  # noqa: PLR0913, PLR0917 - the names of the document
    model_version: Version | None = None,
    experiment_id: ExperimentId | None = None,
    experiment_name: str | None = None,
    active_state: ModelStatus | str | int | None = None,
    submodel_name: str | None = None,
    extra_immutable_metadata: Mapping[str, object] | None = None,
    extra_mutable_metadata: Mapping[str, object] | None = None,
    *,
    client: MlflowClient | None = None,
) -> list[LoadedModel]:
    """Return the models of those runs, loaded, each as its own library has it.

    The last ones used stay loaded as long as the `client` that was handed in; else as long as the
    settings stay what they are. A model may be a pickle, which runs code: load only what you trust.
    """
    server = client or default_client()
    runs = list_runs(
        model_version,
        experiment_id,
        experiment_name,
        active_state,
        submodel_name,
        extra_immutable_metadata,
        extra_mutable_metadata,
        client=server,
    )
    return load_models(server, runs)
