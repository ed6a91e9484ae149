"""Keep the grants in step with what happens to resources."""

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from penstock.gateway.db import grants
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import bump
from penstock.gateway.db.users import get_user
from penstock.gateway.permissions.change import Change, Created, Deleted, Renamed
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind
from penstock.gateway.permissions.subject import Subject


class GrantKeeper:
    """Carries changes of resources over into the grants, all of one call in one transaction.

    `on_change` is told after the commit.
    """

    def __init__(self, database: Database, *, on_change: Callable[[], None]) -> None:
        self._database = database
        self._on_change = on_change

    async def keep(self, subject: Subject, changes: Sequence[Change]) -> None:
        """Carry changes over into the grants. Raises DatabaseUnavailable."""
        if changes:
            await asyncio.to_thread(self._keep, subject, changes)
            self._on_change()

    def _keep(self, subject: Subject, changes: Sequence[Change]) -> None:
        with self._database.writing() as connection:
            for change in changes:
                _carry_over(connection, subject, change)
            bump(connection)


def _carry_over(connection: Connection, subject: Subject, change: Change) -> None:
    resource = change.resource
    is_model = resource.kind is Kind.REGISTERED_MODEL
    match change:
        case Created():
            if not is_model:
                grants.bind(connection, resource)
            pattern = Pattern(resource.kind, resource.name, resource.id)
            owner = get_user(connection, subject.user_id)
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
