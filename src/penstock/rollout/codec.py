"""The plan as text: one experiment tag holds one plan. Pure.

The tag's name is `penstock.plan.` and the scope's key; the names stand in the document.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from penstock.errors import InvalidRollout, UnreadablePlan
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.run_ids import is_run_id
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import parse_version

PREFIX: Final = "penstock.plan."
FORMAT: Final = 1
MAX_CHARACTERS: Final = 20_000
"""What MLflow 3 takes for the value of an experiment's tag; servers of version 2 take 5,000."""
LARGEST: Final = 2**53
"""The largest whole number that every reader of JSON takes for what it is."""

_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters: JSON can spell them, and no other text holds them."""

_CANARY = LiveRun(ModelStatus.Canary)


def plan_tag(scope: Scope) -> str:
    """Return the name of the experiment tag that holds the scope's plan."""
    return PREFIX + scope.key


def encode(plan: Plan, *, max_characters: int = MAX_CHARACTERS) -> str:
    """Return the tag's value, without the note where it would not fit.

    Raises InvalidRollout for a plan that would not fit even so, or not count.
    """
    if plan.revision > LARGEST:
        raise InvalidRollout(
            f"the plan of {plan.scope} cannot be changed: nothing follows its revision "
            f"{plan.revision - 1}, which somebody has written by hand; delete the tag "
            f"'{plan_tag(plan.scope)}' of the experiment, then set the rollout anew"
        )
    document = {
        "format": FORMAT,
        "revision": plan.revision,
        "at": plan.updated_at,
        "by": plan.updated_by,
        "note": plan.note,
        "submodel": plan.submodel_name,
        "version": str(plan.version),
        "active": plan.active,
        "canary": plan.canaries,
        "new": _ids(plan, ModelStatus.New),
        "disabled": _ids(plan, ModelStatus.Disabled),
    }
    kept = {name: value for name, value in document.items() if value not in ({}, [], None)}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    if len(text) > max_characters and plan.note is not None:
        return encode(replace(plan, note=None), max_characters=max_characters)
    if len(text) > max_characters:
        raise InvalidRollout(
            f"the plan of {plan.scope} has {len(plan.runs)} live runs and would take {len(text)} "
            f"characters; an experiment's tag holds {max_characters}: disable some runs"
        )
    return text


def decode(text: str, experiment_id: str, *, tag: str) -> Plan:
    """Return the plan that a tag's value holds. Raises UnreadablePlan that names the tag."""
    try:
        plan = _plan(_checked(json.loads(text), dict, "the document"), experiment_id)
    except (ValueError, OverflowError, KeyError, RecursionError) as error:
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
    submodel: str = _checked(document["submodel"], str, "submodel")
    if _HALVES.search(submodel):
        raise ValueError(f"submodel must not be {submodel!r:.50}")
    active, canaries = _active(document), dict.fromkeys(_list(document, "canary"), _CANARY)
    if not active.keys().isdisjoint(canaries):
        raise ValueError("a run is Active and Canary at once")
    new = dict.fromkeys(_list(document, "new"), ModelStatus.New)
    return Plan(
        Scope(experiment_id, submodel, parse_version(document["version"])),
        _count(document["revision"], "revision"),
        active | canaries,
        updated_at=_count(document["at"], "at") if "at" in document else None,
        updated_by=_text(document, "by"),
        not_live=new | dict.fromkeys(_list(document, "disabled"), ModelStatus.Disabled),
        note=_text(document, "note"),
    )


def _active(document: Mapping[str, Any]) -> dict[str, LiveRun]:
    fractions = _checked(document.get("active", {}), dict, "active")
    return {
        _id(run_id): LiveRun(ModelStatus.Active, float(_checked(fraction, int | float, run_id)))
        for run_id, fraction in fractions.items()
    }


def _list(document: Mapping[str, Any], name: str) -> list[str]:
    return [_id(run_id) for run_id in _checked(document.get(name, []), list, name)]


def _id(value: object) -> str:
    if not is_run_id(value):
        raise ValueError(f"{value!r:.50} is no id of a run")
    return value


def _text(document: Mapping[str, Any], name: str) -> str | None:
    """Return who wrote a plan, or why; a plan holds, whatever is claimed of it."""
    if name not in document:
        return None
    text: str = _checked(document[name], str, name)
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def _count(value: object, name: str) -> int:
    number: int = _checked(value, int, name)
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{name} must be from 0 to {LARGEST}, not {number}")
    return number


def _checked(value: object, kind: Any, name: str) -> Any:  # noqa: ANN401 - what the kind says
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name} must not be {value!r:.50}")  # noqa: TRY004 - all are told as one
    return value
