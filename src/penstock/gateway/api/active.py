"""Experiments and runs as `/v1` sees them: what is deleted, and may be restored, is not there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from penstock.errors import UpstreamError
from penstock.gateway.api.mlflow_errand import V2, Errand
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.targets.directory import is_experiment_id
from penstock.gateway.unknown import unknown


async def get_experiment(errand: Errand, experiment_id: str) -> Mapping[str, Any]:
    """Return MLflow's experiment. Raises RequestRefused (404) for none, and for a deleted one."""
    nowhere = unknown(Reference(Named.EXPERIMENT, experiment_id, Level.READ))
    if not is_experiment_id(experiment_id):
        raise nowhere
    answer = await errand.get(f"{V2}/experiments/get", {"experiment_id": experiment_id})
    experiment = member(answer, "experiment")
    if experiment.get("lifecycle_stage") == "deleted":
        raise nowhere
    return experiment


async def get_run(
    errand: Errand, run_id: str, *, experiment_id: str | None = None
) -> Mapping[str, Any]:
    """Return MLflow's run, with `info` and `data`.

    Raises RequestRefused (404) for none, for a deleted one, and for one of another experiment
    than `experiment_id`.
    """
    run = member(await errand.get(f"{V2}/runs/get", {"run_id": run_id}), "run")
    info = member(run, "info")
    is_elsewhere = experiment_id not in {None, info.get("experiment_id")}
    if is_elsewhere or info.get("lifecycle_stage") == "deleted":
        raise unknown(Reference(Named.RUN, run_id, Level.READ))
    return run


@contextmanager
def understanding() -> Iterator[None]:
    """Raise UpstreamError where the block finds that an answer of MLflow's has another form."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UpstreamError("MLflow's answer has another form than expected") from error


def member(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object inside an answer. Raises UpstreamError where there is none."""
    found = answer.get(name)
    if not isinstance(found, dict):
        raise UpstreamError(f"MLflow's answer has no {name}")
    return found


def pairs(entity: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return tags or parameters, which MLflow lists as keys and values."""
    return {str(one["key"]): str(one.get("value", "")) for one in entity.get(name, ())}
