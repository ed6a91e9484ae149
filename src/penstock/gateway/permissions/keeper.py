"""Keep the grants in step with what happens to resources."""

from collections.abc import Sequence

from penstock.gateway.auth.subject import Subject
from penstock.gateway.db.database import Database
from penstock.gateway.permissions.change import Change


class GrantKeeper:
    """Carries changes of resources over into the grants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, subject: Subject, changes: Sequence[Change]) -> None:
        """Carry changes over into the grants. Raises DatabaseUnavailable."""
