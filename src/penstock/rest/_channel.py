import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from penstock.errors import MlflowException, NotMlflow, RequestTimeout
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection
from penstock.rest._content import Content
from penstock.rest._exchange import Exchange, open_exchange
from penstock.rest._refusals import refusal
from penstock.rest._request import Request, build_at, build_request
from penstock.rest._resumption import Resumption
from penstock.rest._retries import RetryPolicy, draw_chance, may_repeat, parse_retry_after
from penstock.rest._server_version import VERSION_ENDPOINT, ServerVersion
from penstock.rest._sink import Sink

Attempt = Callable[[Exchange], Answer]

MOST_IN_MEMORY = 1 << 20
"""Up to this many bytes a body is read whole, and sent by the faster way for small ones."""


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
        self.version = ServerVersion(partial(self.call, "GET", VERSION_ENDPOINT))

    def call(
        self,
        method: str,
        endpoint: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the successful answer of an endpoint.

        Raises MlflowException for a refusal, TransportError when there is no whole answer.
        """
        base_url = self.connection.base_url
        request = build_request(base_url, method, endpoint, query=query, body=body)
        if headers:
            request = request._replace(headers=tuple(headers.items()))
        try:
            return self._repeat(request, lambda exchange: exchange.send(request))
        except NotMlflow as error:
            self.version.check_after(error, endpoint)
            raise

    def download(self, endpoint: str, sink: Sink, *, size: int | None = None) -> None:
        """Write the body of a successful answer to a sink, from where it stands.

        What broke off goes on from there, if it is provably the same content; else it begins
        anew. `size` in bytes is checked where the answer itself does not tell its length.
        """
        self._download(build_request(self.connection.base_url, "GET", endpoint), sink, size)

    def download_at(
        self, url: str, sink: Sink, *, size: int | None = None, headers: Mapping[str, str]
    ) -> None:
        """Do the same with a URL that holds its own proof."""
        self._download(build_at("GET", url, headers), sink, size)

    def store(self, endpoint: str, content: Content, *, media_type: str | None) -> Answer:
        """Put content at an endpoint."""
        request = build_request(self.connection.base_url, "PUT", endpoint)
        return self._upload(request._replace(content_type=media_type), content)

    def store_at(self, url: str, content: Content, *, headers: Mapping[str, str]) -> Answer:
        """Put content at a URL that holds its own proof."""
        return self._upload(build_at("PUT", url, headers), content)

    def close(self) -> None:
        """End all connections."""
        if self._exchange is not None and self._owner == os.getpid():
            self._exchange.close()

    def _download(self, request: Request, sink: Sink, size: int | None) -> None:
        resumption = Resumption(sink, size)
        self._repeat(request, partial(resumption.attempt, request), resumption.has_moved)

    def _upload(self, request: Request, content: Content) -> Answer:
        if content.size > MOST_IN_MEMORY:
            return self._repeat(request, lambda exchange: exchange.upload(request, content))
        whole = request._replace(body=b"".join(content.chunks()))
        return self._repeat(whole, lambda exchange: exchange.send(whole))

    def _repeat(
        self, request: Request, attempt: Attempt, has_moved: Callable[[], bool] = lambda: False
    ) -> Answer:
        failures = 0
        while True:
            try:
                return self._try(attempt)
            except MlflowException as error:
                failures, is_moving = (0, True) if has_moved() else (failures, False)
                pause = self._pause(error, request, failures, is_moving=is_moving)
                if pause is None:
                    raise
                _warn(error, pause)
            failures += 1
            time.sleep(pause)

    def _try(self, attempt: Attempt) -> Answer:
        answer = attempt(self._open())
        if not answer.is_success:
            raise refusal(answer)
        return answer

    def _pause(
        self, error: MlflowException, request: Request, number: int, *, is_moving: bool
    ) -> float | None:
        if not (may_repeat(error, request) or (is_moving and isinstance(error, RequestTimeout))):
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
