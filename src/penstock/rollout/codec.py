"""The plan as text: one experiment tag holds one plan. Pure.

The tag's name is `penstock.plan.` and the scope's key; the names stand in the document.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from penstock.errors import InvalidRollout, UnreadablePlan
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import parse_version

PREFIX: Final = "penstock.plan."
FORMAT: Final = 1
MAX_CHARACTERS: Final = 20_000
"""What MLflow 3 takes for the value of an experiment's tag; servers of version 2 take 5,000."""
LARGEST: Final = 2**53
"""The largest whole number that every reader of JSON takes for what it is."""

Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]


class Document(msgspec.Struct, frozen=True):
    """What a tag holds: who and what is live by id, and what this change turned off."""

    format: int
    revision: Count
    submodel: str
    version: str
    at: Count | None = None
    by: str | None = None
    active: dict[str, float] = {}
    canary: list[str] = []
    new: list[str] = []
    disabled: list[str] = []


def plan_tag(scope: Scope) -> str:
    """Return the name of the experiment tag that holds the scope's plan."""
    return PREFIX + scope.key


def encode(plan: Plan, *, max_characters: int = MAX_CHARACTERS) -> str:
    """Return the tag's value. Raises InvalidRollout for a plan that would not fit."""
    document = {
        "format": FORMAT,
        "revision": plan.revision,
        "at": plan.updated_at,
        "by": plan.updated_by,
        "submodel": plan.submodel_name,
        "version": str(plan.version),
        "active": plan.active,
        "canary": plan.canaries,
        "new": _ids(plan, ModelStatus.New),
        "disabled": _ids(plan, ModelStatus.Disabled),
    }
    kept = {name: value for name, value in document.items() if value not in ({}, [], None)}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    if len(text) > max_characters:
        raise InvalidRollout(
            f"the plan of {plan.scope} has {len(plan.runs)} live runs and would take {len(text)} "
            f"characters; an experiment's tag holds {max_characters}: disable some runs"
        )
    return text


def decode(text: str, experiment_id: str, *, tag: str) -> Plan:
    """Return the plan that a tag's value holds. Raises UnreadablePlan that names the tag."""
    try:
        plan = _plan(msgspec.json.decode(text, type=Document), experiment_id)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise UnreadablePlan(
            f"experiment {experiment_id}, tag '{tag}': no plan ({error}); it was not written by "
            "Penstock: delete the tag, then set the rollout anew"
        ) from error
    if plan_tag(plan.scope) != tag:
        raise UnreadablePlan(
            f"experiment {experiment_id}, tag '{tag}': the plan of {plan.scope}, which belongs "
            f"into '{plan_tag(plan.scope)}'"
        )
    return plan


def read_plans(experiment_id: str, tags: Mapping[str, str]) -> list[Plan]:
    """Return all plans of an experiment, by submodel and version, from its tags."""
    plans = [
        decode(text, experiment_id, tag=tag) for tag, text in tags.items() if tag.startswith(PREFIX)
    ]
    return sorted(plans, key=lambda plan: (plan.submodel_name, plan.version))


def read_plan(scope: Scope, tags: Mapping[str, str]) -> Plan:
    """Return the plan of a scope from its experiment's tags; an empty one if there is none."""
    tag = plan_tag(scope)
    return decode(tags[tag], scope.experiment_id, tag=tag) if tag in tags else Plan(scope)


def _ids(plan: Plan, status: ModelStatus) -> list[str]:
    return [run_id for run_id, found in plan.not_live.items() if found is status]


def _plan(document: Document, experiment_id: str) -> Plan:
    if document.format != FORMAT:
        raise ValueError(f"format {document.format} is of a later Penstock")
    active = {
        run_id: LiveRun(ModelStatus.Active, fraction)
        for run_id, fraction in document.active.items()
    }
    canaries = {run_id: LiveRun(ModelStatus.Canary) for run_id in document.canary}
    if not active.keys().isdisjoint(canaries):
        raise ValueError("a run is Active and Canary at once")
    new = dict.fromkeys(document.new, ModelStatus.New)
    return Plan(
        Scope(experiment_id, document.submodel, parse_version(document.version)),
        document.revision,
        active | canaries,
        updated_at=document.at,
        updated_by=document.by,
        not_live=new | dict.fromkeys(document.disabled, ModelStatus.Disabled),
    )
