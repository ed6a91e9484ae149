"""Grants: give them, take them, list them, explain them."""

from collections.abc import Callable

from penstock.errors import GrantError
from penstock.gateway.access.principals import get_principal
from penstock.gateway.auth.known_account import get_account
from penstock.gateway.db import grants
from penstock.gateway.db.database import Database
from penstock.gateway.db.policy import bump
from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Finding, Scope


class Grants:
    """The grants of one database. Each method is one transaction.

    `default` is the level where no grant speaks. `on_change` is told after a change has been
    committed. All raise DatabaseUnavailable.
    """

    def __init__(
        self,
        database: Database,
        *,
        default: Level = Level.NONE,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._default = default
        self._on_change = on_change

    def put(self, subject: str, pattern: Pattern, level: Level) -> int:
        """Set a subject's level for a pattern and return the grant's id.

        Raises GrantError, UnknownAccount, UnknownGroup for the subject.
        """
        with self._database.writing() as connection:
            grant_id = grants.put_grant(
                connection, get_principal(connection, subject), pattern, level
            )
            bump(connection)
        self._on_change()
        return grant_id

    def find(self, grant_id: int) -> Grant | None:
        """Return one grant, or None."""
        with self._database.reading() as connection:
            return grants.find_grant(connection, grant_id)

    def delete(self, grant_id: int) -> None:
        """Take a grant back. Raises GrantError when there is none."""
        with self._database.writing() as connection:
            if grants.find_grant(connection, grant_id) is None:
                raise GrantError(f"there is no grant {grant_id}")
            grants.delete_grant(connection, grant_id)
            bump(connection)
        self._on_change()

    def list_grants(
        self, *, subject: str | None = None, kind: Kind | None = None, pattern: str | None = None
    ) -> list[Grant]:
        """Return grants by id, narrowed to what is given. Raises like `put` for the subject."""
        with self._database.reading() as connection:
            principal = None if subject is None else get_principal(connection, subject)
            return grants.list_grants(connection, subject=principal, kind=kind, pattern=pattern)

    def explain(self, email: str, resource: Resource) -> Finding:
        """Return what a user may do with a resource, and why. Raises UnknownAccount."""
        with self._database.reading() as connection:
            user = get_account(connection, email)
            if user.disabled:
                return Finding(Level.NONE)
            found = grants.grants_of(connection, user.id)
            return Scope(found, default=self._default, is_admin=user.is_admin).explain(resource)
