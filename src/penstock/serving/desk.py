"""Where every question arrives: it chooses the run, asks it, and writes down how it went."""

import random
import time
from secrets import token_hex
from typing import NamedTuple

from penstock.errors import NothingToServe, ServingError
from penstock.serving.exchange import Headers, Request
from penstock.serving.follower import Follower
from penstock.serving.meter import Meter
from penstock.serving.question import Prediction, Question, ask
from penstock.serving.settings import ServeSettings
from penstock.serving.table import Route, RoutingTable

KEY_HEADER = b"x-penstock-key"


class Answered(NamedTuple):
    """A prediction, and the headers that say who made it."""

    prediction: Prediction
    headers: Headers
    request_id: str


class Desk:
    """Answers questions by the routing table of the moment."""

    def __init__(self, follower: Follower, settings: ServeSettings, meter: Meter) -> None:
        self.follower = follower
        self.settings = settings
        self.meter = meter

    @property
    def table(self) -> RoutingTable:
        """The routing table. Raises NothingToServe before there is one."""
        table = self.follower.table
        if table is None:
            why = self.follower.failure or "the models are being loaded"
            raise NothingToServe(f"nothing can be answered yet: {why}")
        return table

    async def read(self, request: Request) -> bytes:
        """Return the body of a request. Raises BodyRefused."""
        return await request.body(
            limit=self.settings.max_body_bytes, seconds=self.settings.client_seconds
        )

    async def answer(self, request: Request, question: Question) -> Answered:
        """Let the run that the request falls to answer it. Raises ServingError."""
        table = self.table
        route = self._choose(table, request, question)
        request_id = f"{route.run_id}.{token_hex(8)}"
        started = time.perf_counter()
        status = 200
        try:
            prediction = await ask(route.model, question)
            if prediction.written is not None:
                status = prediction.written.status
        except ServingError as error:
            status = error.status
            error.headers = _headers(table, route, request_id)
            raise
        finally:
            self.meter.answered(route.run_id, status, time.perf_counter() - started)
        return Answered(prediction, _headers(table, route, request_id), request_id)

    def _choose(self, table: RoutingTable, request: Request, question: Question) -> Route:
        key = request.header(KEY_HEADER)
        if key is None and self.settings.key_field:
            key = question.find_key(self.settings.key_field)
        point = random.random  # chance, not secrecy
        route = table.at(point()) if key is None else table.by_key(key)
        if route is None:
            listed = "; ".join(f"{run_id}: {why}" for run_id, why in table.missing.items())
            raise NothingToServe(f"no Active run is loaded: {listed or 'none is live'}")
        return route


def _headers(table: RoutingTable, route: Route, request_id: str) -> Headers:
    return (
        (b"x-penstock-run", route.run_id.encode("latin-1", "replace")),
        (b"x-penstock-version", route.version.encode("latin-1", "replace")),
        (b"x-penstock-revision", b"%d" % table.lineup.revision),
        (b"x-penstock-request", request_id.encode("latin-1", "replace")),
    )
