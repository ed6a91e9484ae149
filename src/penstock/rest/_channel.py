import os
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from penstock.errors import MlflowException
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._refusals import refusal
from penstock.rest._request import Request, build_request
from penstock.rest._retries import RetryPolicy, draw_chance, may_repeat, parse_retry_after
from penstock.rest._sink import Sink
from penstock.rest._transport import Exchange, open_exchange

Attempt = Callable[[Exchange], Answer]


class Channel:
    """Gets requests answered by one server, repeating what may be repeated.

    Safe for use from several threads and, after a fork, from several processes.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        policy: RetryPolicy | None = None,
        opener: Callable[[Connection], Exchange] = open_exchange,
    ) -> None:
        self.connection = connection
        self._policy = policy or RetryPolicy(retries=connection.retries)
        self._opener = opener
        self._exchange: Exchange | None = None
        self._owner = 0

    def call(
        self,
        method: str,
        endpoint: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Return the successful answer of an endpoint.

        Raises MlflowException for a refusal, TransportError when there is no whole answer.
        """
        base_url = self.connection.base_url
        request = build_request(base_url, method, endpoint, query=query, body=body)
        return self._repeat(request, lambda exchange: exchange.send(request))

    def download(self, endpoint: str, sink: Sink) -> None:
        """Write the body of a successful answer to a sink, from where it stands."""
        request = build_request(self.connection.base_url, "GET", endpoint)
        start = sink.tell()

        def attempt(exchange: Exchange) -> Answer:
            sink.seek(start)
            sink.truncate()
            return exchange.fetch(request, sink)

        self._repeat(request, attempt)

    def close(self) -> None:
        """End all connections."""
        if self._exchange is not None and self._owner == os.getpid():
            self._exchange.close()

    def _repeat(self, request: Request, attempt: Attempt) -> Answer:
        for number in count():
            try:
                return self._try(attempt)
            except MlflowException as error:
                pause = self._pause(error, request, number)
                if pause is None:
                    raise
                _warn(error, pause)
            time.sleep(pause)
        raise AssertionError("counting does not end")

    def _try(self, attempt: Attempt) -> Answer:
        answer = attempt(self._open())
        if not answer.is_success:
            raise refusal(answer)
        return answer

    def _pause(self, error: MlflowException, request: Request, number: int) -> float | None:
        if not may_repeat(error, request):
            return None
        wanted = parse_retry_after(error.retry_after)
        return self._policy.pause(number, retry_after=wanted, chance=draw_chance())

    def _open(self) -> Exchange:
        if self._exchange is None or self._owner != os.getpid():
            # A child of a fork must not touch its parent's connections. Two threads may both come
            # here; then one of the two is used once and dropped.
            self._exchange = self._opener(self.connection)
            self._owner = os.getpid()
        return self._exchange

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_exchange": None}


def _warn(problem: Exception, pause: float) -> None:
    import logging  # noqa: PLC0415 - most clients never wait, and start faster without it

    logging.getLogger("penstock.rest").warning("%s; trying again in %.1f s", problem, pause)
