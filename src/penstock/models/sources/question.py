from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from penstock.errors import PenstockError
from penstock.models.flavour_choice import FlavourLike
from penstock.models.reference import ModelReference
from penstock.models.resolution import Resolution


@dataclass
class Question:
    """One wish for a model: what all sources share while it is being granted.

    The server is asked at most once what the reference means, also when it does not answer.
    """

    reference: ModelReference
    flavour: FlavourLike
    known: Resolution | None
    ask: Callable[[ModelReference], Resolution]
    _failure: PenstockError | None = field(default=None, init=False)

    @property
    def asked(self) -> Resolution:
        """Return what the server says that the reference means. Raises PenstockError."""
        if self._failure is not None:
            # Without the traceback of the last time: it would grow with every source.
            raise self._failure.with_traceback(None)
        try:
            return self._answer
        except PenstockError as error:
            self._failure = error
            raise

    @property
    def current(self) -> Resolution:
        """Return what the reference means now, without a server where that never changes."""
        if self.reference.is_fixed and self.known is not None:
            return self.known
        return self.asked

    @property
    def answer(self) -> Resolution | None:
        """Return what the server said, or None if it was not asked or did not answer."""
        return vars(self).get("_answer")

    @cached_property
    def _answer(self) -> Resolution:
        return self.ask(self.reference)
