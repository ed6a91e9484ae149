"""The same call to several servers, in turns."""

import base64
import http.client
import json
import math
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bench.servers import PASSWORD, USERNAME

CALL = "/api/2.0/mlflow/experiments/get?experiment_id=0"
WARM_UP = 30


IDLE_SECONDS = 3
"""Servers close connections that are idle for longer; a new one is made outside of the time."""


def login(username: str = USERNAME) -> dict[str, str]:
    """Return the header of a login."""
    credentials = base64.b64encode(f"{username}:{PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


class Caller:
    """One keep-alive connection that makes one call: a GET, or a POST of a JSON document."""

    def __init__(
        self,
        port: int,
        headers: Mapping[str, str],
        *,
        target: str = CALL,
        document: Any = None,
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = dict(headers)
        self._target = target
        self._body = None if document is None else json.dumps(document)
        if document is not None:
            self._headers["Content-Type"] = "application/json"
        self._used = -math.inf
        self.answer = b""

    def call(self) -> float:
        """Make the call, keep its answer and return its seconds."""
        if time.perf_counter() - self._used > IDLE_SECONDS:
            self._connection.close()
            self._connection.connect()
        method = "GET" if self._body is None else "POST"
        started = time.perf_counter()
        self._connection.request(method, self._target, body=self._body, headers=self._headers)
        answer = self._connection.getresponse()
        self.answer = answer.read()
        self._used = time.perf_counter()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the call answered {answer.status}: {self.answer[:500]!r}")
        return self._used - started


def in_turns(
    callers: Mapping[str, Caller],
    rounds: int,
    *,
    calls_each: int = 1,
    calls_of: Mapping[str, int] | None = None,
    warm_up: int = WARM_UP,
) -> dict[str, list[float]]:
    """Call each in turn, after warming up; return the seconds of each caller's calls.

    `calls_of` says how often some of them call in a round, where not `calls_each` times.
    """
    for caller in callers.values():
        for _ in range(warm_up):
            caller.call()
    seconds: dict[str, list[float]] = {name: [] for name in callers}
    for _ in range(rounds):
        for name, caller in callers.items():
            calls = (calls_of or {}).get(name, calls_each)
            seconds[name] += [caller.call() for _ in range(calls)]
    return seconds


def rate(callers: Sequence[Caller], seconds: float) -> float:
    """Let all callers call at once for a while; return calls a second."""
    counts = [0] * len(callers)
    start = threading.Barrier(len(callers) + 1)
    deadline = [0.0]

    failures: list[BaseException] = []

    def work(number: int) -> None:
        start.wait()
        try:
            while time.perf_counter() < deadline[0]:
                callers[number].call()
                counts[number] += 1
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(callers))]
    for thread in threads:
        thread.start()
    begun = time.perf_counter()
    deadline[0] = begun + seconds
    start.wait()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.perf_counter() - begun)
