"""The searches whose rows are experiments, registered models, or versions of such. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.proxy.search.order import Field
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets.model_name import registered_model


@dataclass(frozen=True, slots=True)
class Listing:
    """One search: where MLflow answers it, where the rows stand, and how they are sorted."""

    path: str
    by_query: bool
    rows: str
    kind: Kind
    resource: Callable[[Mapping[str, Any]], Resource]
    fields: Mapping[str, Field]
    default_order: tuple[Field, ...]
    ties: tuple[Field, ...]
    default_size: int
    most: int


def _experiment(row: Mapping[str, Any]) -> Resource:
    return Resource(Kind.EXPERIMENT, str(row["name"]), str(row["experiment_id"]))


def _model(row: Mapping[str, Any]) -> Resource:
    return registered_model(str(row["name"]))


_NAME: Final = Field("name")
_UPDATED: Final = Field("last_updated_timestamp", is_number=True)

LISTINGS: Final = {
    Search.EXPERIMENTS: Listing(
        path="/api/2.0/mlflow/experiments/search",
        by_query=False,
        rows="experiments",
        kind=Kind.EXPERIMENT,
        resource=_experiment,
        fields={
            "name": _NAME,
            "experiment_id": Field("experiment_id", is_number=True),
            "creation_time": Field("creation_time", is_number=True),
            "last_update_time": Field("last_update_time", is_number=True),
        },
        default_order=(
            Field("creation_time", ascends=False, is_number=True),
            Field("experiment_id", is_number=True),
        ),
        ties=(Field("experiment_id", ascends=False, is_number=True),),
        default_size=1000,
        most=50_000,
    ),
    Search.REGISTERED_MODELS: Listing(
        path="/api/2.0/mlflow/registered-models/search",
        by_query=True,
        rows="registered_models",
        kind=Kind.REGISTERED_MODEL,
        resource=_model,
        fields={"name": _NAME, "timestamp": _UPDATED, "last_updated_timestamp": _UPDATED},
        default_order=(),
        ties=(_NAME,),
        default_size=100,
        most=1000,
    ),
    Search.MODEL_VERSIONS: Listing(
        path="/api/2.0/mlflow/model-versions/search",
        by_query=True,
        rows="model_versions",
        kind=Kind.REGISTERED_MODEL,
        resource=_model,
        fields={
            "name": _NAME,
            "version_number": Field("version", is_number=True),
            "creation_timestamp": Field("creation_timestamp", is_number=True),
            "last_updated_timestamp": _UPDATED,
        },
        default_order=(Field("last_updated_timestamp", ascends=False, is_number=True),),
        ties=(_NAME, Field("version", ascends=False, is_number=True)),
        default_size=10_000,
        most=200_000,
    ),
}
