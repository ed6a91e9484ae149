"""A clock that stands until it is set."""


class Clock:
    """Tells the time that a test wants."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
