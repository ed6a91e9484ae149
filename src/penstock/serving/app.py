"""The inference server as an ASGI application, without a framework: requests are its hot path."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Final

from penstock.errors import ServingError
from penstock.serving.desk import Desk
from penstock.serving.exchange import (
    Application,
    CallerGone,
    Receive,
    Reply,
    Request,
    Send,
    refusal,
    refuse,
)
from penstock.serving.protocols import features, feedback, mlflow_calls, open_inference, pages
from penstock.serving.protocols.call import Call

log = logging.getLogger("penstock.serving")

CALLS: Final[Mapping[str, Mapping[str, Call]]] = {
    "/invocations": {"POST": mlflow_calls.invocations},
    "/ping": {"GET": mlflow_calls.ping},
    "/health": {"GET": mlflow_calls.ping},
    "/version": {"GET": mlflow_calls.version},
    "/predict": {"POST": features.predict},
    "/healthcheck": {"GET": features.healthcheck},
    "/v2": {"GET": open_inference.server},
    "/v2/health/live": {"GET": open_inference.live},
    "/v2/health/ready": {"GET": open_inference.ready},
    "/docs": {"GET": pages.docs},
    "/metrics": {"GET": pages.metrics},
    "/feedback": {"POST": feedback.feedback},
    "/report": {"GET": feedback.report},
    "/report.svg": {"GET": feedback.picture},
}
"""Every path and method that is answered, but for those below `/v2/models/`."""


class ServingApp(Application):
    """Answers requests; follows the plan between its start-up and its shut-down.

    With `loads_first`, starting up ends only when the models have been loaded, or have failed to.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.loads_first = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to follow the plan."""
        work = (self.desk.follower.run(), self.desk.records.run())
        self._tasks = [asyncio.create_task(each) for each in work]
        if self.loads_first:
            await self.desk.follower.has_tried.wait()

    async def stop(self) -> None:
        """End the following, and let the models go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.desk.mirrors.close()
        await self.desk.follower.close()
        await self.desk.records.write()

    async def reply(self, request: Request) -> Reply:
        """Return the answer to a request. Raises CallerGone."""
        reply = await self._reply(request)
        return reply._replace(body=b"") if request.scope["method"] == "HEAD" else reply

    async def _reply(self, request: Request) -> Reply:
        try:
            call = _find_call(self.desk, request)
            return call if isinstance(call, Reply) else await call(self.desk, request)
        except ServingError as error:
            return refuse(error)
        except CallerGone:
            raise
        except Exception:
            log.exception("a request failed by a defect")
            return refuse(ServingError("the request failed by a defect; the log has it"))

    async def live(self, receive: Receive, send: Send) -> None:
        """Be what uvicorn starts and ends."""
        await receive()
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        with contextlib.suppress(asyncio.CancelledError):
            await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _find_call(desk: Desk, request: Request) -> Call | Reply:
    methods = CALLS.get(request.path)
    if methods is None and request.path.startswith(open_inference.MODELS):
        found = open_inference.find_model_call(desk, request.path)
        methods = None if found is None else dict([found])
    if methods is None:
        return refusal(404, "ENDPOINT_NOT_FOUND", f"there is nothing at {request.path}; see /docs")
    method = "GET" if request.scope["method"] == "HEAD" else request.scope["method"]
    call = methods.get(method)
    if call is None:
        allowed = ", ".join(methods)
        reply = refusal(405, "METHOD_NOT_ALLOWED", f"{request.path} takes {allowed}")
        return reply._replace(headers=((b"allow", allowed.encode()),))
    return call
