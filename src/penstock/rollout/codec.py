"""The plan as text: one experiment tag holds one plan. Pure.

The tag's name is `penstock.plan.` and the scope's key; the names stand in the document.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from penstock.errors import InvalidRollout, UnreadablePlan
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import parse_version

PREFIX: Final = "penstock.plan."
FORMAT: Final = 1
MAX_CHARACTERS: Final = 20_000
"""What MLflow 3 takes for the value of an experiment's tag; servers of version 2 take 5,000."""


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
        document = json.loads(text)
        plan = _plan(document, experiment_id)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
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


def read_plans(experiment_id: str, tags: Mapping[str, str]) -> PlanList:
    """Return all plans of an experiment from its tags, and why a tag holds none."""
    plans, unreadable = [], {}
    for tag, text in tags.items():
        if tag.startswith(PREFIX):
            try:
                plans.append(decode(text, experiment_id, tag=tag))
            except UnreadablePlan as error:
                unreadable[tag.removeprefix(PREFIX)] = str(error)
    return PlanList(plans, unreadable)


def read_plan(scope: Scope, tags: Mapping[str, str]) -> Plan:
    """Return the plan of a scope from its experiment's tags; an empty one if there is none."""
    tag = plan_tag(scope)
    return decode(tags[tag], scope.experiment_id, tag=tag) if tag in tags else Plan(scope)


def _ids(plan: Plan, status: ModelStatus) -> list[str]:
    return [run_id for run_id, found in plan.not_live.items() if found is status]


def _plan(document: Mapping[str, Any], experiment_id: str) -> Plan:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']!r} is of a later Penstock")
    scope = Scope(experiment_id, str(document["submodel"]), parse_version(document["version"]))
    active = {
        run_id: LiveRun(ModelStatus.Active, float(fraction))
        for run_id, fraction in document.get("active", {}).items()
    }
    canaries = {run_id: LiveRun(ModelStatus.Canary) for run_id in document.get("canary", [])}
    off = {
        run_id: status
        for status in (ModelStatus.New, ModelStatus.Disabled)
        for run_id in document.get(status.name.lower(), [])
    }
    return Plan(
        scope,
        int(document["revision"]),
        active | canaries,
        updated_at=document.get("at"),
        updated_by=document.get("by"),
        not_live=off,
    )
