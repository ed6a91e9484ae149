"""The models of a rollout, loaded."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from penstock.models import ModelManager

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


_MANAGERS: WeakKeyDictionary[MlflowClient, ModelManager] = WeakKeyDictionary()
_LOCK = Lock()


def load_models(client: MlflowClient, runs: list[RolloutRun]) -> list[LoadedModel]:
    """Load the models of runs, each once for a client, and downloaded once to this machine.

    Raises ModelUnavailable, which says what each source said, for one that cannot be loaded.
    """
    with _LOCK:
        if client not in _MANAGERS:
            _MANAGERS[client] = ModelManager(client=client)
        loader = _MANAGERS[client].loader
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
