"""How a plan is written so that no crash tears it: the row decides, the tag and mirrors follow.

1. The row of the next revision is inserted, PENDING. Its key lets one writer alone do so.
2. The experiment's tag in MLflow is written, and the row marked WRITTEN.
3. The mirrors are written, and the row marked SETTLED.

Whoever comes after a writer that ended between two steps goes on from there, with the same
content. A row is taken back only where MLflow cannot have its tag.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import structlog

from penstock.errors import (
    PenstockError,
    PlanConflict,
    RequestRefused,
    RolloutError,
    UpstreamAway,
    UpstreamError,
)
from penstock.gateway.db.rollouts import UNDECIDED, Revision, State
from penstock.gateway.rollouts.ledger import Ledger
from penstock.gateway.rollouts.told import Told, read_told
from penstock.gateway.rollouts.tracking import Tracking
from penstock.rollout.members import Member
from penstock.rollout.scope import Scope

log = structlog.get_logger()

WAIT_SECONDS: Final = 2.0
"""How long one waits for another who is writing."""

POLL_SECONDS: Final = 0.02
MOST_ROUNDS: Final = 50


class Protocol:
    """Writes plans, and goes on with what others have left. Each call is one thread's.

    `seconds` is what a call of MLflow may take: a writer that began longer ago has ended. Methods
    raise UpstreamError, DatabaseUnavailable, and RequestRefused for what MLflow refuses.
    """

    def __init__(self, ledger: Ledger, tracking: Tracking, *, seconds: float) -> None:
        self._ledger = ledger
        self._tracking = tracking
        self.seconds = seconds

    def current(self, scope: Scope, tags: Mapping[str, str] | None = None) -> Revision | None:
        """Return the row of the plan that holds, with the tag in step; None where there is none.

        `tags` are the experiment's, if they have just been read. Raises UnreadablePlan.
        """
        for _ in range(MOST_ROUNDS):
            row = self._decided(scope)
            if tags is None:
                tags = self._tracking.tags(scope.experiment_id)
            told = read_told(scope, tags, row)
            if told is Told.THE_SAME:
                return row
            # Read again: what was told may be of somebody who is writing right now.
            if self._ledger.newest(scope) == row:
                self._reconcile(row, told)
            tags = None
        raise UpstreamError(f"the plan of {scope} changes faster than it can be read")

    def write(self, row: Revision) -> None:
        """Make a revision the newest, and write its tag.

        Raises PlanConflict where somebody else was first. After another error nothing holds where
        MLflow has refused it, or was away; else whoever comes next goes on.
        """
        self._ledger.add(row)
        try:
            self._tracking.write(row)
        except (RequestRefused, UpstreamAway) as error:
            if not self._ledger.take_back(row):
                raise UpstreamError(
                    f"{error}, but somebody else goes on with the change: read the plan again"
                ) from error
            raise
        except PenstockError:
            self._ledger.open(row)
            raise
        self._finish(row)

    def settle(self, row: Revision, affected: Mapping[str, Member] | None = None) -> None:
        """Write the mirrors of a revision; those of a newer one, if there is one by then."""
        while True:
            self._tracking.mirror(row.plan, affected)
            newest = self._ledger.newest(row.scope)
            if newest is None or newest.revision <= row.revision:
                self._ledger.mark_settled(row)
                return
            if not newest.is_decided:
                return  # who writes its tag writes its mirrors, after these
            row, affected = newest, None

    def try_to_settle(self, row: Revision, affected: Mapping[str, Member] | None = None) -> None:
        """Write the mirrors if that is possible now; the plan holds without, and a later call does.

        Raises nothing but DatabaseUnavailable.
        """
        try:
            self.settle(row, affected)
        except (UpstreamError, RequestRefused, RolloutError) as error:
            log.warning("rollout not mirrored", scope=str(row.scope), reason=str(error))

    def is_fresh(self, row: Revision) -> bool:
        """Tell whether the writer of a row may still be at it."""
        return abs(now() - row.at) < self.seconds * 1000

    def _decided(self, scope: Scope) -> Revision | None:
        """Return the newest row once it is decided: by its writer, or else by this one."""
        deadline = time.monotonic() + min(WAIT_SECONDS, self.seconds)
        while True:
            row = self._ledger.newest(scope)
            if row is None or row.is_decided:
                return row
            if row.state is State.PENDING and self.is_fresh(row) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            else:
                self._forward(row)

    def _forward(self, row: Revision) -> None:
        """Write the tag of a row that somebody else has inserted."""
        self._ledger.open(row)
        log.info("rollout rolled forward", scope=str(row.scope), revision=row.revision)
        try:
            self._tracking.write(row)
        except RequestRefused as refusal:
            # Its writer was refused the same, so nobody has been told that it holds.
            if not self._ledger.take_back(row, states=UNDECIDED):
                raise
            log.warning("rollout taken back", scope=str(row.scope), reason=refusal.message)
            return
        self._finish(row)

    def _finish(self, row: Revision) -> None:
        """Note that a tag is written; a newer one that it may have overwritten is written again."""
        self._ledger.mark_written(row)
        newest = self._ledger.newest(row.scope)
        if newest is not None and newest.revision > row.revision:
            self._forward(newest)

    def _reconcile(self, row: Revision | None, told: Revision | Told) -> None:
        """Bring row and tag in step: the newer of the two counts, and among equals the row."""
        if isinstance(told, Revision):
            try:
                # A time yet to come would hide what follows from whoever asks for a moment.
                self._ledger.adopt(replace(told, at=min(told.at, now())))
            except PlanConflict:
                return  # somebody else has adopted it
            log.info("rollout adopted", scope=str(told.scope), revision=told.revision)
        elif row is not None:
            self._forward(row)


def now() -> int:
    """Return this moment, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
