"""What the audit says of one request."""

from dataclasses import dataclass
from datetime import UTC, datetime

from penstock.gateway.arrival import Arrival
from penstock.gateway.audit.journal import Journal
from penstock.gateway.db.audit_record import UNKNOWN, Record


@dataclass(frozen=True, slots=True)
class Trail:
    """Writes records of one request; `actor` is empty for nobody in particular."""

    journal: Journal
    arrival: Arrival
    actor: str
    action: str

    async def begin(self, target: str, detail: str = "") -> int:
        """Write down what is about to be done, and return the record's id.

        Raises DatabaseUnavailable: then it must not be done.
        """
        return await self.journal.begin(self._record(target, UNKNOWN, detail))

    def end(self, record_id: int, status: int) -> None:
        """Write down how it has ended."""
        self.journal.end(record_id, str(status))

    def count(self, target: str, status: int) -> None:
        """Count a call that is not listed by itself."""
        self.journal.count(self._record(target, str(status)))

    def refuse(self, target: str, status: int) -> None:
        """Write down that it was refused; those of nobody in particular are counted."""
        record = self._record(target, str(status))
        if self.actor:
            self.journal.refuse(record)
        else:
            self.journal.count(record)

    def _record(self, target: str, result: str, detail: str = "") -> Record:
        arrival = self.arrival
        return Record(
            at=datetime.now(UTC),
            actor=self.actor,
            action=self.action,
            target=target,
            address=arrival.address,
            request_id=arrival.request_id,
            result=result,
            detail=detail,
        )
