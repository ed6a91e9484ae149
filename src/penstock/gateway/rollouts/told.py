"""What an experiment's tag tells beside the newest row of a plan. Pure."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

from penstock.errors import UnreadablePlan
from penstock.gateway.db.rollouts import Revision, State
from penstock.rollout.codec import decode, plan_tag
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope

MOST_REVISION: Final = 2**53
"""Numbers beyond it are not told apart by all who read JSON."""

MOST_ADOPTED: Final = 2**52
"""Whoever wrote a higher one did so by hand; a row of it would leave no room for what follows."""

MOST_SUBMODEL: Final = 500
MOST_ACTOR: Final = 255

_LOST = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, which no path holds, and halves of characters, which no database takes."""


class Told(Enum):
    """How a tag that is not newer stands to its row."""

    THE_SAME = "the same"
    SOMETHING_ELSE = "something else"


def read_told(scope: Scope, tags: Mapping[str, str], row: Revision | None) -> Revision | Told:
    """Return what the tag says beside the row; the plan itself, as a row, if it is newer.

    Raises UnreadablePlan for a tag that holds none, where no row says what should be there.
    """
    tag = plan_tag(scope)
    text = tags.get(tag)
    if text == (None if row is None else row.document):
        return Told.THE_SAME
    if text is None:
        return Told.SOMETHING_ELSE
    try:
        plan = decode(text, scope.experiment_id, tag=tag)
        _check(plan, tag)
    except UnreadablePlan:
        if row is None:
            raise
        return Told.SOMETHING_ELSE
    if row is not None and plan.revision <= row.revision:
        return Told.SOMETHING_ELSE
    return Revision(scope, plan.revision, _actor(plan), plan.updated_at or 0, text, State.WRITTEN)


def is_submodel(name: str) -> bool:
    """Tell whether a plan's address can hold the name: `.` and `..` are lost on the way."""
    return 0 < len(name) <= MOST_SUBMODEL and name not in {".", ".."} and not _LOST.search(name)


def _check(plan: Plan, tag: str) -> None:
    if not 0 < plan.revision <= MOST_ADOPTED or not is_submodel(plan.submodel_name):
        raise UnreadablePlan(
            f"experiment {plan.experiment_id}, tag '{tag}': revision {plan.revision} of "
            f"{plan.scope} is none that a gateway writes; delete the tag in MLflow itself"
        )


def _actor(plan: Plan) -> str:
    return _LOST.sub("\N{REPLACEMENT CHARACTER}", plan.updated_by or "")[:MOST_ACTOR]
