"""Requests to what is served on a cluster, while something happens to it."""

import threading
from collections import Counter

READY_SECONDS = 240
RECOVERY_SECONDS = 150
PATIENCE = 90
"""How long a caller waits: longer than a server lets it wait for the successor of a replica."""

BODIES = (
    {"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2.0]]}},
    {"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2.0], [3.0, 4.0]]}},
    {"dataframe_records": [{"a": 1.5, "b": 2}]},
    {"inputs": {"a": [1.0], "b": [2.0]}},
    {"dataframe_split": {"columns": ["a"], "data": [[1.0]]}},
    {"dataframe_split": {"columns": ["a", "b"], "data": [["x", 2.0]]}},
    {"nothing": 1},
)


class Asking:
    """Asks all the time in threads; counts what it gets."""

    def __init__(self, serve, *, callers=1, body=BODIES[0]) -> None:
        self.statuses = Counter()
        self.refusals = []
        self._serve = serve
        self._body = body
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(callers)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self):
        return self.statuses.total() - self.statuses[200]

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                answer = self._serve.ask("/invocations", self._body, seconds=PATIENCE)
                self.statuses[answer.status] += 1
                if 200 != answer.status:
                    self.refusals.append(answer.body)
            except OSError as error:
                self.statuses[type(error).__name__] += 1
