"""The scopes of subjects, read from the grants and remembered until something changes."""

import asyncio
import threading
from collections import OrderedDict

from penstock.gateway.db.database import Database
from penstock.gateway.db.grants import grants_of
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.permissions.subject import Subject, UserId

MAX_ENTRIES = 10_000


class GrantScopes:
    """Knows what each subject may do. A remembered scope costs no SQL, another one statement.

    Safe under threads; `forget` also outruns a reading that is under way.
    """

    def __init__(self, database: Database, *, default: Level) -> None:
        self._database = database
        self._default = default
        self._known: OrderedDict[UserId, Scope] = OrderedDict()
        self._generation = 0
        self._lock = threading.Lock()

    async def of(self, subject: Subject) -> Scope:
        """Return the scope of a subject as it is now. Raises DatabaseUnavailable."""
        if subject.is_admin:
            return Scope((), default=self._default, is_admin=True)
        known = self._known.get(subject.user_id)
        if known is not None:
            return known
        return await asyncio.to_thread(self.read, subject.user_id)

    def read(self, user_id: UserId) -> Scope:
        """Return the scope of a user who is no administrator, read anew."""
        generation = self._generation
        with self._database.reading() as connection:
            scope = Scope(grants_of(connection, user_id), default=self._default)
        with self._lock:
            if generation == self._generation:
                self._known[user_id] = scope
                if len(self._known) > MAX_ENTRIES:
                    self._known.popitem(last=False)
        return scope

    def forget(self) -> None:
        """Forget all scopes: something has changed."""
        with self._lock:
            self._generation += 1
            self._known.clear()
