"""The models of a rollout, loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.models.client_manager import manager_of

if TYPE_CHECKING:
    from penstock.rest import MlflowClient
    from penstock.rollout.runs import RolloutRun
    from penstock.rollout.status import ModelStatus
    from penstock.semver import SemVer


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model of a rollout, loaded as its own library has it."""

    run_id: str
    version: SemVer
    status: ModelStatus
    fraction: float
    model: Any


def load_models(client: MlflowClient, runs: list[RolloutRun]) -> list[LoadedModel]:
    """Load the models of runs, each once for a client, and downloaded once to this machine.

    Raises ModelUnavailable, which says what each source said, for one that cannot be loaded.
    """
    loader = manager_of(client).loader
    return [
        LoadedModel(
            run.run_id,
            run.version,
            run.status,
            run.fraction,
            loader.load(run.model_uri, flavour="native").model,
        )
        for run in runs
    ]
