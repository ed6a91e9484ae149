"""The revisions of all plans, in the gateway's database. Each method is one transaction."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from penstock.gateway.db import rollouts
from penstock.gateway.db.audit import add_record
from penstock.gateway.db.audit_record import Record
from penstock.gateway.db.database import Database
from penstock.gateway.db.rollouts import UNDECIDED, Revision, State
from penstock.rollout.gateway_store import path_of
from penstock.rollout.scope import Scope

ADOPTION = "adopt rollout"
"""What the audit calls a plan that was written past the gateway, and now is in its history."""


class Ledger:
    """Knows which revision of a plan is the newest. All raise DatabaseUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: Revision) -> None:
        """Add a revision. Raises PlanConflict where somebody else was first."""
        with self._database.writing() as connection:
            rollouts.add_revision(connection, row)

    def adopt(self, row: Revision) -> None:
        """Add a revision that MLflow has already, and tell the audit. Raises PlanConflict."""
        record = Record(
            at=datetime.now(UTC),
            actor=row.actor,
            action=ADOPTION,
            target=path_of(row.scope),
            result="200",
            detail=json.dumps({"revision": row.revision}),
        )
        with self._database.writing() as connection:
            rollouts.add_revision(connection, row)
            add_record(connection, record.fitting())

    def open(self, row: Revision) -> None:
        """Let everybody go on with a revision, so that its writer cannot take it back any more."""
        self._set(row, State.OPEN, after=[State.PENDING])

    def mark_written(self, row: Revision) -> None:
        """Note that MLflow has the plan."""
        self._set(row, State.WRITTEN, after=UNDECIDED)

    def mark_settled(self, row: Revision) -> None:
        """Note that the mirrors say what the plan says."""
        self._set(row, State.SETTLED, after=[State.WRITTEN])

    def take_back(self, row: Revision, *, states: Iterable[State] = (State.PENDING,)) -> bool:
        """Delete a revision that MLflow does not have; tell whether it was there to delete."""
        with self._database.writing() as connection:
            return rollouts.take_back(connection, row, states=states)

    def newest(self, scope: Scope) -> Revision | None:
        """Return the newest revision of a scope, decided or not."""
        with self._database.reading() as connection:
            return rollouts.find_newest(connection, scope)

    def at(self, scope: Scope, moment: int) -> Revision | None:
        """Return the newest revision at a moment, in milliseconds since 1970."""
        with self._database.reading() as connection:
            return rollouts.find_newest(connection, scope, until=moment)

    def find(self, scope: Scope, revision: int) -> Revision | None:
        """Return one revision of a scope."""
        with self._database.reading() as connection:
            return rollouts.find_revision(connection, scope, revision)

    def newest_of_all(self, experiment_id: str) -> list[Revision]:
        """Return the newest revision of each scope of an experiment."""
        with self._database.reading() as connection:
            return rollouts.list_newest(connection, experiment_id)

    def history(self, scope: Scope, *, before: int | None, limit: int) -> list[Revision]:
        """Return revisions of a scope, the newest first."""
        with self._database.reading() as connection:
            return rollouts.list_revisions(connection, scope, before=before, limit=limit)

    def _set(self, row: Revision, state: State, *, after: Iterable[State]) -> None:
        with self._database.writing() as connection:
            rollouts.set_state(connection, row, state, after=after)
