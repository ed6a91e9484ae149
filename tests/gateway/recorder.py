"""A small server in MLflow's place that writes down what reaches it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from gateway.threads import Address, serving
from servers import wait_until

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

OWN_QUESTIONS = frozenset({b"/api/3.0/mlflow/server-info", b"/health"})
"""What the gateway asks of MLflow on its own account; no caller's request gets there."""


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; `whole` is false when its body was broken off."""

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    whole: bool

    def all(self, name: bytes) -> list[bytes]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key == name]


class Recorder:
    """Records requests, and answers them as it was told; `{}` unless told otherwise."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.asked: list[Seen] = []
        self.reset()

    def reset(self) -> None:
        """Forget all requests and go back to the plain answer."""
        self.seen.clear()
        self.asked.clear()
        self._app: App | None = None
        self.answer_with(200, b"{}", [(b"content-type", b"application/json")])

    def answer_with(
        self, status: int, body: bytes = b"", headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Answer every request with this, from now on."""
        self._status = status
        self._body = body
        self._headers = [*headers, (b"content-length", str(len(body)).encode())]

    def answer_by(self, app: App) -> None:
        """Answer by an application, which also reads the body; requests are not recorded."""
        self._app = app

    def one(self) -> Seen:
        """Wait until the one request has come, and return it."""
        wait_until(lambda: self.seen, what="a request at the upstream")
        (seen,) = self.seen
        return seen

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        own = scope["raw_path"] in OWN_QUESTIONS
        if self._app is not None and not own:
            await self._app(scope, receive, send)
            return
        (self.asked if own else self.seen).append(await _record(scope, receive))
        await send(
            {"type": "http.response.start", "status": self._status, "headers": self._headers}
        )
        body = b"" if scope["method"] == "HEAD" else self._body
        await send({"type": "http.response.body", "body": body})


async def _record(scope: dict[str, Any], receive: Any) -> Seen:
    body, more, whole = b"", True, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            whole = False
            break
        body += message["body"]
        more = message["more_body"]
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    return Seen(scope["method"], target, tuple(scope["headers"]), body, whole)


@contextmanager
def recording(recorder: Recorder) -> Iterator[Address]:
    """Serve a recorder until the block ends."""
    config = uvicorn.Config(
        recorder,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    with serving(config) as address:
        yield address
