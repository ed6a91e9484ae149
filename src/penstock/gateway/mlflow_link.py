"""A client of MLflow's of the gateway's own, made when it is first needed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from penstock.errors import (
    ConnectTimeout,
    MlflowException,
    PenstockError,
    RequestRefused,
    RequestTimeout,
    ServerUnreachable,
    TransportError,
    UpstreamAway,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.rest import MlflowClient

REFUSALS = frozenset({"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "INVALID_STATE"})
"""What MLflow says of a value that it will never take."""


class MlflowLink:
    """Speaks to MLflow as the gateway itself. Blocking; safe under threads."""

    def __init__(self, url: str, *, connect_seconds: float, seconds: float) -> None:
        self._url = url
        self._timeout = (connect_seconds, seconds)
        self._making = threading.Lock()
        self._client: MlflowClient | None = None

    def close(self) -> None:
        """End all connections."""
        if self._client is not None:
            self._client.close()

    @contextmanager
    def asking(self) -> Iterator[MlflowClient]:
        """Give the client to a block.

        The block raises UpstreamError: UpstreamAway where nothing was sent; and RequestRefused for
        what MLflow refuses.
        """
        try:
            yield self._connected()
        except MlflowException as error:
            raise self._translated(error) from error

    def _connected(self) -> MlflowClient:
        with self._making:
            if self._client is None:
                from penstock.rest.backend import BackendClient  # noqa: PLC0415 - its libraries weigh

                connect_seconds, seconds = self._timeout
                self._client = BackendClient(
                    self._url, connect_seconds=connect_seconds, seconds=seconds
                )
            return self._client

    def _translated(self, error: MlflowException) -> PenstockError:
        if isinstance(error, ServerUnreachable | ConnectTimeout):
            return UpstreamAway("MLflow cannot be reached")
        if isinstance(error, RequestTimeout):
            return UpstreamTimeout(f"MLflow did not answer within {self._timeout[1]:g} seconds")
        if isinstance(error, TransportError):
            return UpstreamUnreachable("MLflow broke off, or its answer is none")
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return RequestRefused(404, error.error_code, _words(error))
        if error.error_code in REFUSALS:
            return RequestRefused(400, "INVALID_PARAMETER_VALUE", _words(error))
        return UpstreamError(f"MLflow answers {error.get_http_status_code()} {error.error_code}")


def _words(error: MlflowException) -> str:
    # What a database says holds statements and values of others.
    if "[SQL:" in error.message:
        return "MLflow's database refuses a value; check lengths and characters"
    return f"MLflow refuses it: {error.message}"
