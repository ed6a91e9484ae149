"""What all calls of the gateway's own API have in common."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.errors import PenstockError
from penstock.gateway.answers import as_refusal
from penstock.gateway.audit.detail import detail_of, target_of
from penstock.gateway.audit.journal import Journal
from penstock.gateway.audit.trail import Trail
from penstock.gateway.own_request import visit_of
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.json_body import write_body
from penstock.gateway.proxy.request_body import BodyReader, has_body

SECURITY_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class Boundary:
    """Pure ASGI: bodies are read up to a bound and checked like MLflow's; no cache keeps answers.

    Each write is written down before it is done, and how it ended after that; what is logged is
    counted.

    Raises RequestRefused for a body that is refused, DatabaseUnavailable where the audit cannot
    be written; nothing has been done or answered then.
    """

    def __init__(self, app: ASGIApp, bodies: BodyReader, journal: Journal) -> None:
        self._app = app
        self._bodies = bodies
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visit = visit_of(scope)
        document = None
        if has_body(scope["headers"]):
            document = await self._bodies.read_document(scope["headers"], receive)
            receive = _replay(b"" if document is None else write_body(document), receive)
        trail = visit.trail(self._journal)
        target = target_of(scope["path"], document)
        if visit.route is None or visit.route.action is Action.READ:
            status = await self._answer(scope, receive, send)
            if status in REFUSALS:
                trail.refuse(target, status)
            return
        if visit.route.action is Action.LOG:
            trail.count(target, await self._answer(scope, receive, send))
            return
        record_id = await trail.begin(target, detail_of(document))
        await self._write(scope, receive, send, trail=trail, record_id=record_id)

    async def _write(
        self, scope: Scope, receive: Receive, send: Send, *, trail: Trail, record_id: int
    ) -> None:
        status: int | None = None  # stays so when the gateway ends before the answer
        try:
            status = await self._answer(scope, receive, send)
        except PenstockError as error:
            status = as_refusal(error).status
            raise
        except Exception:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            raise
        finally:
            if status is not None:
                trail.end(record_id, status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        await self._app(scope, receive, send_guarded)
        return status


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again
