from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, NamedTuple

from penstock.errors import PenstockError
from penstock.rest.writer.item import Item
from penstock.rest.writer.kind import Kind
from penstock.rest.writer.parcel import Parcel
from penstock.rest.writer.patience import Patience
from penstock.rest.writer.suspects import divide, find_suspects, is_about_key, suspect
from penstock.rest.writer.verdict import (
    Verdict,
    is_about_login,
    is_final,
    is_there_already,
    judge,
)

FAULTS = 4
"""How often something is sent that the server fails at, before it is looked into."""

Post = Callable[..., Any]


class Refusal(NamedTuple):
    """Items that the server refused for one reason, for ever or as things are."""

    items: list[Item]
    error: PenstockError
    is_final: bool


class Delivery:
    """Brings parcels to the server, and finds out which items of a refused one are to blame.

    MLflow checks a whole batch before it writes any of it, but for what only its database finds
    out. Then it has written a part, and ignores that part when it comes again.
    """

    def __init__(self, post: Post, patience: Patience) -> None:
        self._post = post
        self._patience = patience

    def deliver(self, parcel: Parcel) -> list[Refusal]:
        """Return what the server refused of it; it has all the rest. Raises GaveUp."""
        error = self._send(parcel)
        if error is None:
            return []
        if is_about_login(error) or self._refuses_run(parcel):
            return [Refusal(parcel.items, error, is_final=False)]
        return list(self._sort_out(parcel, error))

    def _refuses_run(self, parcel: Parcel) -> bool:
        # An empty batch writes nothing, and is refused for a run that is not there, is deleted,
        # or is not the caller's.
        return self._send(parcel.part([])) is not None

    def _sort_out(self, parcel: Parcel, error: PenstockError) -> Iterator[Refusal]:
        waiting: list[Parcel] = []
        refused, reason = parcel, error
        while True:
            if not _is_one_case(refused, reason):
                # The first part is dealt with to its end before the second: keys stay in order.
                suspects = find_suspects(refused.sent(), str(reason))
                parts = divide(refused.items, suspects)
                waiting += [refused.part(items) for items in reversed(parts)]
            elif not _is_written(refused, reason):
                yield Refusal(refused.items, reason, is_final=is_final(reason))
            answer = None
            while waiting and answer is None:
                refused = waiting.pop()
                answer = self._send(refused, faults=1)
            if answer is None:
                return
            reason = answer

    def _send(self, parcel: Parcel, *, faults: int = FAULTS) -> PenstockError | None:
        """Send until there is an answer; return what it was refused with."""
        for attempt in count():
            try:
                # The answer is read: a page that some proxy shows in place of the server is none.
                self._post(
                    "mlflow/runs/log-batch", run_id=parcel.run_id, **parcel.batch.fields()
                ).json()
            except PenstockError as error:
                verdict = judge(error)
                is_fault = verdict is Verdict.FAULT and parcel.items
                if verdict is Verdict.REFUSED or (is_fault and attempt + 1 >= faults):
                    self._patience.hear()
                    return error
                self._patience.pause(error, attempt)
            else:
                self._patience.hear()
                return None
        raise AssertionError("counting does not end")


def _is_one_case(parcel: Parcel, error: PenstockError) -> bool:
    alike = {suspect(item) for item in parcel.items}
    return len(parcel.items) == 1 or (len(alike) == 1 and is_about_key(str(error)))


def _is_written(parcel: Parcel, error: PenstockError) -> bool:
    return parcel.items[0].kind is Kind.METRIC and is_there_already(error)
