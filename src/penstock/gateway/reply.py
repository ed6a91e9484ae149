"""The answer to one request on its way out."""

from http import HTTPStatus

from starlette.types import Message, Send

from penstock.gateway.arrival import Arrival

PROTECTION = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
)
"""What browsers are told with every answer that does not say otherwise itself."""

SANDBOX = (b"content-security-policy", b"sandbox")
"""For what users have uploaded: opened in a browser, it must not act as the one who opens it."""


class Reply:
    """A `send` that adds what every answer carries, and remembers the status once it has begun."""

    def __init__(self, send: Send, arrival: Arrival) -> None:
        self._send = send
        self._request_id = (b"x-request-id", arrival.request_id.encode("ascii"))
        self.status: int | None = None
        self.is_sandboxed = False

    @property
    def begun(self) -> bool:
        """Whether the answer has begun."""
        return self.status is not None

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._with_protection(message["headers"])
            if self.status == HTTPStatus.REQUEST_TIMEOUT:
                # Of a body that did not come in time there may be more: nobody waits for it.
                message["headers"].append((b"connection", b"close"))
        await self._send(message)

    def _with_protection(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name for name, _ in headers}
        added = [pair for pair in PROTECTION if pair[0] not in names]
        if self.is_sandboxed:
            headers = [pair for pair in headers if pair[0] != SANDBOX[0]]
            added.append(SANDBOX)
        return [*headers, *added, self._request_id]
