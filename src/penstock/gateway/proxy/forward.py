"""Send a request that has been decided on to MLflow, and its answer back."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

import structlog
from starlette.types import Receive, Scope, Send

from penstock.errors import UpstreamError
from penstock.gateway.departure import Departure, find_departure
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.json_body import write_body
from penstock.gateway.proxy.request_body import BodyReader, has_body, read_length
from penstock.gateway.proxy.request_headers import forwarded_headers
from penstock.gateway.proxy.response_headers import returned_headers
from penstock.gateway.proxy.route import Body, Patience
from penstock.gateway.proxy.upstream import Answer, Pace, Upstream
from penstock.gateway.settings import GatewaySettings

log = structlog.get_logger()

See = Callable[[bytes], Awaitable[bytes]]
"""Sees MLflow's whole answer, and returns what the caller gets of it."""

CLIENT_LEFT = 499
"""What stands for the status where the caller left before MLflow answered."""

WITHOUT_BODY = frozenset({204, 304})


class Forwarder:
    """Forwards requests to one MLflow server."""

    def __init__(
        self, upstream: Upstream, settings: GatewaySettings, *, bodies: BodyReader
    ) -> None:
        self._upstream = upstream
        self._bodies = bodies
        self._paces = {
            Patience.ORDINARY: Pace(settings.upstream_seconds),
            Patience.LONG: Pace(settings.upstream_long_seconds, read_ahead=False),
            Patience.TRANSFER: Pace(settings.upstream_transfer_seconds, read_ahead=False),
        }

    async def forward(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        call: Call,
        see: See | None = None,
    ) -> int:
        """Forward a call, answer the caller for as long as they are there, and return the status.

        An answer of status 200 is read whole and shown to `see`, where given, before the caller
        gets it, and also where they have left. Raises RequestRefused or UpstreamError, but only
        before the answer has begun.
        """
        route = call.route
        headers = forwarded_headers(scope["headers"])
        if call.document is not None and not any(name == "content-type" for name, _ in headers):
            headers.append(("content-type", "application/json"))
        length = read_length(scope["headers"])
        body = self._body(scope, receive, call)
        if length is not None and (body is None or route.body is Body.STREAM):
            # Only a length that is counted on the way; without a body it can only be none.
            headers.append(("content-length", str(0 if body is None else length)))
        # What MLflow does in the end must be followed up, whoever waits for it: grants that outlive
        # what they were on would be grants on whatever gets its name next.
        departure = find_departure(scope) if see is None else Departure()
        async with (
            departure,
            self._upstream.send(
                scope["method"],
                call.target,
                pace=self._paces[route.patience],
                headers=headers,
                body=body,
            ) as answer,
        ):
            seen = answer
            if see is not None and answer.status == HTTPStatus.OK:
                seen = await _seen(answer, see)
            await _relay(seen, scope, send, departure=departure)
            return answer.status
        return CLIENT_LEFT

    def _body(
        self, scope: Scope, receive: Receive, call: Call
    ) -> bytes | AsyncIterable[bytes] | None:
        if call.document is not None:
            return write_body(dict(call.document))  # also one that the gateway has made itself
        if not has_body(scope["headers"]):
            return None
        if call.route.body is Body.STREAM:
            return self._bodies.stream(receive, length=read_length(scope["headers"]))
        if call.route.body is Body.BOUNDED:
            return call.body or None
        return None


async def _seen(answer: Answer, see: See) -> Answer:
    body = await see(b"".join([chunk async for chunk in answer.chunks]))
    headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
    headers.append(("content-length", str(len(body))))

    async def again() -> AsyncIterator[bytes]:
        if body:
            yield body

    return replace(answer, headers=headers, chunks=again())


async def _relay(answer: Answer, scope: Scope, send: Send, *, departure: Departure) -> None:
    has_body = answer.status not in WITHOUT_BODY
    headers = returned_headers(answer.headers, with_length=has_body)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    expected = _expected_length(answer) if has_body and scope["method"] != "HEAD" else 0
    try:
        await _send_chunks(answer.chunks, send, expected=expected, departure=departure)
    except UpstreamError as error:
        # The head is out: all that is left is to break the connection, which uvicorn does when
        # an answer is not finished, so that the caller sees that something is missing.
        log.warning("answer broken off", path=scope["path"], reason=str(error))


async def _send_chunks(
    chunks: AsyncIterator[bytes], send: Send, *, expected: int | None, departure: Departure
) -> None:
    sent = 0
    if expected != 0:
        async for chunk in chunks:
            if departure.happened:
                return
            sent += len(chunk)
            last = sent == expected
            await send({"type": "http.response.body", "body": chunk, "more_body": not last})
            if last:
                return
    await send({"type": "http.response.body", "body": b""})


def _expected_length(answer: Answer) -> int | None:
    for name, value in answer.headers:
        if name.lower() == "content-length" and value.isdigit():
            return int(value)
    return None
