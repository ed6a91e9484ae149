"""What all calls of the gateway's own API have in common."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.gateway.proxy.request_body import BodyReader, has_body

SECURITY_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Boundary:
    """Pure ASGI: bodies are read up to a bound and checked like MLflow's; no cache keeps answers.

    Raises RequestRefused for a body that is refused; nothing has been answered then.
    """

    def __init__(self, app: ASGIApp, bodies: BodyReader) -> None:
        self._app = app
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        if has_body(scope["headers"]):
            receive = _replay(await self._bodies.read_json(scope["headers"], receive), receive)
        await self._app(scope, receive, send_guarded)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again
