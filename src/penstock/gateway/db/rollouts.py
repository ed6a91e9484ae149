"""Rows of the table `rollout_plans`. Never commits: the caller's transaction does."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.errors import PlanConflict
from penstock.gateway.db.tables import rollout_plans
from penstock.rollout.codec import decode, encode, plan_tag
from penstock.rollout.plans import Plan
from penstock.rollout.scope import Scope
from penstock.semver import parse_version


class State(StrEnum):
    """How far the writing of a revision has come.

    PENDING: its writer is about to write the tag in MLflow. OPEN: whoever comes does, for the
    writer cannot say whether the tag is there. WRITTEN: it is there. SETTLED: its mirrors are, too.
    """

    PENDING = "pending"
    OPEN = "open"
    WRITTEN = "written"
    SETTLED = "settled"


UNDECIDED = (State.PENDING, State.OPEN)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a plan; `at` in milliseconds since 1970, `document` as in the tag."""

    scope: Scope
    revision: int
    actor: str
    at: int
    document: str
    state: State

    @property
    def plan(self) -> Plan:
        """The plan that the document holds. Raises UnreadablePlan."""
        return decode(self.document, self.scope.experiment_id, tag=plan_tag(self.scope))

    @property
    def is_decided(self) -> bool:
        """Whether the plan holds for good."""
        return self.state not in UNDECIDED


def first_of(plan: Plan) -> Revision:
    """Return the row of a plan that is about to be written. Raises InvalidRollout if too long."""
    return Revision(
        plan.scope,
        plan.revision,
        plan.updated_by or "",
        plan.updated_at or 0,
        encode(plan),
        State.PENDING,
    )


def add_revision(connection: Connection, row: Revision) -> None:
    """Insert a row. Raises PlanConflict if there is one of its number; undo the transaction."""
    values = {
        "experiment_id": row.scope.experiment_id,
        "key": row.scope.key,
        "revision": row.revision,
        "submodel": row.scope.submodel_name,
        "version": str(row.scope.version),
        "actor": row.actor,
        "at": row.at,
        "document": row.document,
        "state": row.state.value,
    }
    try:
        connection.execute(insert(rollout_plans).values(values))
    except IntegrityError as error:
        raise PlanConflict(
            f"revision {row.revision} of {row.scope} is somebody else's; "
            "look at the plan, and try again"
        ) from error


def find_newest(
    connection: Connection, scope: Scope, *, until: int | None = None
) -> Revision | None:
    """Return the newest row of a scope; or the newest one at a moment, of those that hold."""
    condition = _is_of(scope)
    if until is not None:
        is_decided = rollout_plans.c.state.not_in([state.value for state in UNDECIDED])
        condition = and_(condition, rollout_plans.c.at <= until, is_decided)
    return _find(connection, condition)


def find_revision(connection: Connection, scope: Scope, revision: int) -> Revision | None:
    """Return the row of one revision."""
    return _find(connection, and_(_is_of(scope), rollout_plans.c.revision == revision))


def list_newest(connection: Connection, experiment_id: str) -> list[Revision]:
    """Return the newest row of each scope of an experiment."""
    newest = (
        select(rollout_plans.c.key, func.max(rollout_plans.c.revision).label("revision"))
        .where(rollout_plans.c.experiment_id == experiment_id)
        .group_by(rollout_plans.c.key)
        .subquery()
    )
    is_newest = and_(
        rollout_plans.c.experiment_id == experiment_id,
        rollout_plans.c.key == newest.c.key,
        rollout_plans.c.revision == newest.c.revision,
    )
    return [_row(one) for one in connection.execute(select(rollout_plans).where(is_newest))]


def list_revisions(
    connection: Connection, scope: Scope, *, before: int | None, limit: int
) -> list[Revision]:
    """Return rows of a scope, the newest first."""
    condition = _is_of(scope)
    if before is not None:
        condition = and_(condition, rollout_plans.c.revision < before)
    found = select(rollout_plans).where(condition).order_by(rollout_plans.c.revision.desc())
    return [_row(one) for one in connection.execute(found.limit(limit))]


def set_state(
    connection: Connection, row: Revision, state: State, *, after: Iterable[State]
) -> None:
    """Let a row have a state, where it has one of those that come before."""
    connection.execute(update(rollout_plans).where(_is(row, after)).values(state=state.value))


def take_back(connection: Connection, row: Revision, *, states: Iterable[State]) -> bool:
    """Delete a row, where it has one of these states; tell whether it did."""
    return connection.execute(delete(rollout_plans).where(_is(row, states))).rowcount > 0


def _is_of(scope: Scope) -> ColumnElement[bool]:
    return and_(
        rollout_plans.c.experiment_id == scope.experiment_id, rollout_plans.c.key == scope.key
    )


def _is(row: Revision, states: Iterable[State]) -> ColumnElement[bool]:
    # With the document: one that was taken back may have been followed by another's.
    return and_(
        _is_of(row.scope),
        rollout_plans.c.revision == row.revision,
        rollout_plans.c.document == row.document,
        rollout_plans.c.state.in_([state.value for state in states]),
    )


def _find(connection: Connection, condition: ColumnElement[bool]) -> Revision | None:
    newest_first = select(rollout_plans).where(condition).order_by(rollout_plans.c.revision.desc())
    found = connection.execute(newest_first.limit(1)).one_or_none()
    return None if found is None else _row(found)


def _row(row: Row[Any]) -> Revision:
    scope = Scope(row.experiment_id, row.submodel, parse_version(row.version))
    return Revision(scope, row.revision, row.actor, row.at, row.document, State(row.state))
