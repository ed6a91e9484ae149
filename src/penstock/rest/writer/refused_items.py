import logging
from collections import deque
from collections.abc import Sequence
from typing import Final

from penstock.errors import MlflowException, PenstockError
from penstock.rest.writer.delivery import Refusal
from penstock.rest.writer.item import Item
from penstock.rest.writer.kind import Kind
from penstock.rest.writer.refused_item import RefusedItem
from penstock.rest.writer.verdict import is_about_login

MOST_LISTED: Final = 1000
MOST_REASONS: Final = 100
LONGEST_QUOTE: Final = 500


class RefusedItems:
    """The latest items that the server refused, and how many there were in all.

    Each reason is logged once for a run and key (a wrong login once for all), and no more than a
    hundred of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self._items: deque[RefusedItem] = deque(maxlen=MOST_LISTED)
        self._reasons: set[tuple[object, ...]] = set()

    def add(self, refusals: Sequence[Refusal]) -> None:
        """Take what the server refused of one batch, and log a warning for what is new about it."""
        refused = [(item, refusal.error) for refusal in refusals for item in refusal.items]
        self.count += len(refused)
        for item, error in sorted(refused, key=lambda pair: pair[0].number):
            self._items.append(RefusedItem(item.run_id, item.kind, item.key, error))
        for refusal in refusals:
            self._warn(refusal)

    def list(self) -> list[RefusedItem]:
        """Return them, the latest last."""
        return list(self._items)

    def _warn(self, refusal: Refusal) -> None:
        reason = _reason(refusal)
        if reason in self._reasons or len(self._reasons) > MOST_REASONS:
            return
        self._reasons.add(reason)
        is_last = len(self._reasons) > MOST_REASONS
        told = "much is refused; more of it is only listed" if is_last else _complaint(refusal)
        logging.getLogger("penstock.rest").warning("%s", told)


def _reason(refusal: Refusal) -> tuple[object, ...]:
    first = refusal.items[0]
    code = _code(refusal.error)
    if is_about_login(refusal.error):
        return (code,)
    if len({(item.kind, item.key) for item in refusal.items}) > 1:
        return (first.run_id, code)
    return (first.run_id, first.kind, first.key, code)


def _complaint(refusal: Refusal) -> str:
    return f"{_what(refusal.items)} refused, which `failures` of the client lists: " + _why(refusal)


def _what(items: Sequence[Item]) -> str:
    first = items[0]
    if len(items) == 1:
        return f"{first.kind} '{first.key}' of run {first.run_id} was"
    if len({(item.kind, item.key) for item in items}) == 1:
        return f"{len(items)} values of {first.kind} '{first.key}' of run {first.run_id} were"
    return f"{len(items)} items of run {first.run_id} were"


def _why(refusal: Refusal) -> str:
    # What MLflow says of a param or tag may quote its value, which is nobody's business.
    if refusal.is_final and any(item.kind is not Kind.METRIC for item in refusal.items):
        return _code(refusal.error)
    text = str(refusal.error)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def _code(error: PenstockError) -> str:
    return error.error_code if isinstance(error, MlflowException) else type(error).__name__
