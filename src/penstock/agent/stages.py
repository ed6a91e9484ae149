"""Which versions are at a stage.

MLflow has deprecated stages. Rollouts write them all the same, and beside them aliases, which
answer for a stage that no version has: `active` for Production, `canary` for Staging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from penstock.errors import MlflowException

if TYPE_CHECKING:
    from penstock.rest import MlflowClient

STAGES: Final = (None, "None", "Staging", "Production", "Archived")
ALIASES: Final = {"Production": "active", "Staging": "canary"}


def check_stage(stage: object) -> None:
    """Raise ValueError unless a stage is one of MLflow's, or None for any."""
    if stage not in STAGES:
        raise ValueError(f"The model stage should be in {list(STAGES)}, not {stage!r}")


def find_versions_at(client: MlflowClient, name: str, stage: str | None) -> list[int]:
    """Return the numbers of the versions of a model at a stage, or of all without one."""
    # MLflow's filter of a name has no escape; each version is looked at again.
    quote = '"' if "'" in name else "'"
    versions = [
        version
        for version in client.iter_model_versions(f"name={quote}{name}{quote}")
        if version.name == name
    ]
    if stage is None:
        return [int(version.version) for version in versions]
    at_stage = [int(version.version) for version in versions if version.current_stage == stage]
    return at_stage or _aliased(client, name, stage)


def not_registered(name: str, stage: str | None) -> str:
    """Return the message for a model without a version at a stage."""
    return (
        f"model '{name}' is not registered"
        if stage is None
        else f"model '{name}' with stage: {stage} is not registered"
    )


def _aliased(client: MlflowClient, name: str, stage: str) -> list[int]:
    alias = ALIASES.get(stage)
    if alias is None:
        return []
    try:
        return [int(client.get_model_version_by_alias(name, alias).version)]
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return []
        raise
