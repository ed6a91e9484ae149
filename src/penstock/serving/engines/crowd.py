"""What the models of one process know of each other."""

from collections.abc import Callable


class Crowd:
    """Counts the rows that callers ask for, and the batches that are being predicted."""

    def __init__(self) -> None:
        self.rows = 0
        self._batches = 0
        self._waiting: dict[int, Callable[[], None]] = {}

    @property
    def is_predicting(self) -> bool:
        """Whether some model predicts."""
        return self._batches > 0

    def begin(self) -> None:
        """Count a batch."""
        self._batches += 1

    def end(self) -> None:
        """Count it no more; after the last one, go on with what waits for that."""
        self._batches -= 1
        if not self._batches:
            waiting, self._waiting = self._waiting, {}
            for go_on in waiting.values():
                go_on()

    def wait(self, owner: object, go_on: Callable[[], None]) -> None:
        """Go on when no model predicts any more."""
        self._waiting[id(owner)] = go_on

    def forget(self, owner: object) -> None:
        """Do not go on with it any more."""
        self._waiting.pop(id(owner), None)
