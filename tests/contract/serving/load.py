"""Callers that ask a server as fast as it answers, each over a connection that it keeps."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

from contract.serving.running import Serve

CALLERS = 4
TIMEOUT_SECONDS = 60
MOST_ATTEMPTS = 3


class Load:
    """What the callers of a server got: statuses and runs, and how many connections broke off."""

    def __init__(self, serve: Serve, body: object, *, callers: int = CALLERS) -> None:
        self.callers = callers
        self.statuses: Counter[int] = Counter()
        self.runs: Counter[str] = Counter()
        self.lost = 0
        self._port = serve.port
        self._content = json.dumps(body).encode()
        self._is_over = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask until the block ends; each caller ends with an answer."""
        threads = [threading.Thread(target=self._keep_asking) for _ in range(self.callers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def _keep_asking(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        with closing(connection):
            while not self._is_over.is_set():
                self._ask(connection)

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        for _ in range(MOST_ATTEMPTS):
            try:
                connection.request(
                    "POST", "/invocations", self._content, {"Content-Type": "application/json"}
                )
                answer = connection.getresponse()
                answer.read()
            except (ConnectionError, http.client.HTTPException):
                connection.close()
                with self._lock:
                    self.lost += 1
                continue
            with self._lock:
                self.statuses[answer.status] += 1
                self.runs[answer.headers["x-penstock-run"]] += 1
            return
        with self._lock:
            self.statuses[0] += 1
