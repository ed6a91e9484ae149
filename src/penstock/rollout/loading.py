"""The models of a rollout, loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
