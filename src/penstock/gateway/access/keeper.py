"""Keep the grants in step with what happens to resources."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from penstock.gateway.db import follow_ups, grants
from penstock.gateway.db.database import Database
from penstock.gateway.db.follow_ups import FollowUp
from penstock.gateway.db.policy import bump
from penstock.gateway.db.users import get_user
from penstock.gateway.permissions.change import Created, Deleted, Intent, Renamed
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind

MOST_PROMISED: Final = 1000
"""What may be left to follow when MLflow is asked for another change; more is looked at later."""


class GrantKeeper:
    """Carries changes of resources over into the grants, each with the row that asks for it.

    `on_change` is told after the commit. All raise DatabaseUnavailable.
    """

    def __init__(self, database: Database, *, on_change: Callable[[], None]) -> None:
        self._database = database
        self._on_change = on_change

    def promise(self, intent: Intent, *, due: datetime) -> tuple[int, list[FollowUp]]:
        """Store what is to follow; return its id, and what was promised before and not yet kept."""
        with self._database.writing() as connection:
            others = follow_ups.list_follow_ups(connection, most=MOST_PROMISED)
            return follow_ups.add_follow_up(connection, intent, due=due), others

    def due(self, moment: datetime, *, most: int) -> list[FollowUp]:
        """Return what was to follow by a moment, and has not."""
        with self._database.reading() as connection:
            return follow_ups.list_follow_ups(connection, most=most, due=moment)

    def keep(self, promised: FollowUp) -> bool:
        """Carry a change over, and return True, unless somebody else has done so or given up."""
        with self._database.writing() as connection:
            if not follow_ups.delete_follow_up(connection, promised.id):
                return False
            _carry_over(connection, promised.intent)
            bump(connection)
        self._on_change()
        return True

    def postpone(self, promised: FollowUp, *, due: datetime) -> None:
        """Say when to look again."""
        with self._database.writing() as connection:
            follow_ups.postpone_follow_up(connection, promised.id, due=due)

    def drop(self, promised: FollowUp) -> None:
        """Forget what is not going to happen."""
        with self._database.writing() as connection:
            follow_ups.delete_follow_up(connection, promised.id)


def _carry_over(connection: Connection, intent: Intent) -> None:
    change, resource = intent.change, intent.change.resource
    is_model = resource.kind is Kind.REGISTERED_MODEL
    match change:
        case Created():
            if not is_model:
                grants.bind(connection, resource)
            pattern = Pattern(resource.kind, resource.name, resource.id)
            owner = get_user(connection, intent.user_id)
            if owner is not None:  # who was deleted meanwhile owns nothing
                grants.put_grant(connection, owner, pattern, Level.MANAGE)
        case Renamed() if not is_model:
            grants.rename_experiment(connection, resource)
        case Renamed(old=str(old)):
            grants.rename_model(connection, old, resource.name)
        case Deleted() if is_model:
            grants.delete_model(connection, resource.name)
        case Renamed() | Deleted():
            pass  # an experiment can be restored; its grants wait
