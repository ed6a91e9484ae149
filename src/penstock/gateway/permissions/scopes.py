"""The scopes of subjects, read from the grants."""

from penstock.gateway.auth.subject import Subject
from penstock.gateway.db.database import Database
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.scope import Scope


class GrantScopes:
    """Knows what each subject may do."""

    def __init__(self, database: Database, *, default: Level) -> None:
        self._database = database
        self._default = default

    async def of(self, subject: Subject) -> Scope:
        """Return the scope of a subject as it is now. Raises DatabaseUnavailable."""
        return Scope((), default=self._default, is_admin=subject.is_admin)
