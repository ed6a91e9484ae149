"""What small servers in MLflow's place share: how a call is read, answered, and served."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from gateway.threads import Address, serving

UNKNOWN = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "there is no such thing"}


async def read_body(receive: Any) -> bytes:
    """Return the whole body of a call."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def read_arguments(scope: dict[str, Any], receive: Any) -> dict[str, Any]:
    """Return the arguments of a call: of its query, and of its body."""
    body = await read_body(receive)
    query = parse_qs(scope["query_string"].decode())
    return {name: values[0] for name, values in query.items()} | (json.loads(body) if body else {})


async def send_answer(send: Any, status: int, answer: Any, *, is_head: bool = False) -> None:
    """Send bytes as a file, and everything else as JSON."""
    is_file = isinstance(answer, bytes)
    content = answer if is_file else json.dumps(answer).encode()
    kind = b"application/octet-stream" if is_file else b"application/json"
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else content})


async def send_found(send: Any, found: Any, *, is_head: bool = False) -> None:
    """Send what was found; None is what MLflow does not know."""
    status, answer = (404, UNKNOWN) if found is None else (200, found)
    await send_answer(send, status, answer, is_head=is_head)


@contextmanager
def tiny_server(app: Any) -> Iterator[Address]:
    """Serve until the block ends."""
    config = uvicorn.Config(
        app, ws="none", lifespan="off", access_log=False, server_header=False, log_config=None
    )
    with serving(config) as address:
        yield address
