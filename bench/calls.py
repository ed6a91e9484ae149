"""The same call to several servers, in turns."""

import base64
import http.client
import threading
import time
from collections.abc import Mapping, Sequence

from bench.servers import PASSWORD, USERNAME

CALL = "/api/2.0/mlflow/experiments/get?experiment_id=0"
WARM_UP = 30


def login() -> dict[str, str]:
    """Return the header of a login."""
    credentials = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


class Caller:
    """One keep-alive connection that makes one call."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = dict(headers)

    def call(self) -> float:
        """Make the call and return its seconds."""
        started = time.perf_counter()
        self._connection.request("GET", CALL, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - started
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the call answered {answer.status}")
        return seconds


def in_turns(
    callers: Mapping[str, Caller], rounds: int, *, calls_each: int = 1
) -> dict[str, list[float]]:
    """Call each in turn, after warming up; return the seconds of each caller's calls."""
    for caller in callers.values():
        for _ in range(WARM_UP):
            caller.call()
    seconds: dict[str, list[float]] = {name: [] for name in callers}
    for _ in range(rounds):
        for name, caller in callers.items():
            seconds[name] += [caller.call() for _ in range(calls_each)]
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
