"""Let the grants follow what MLflow does, also where a gateway does not live to see it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from penstock.errors import DatabaseUnavailable, UpstreamError
from penstock.gateway.access.keeper import GrantKeeper
from penstock.gateway.db.follow_ups import FollowUp
from penstock.gateway.permissions.change import Change, Intent
from penstock.gateway.permissions.resource import Kind
from penstock.gateway.permissions.subject import Subject

log = structlog.get_logger()

LOOK_SECONDS: Final = 2.0

AT_ONCE: Final = 50
"""Changes that MLflow is asked about at a time."""

FIRST_LOOK: Final = timedelta(seconds=5)
"""When a change counts as left; from then on each look comes half as much later again."""

PATIENCE: Final = timedelta(hours=2)
"""How long MLflow may take for a change that its caller waits for no more."""


class History(Protocol):
    """Knows what MLflow has done."""

    async def find(self, intent: Intent) -> Change | None:
        """Return what has changed, None where nothing has, so far. Raises UpstreamError."""
        ...


class FollowUps:
    """Promises before MLflow is asked, keeps after its answer, and looks for what was left.

    The promises lie in the database: any gateway on it keeps those that another one has left, by
    what MLflow has now. However many do, each is kept once.
    """

    def __init__(self, keeper: GrantKeeper, history: History) -> None:
        self._keeper = keeper
        self._history = history

    async def promise(self, subject: Subject, change: Change) -> FollowUp:
        """Store what is to follow, once all is settled that was left about the same names.

        Raises DatabaseUnavailable, and UpstreamError: then MLflow must not be asked.
        """
        now = datetime.now(UTC)
        intent = Intent(subject.user_id, subject.email, now, change)
        number, others = await asyncio.to_thread(self._keeper.promise, intent, due=now + FIRST_LOOK)
        names = _names(change)
        for other in others:
            if names & _names(other.intent.change):
                await self._keep_if_happened(other)
        return FollowUp(number, intent)

    async def keep(self, promised: FollowUp, change: Change) -> None:
        """Carry over what has happened; what the database does not take now follows later."""
        intent = replace(promised.intent, change=change)
        try:
            await asyncio.to_thread(self._keeper.keep, replace(promised, intent=intent))
        except DatabaseUnavailable as error:
            log.warning("grants follow later", change=str(change.resource), reason=str(error))

    async def drop(self, promised: FollowUp) -> None:
        """Forget what MLflow has refused; what the database does not take is dropped later."""
        try:
            await asyncio.to_thread(self._keeper.drop, promised)
        except DatabaseUnavailable as error:
            log.warning("promise dropped later", reason=str(error))

    async def keep_settling(self) -> None:
        """Settle what was left, at the start and from then on, until cancelled."""
        while True:
            try:
                await self.settle()
            except DatabaseUnavailable as error:
                log.warning("grants not followed up", reason=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def settle(self) -> None:
        """Settle what is due now. Raises DatabaseUnavailable."""
        for promised in await asyncio.to_thread(self._keeper.due, datetime.now(UTC), most=AT_ONCE):
            await self._settle(promised)

    async def _settle(self, promised: FollowUp) -> None:
        age = datetime.now(UTC) - promised.intent.at
        try:
            has_happened = await self._keep_if_happened(promised)
        except UpstreamError as error:
            log.warning(
                "grants not followed up", change=str(_resource(promised)), reason=str(error)
            )
            await self._postpone(promised, min(age / 2, PATIENCE))
            return
        if has_happened:
            log.info("grants followed up", change=str(_resource(promised)))
        elif age > PATIENCE:
            await asyncio.to_thread(self._keeper.drop, promised)
        else:
            await self._postpone(promised, age / 2)

    async def _postpone(self, promised: FollowUp, wait: timedelta) -> None:
        due = datetime.now(UTC) + wait
        await asyncio.to_thread(self._keeper.postpone, promised, due=due)

    async def _keep_if_happened(self, promised: FollowUp) -> bool:
        change = await self._history.find(promised.intent)
        if change is None:
            return False
        intent = replace(promised.intent, change=change)
        await asyncio.to_thread(self._keeper.keep, replace(promised, intent=intent))
        return True


def _names(change: Change) -> set[tuple[Kind, str]]:
    texts: Iterable[str | None] = (change.resource.name, change.resource.id, _old(change))
    return {(change.resource.kind, text) for text in texts if text is not None}


def _old(change: Change) -> str | None:
    return getattr(change, "old", None)


def _resource(promised: FollowUp) -> object:
    return promised.intent.change.resource
