"""Where every question arrives: it chooses the run, asks it, and writes down how it went."""

import random
import time
from typing import Final, NamedTuple

from penstock.errors import NothingToServe, ServingError
from penstock.serving.exchange import Headers, Request
from penstock.serving.follower import Follower
from penstock.serving.mirrors import Mirrors
from penstock.serving.question import Prediction, Question, ask
from penstock.serving.records import FAILED, Records
from penstock.serving.settings import ServeSettings
from penstock.serving.table import Route, RoutingTable

KEY_HEADER: Final = b"x-penstock-key"
OK: Final = 200


class Answered(NamedTuple):
    """A prediction, and the headers that say who made it."""

    prediction: Prediction
    headers: Headers
    request_id: str


class Desk:
    """Answers questions by the routing table of the moment."""

    def __init__(
        self,
        name: str,
        follower: Follower,
        *,
        settings: ServeSettings,
        records: Records,
        mirrors: Mirrors,
    ) -> None:
        self.name = name
        self.follower = follower
        self.settings = settings
        self.records = records
        self.mirrors = mirrors

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
        request_id = self.records.request_ids.make(route.run_id)
        started = time.perf_counter()
        status = FAILED
        try:
            prediction = await ask(route.model, question)
            status = prediction.written.status if prediction.written else OK
        except ServingError as error:
            status = error.status
            error.headers = _headers(table, route, request_id)
            raise
        finally:
            self.records.answered(route.run_id, status, time.perf_counter() - started)
        if table.canaries:
            self.mirrors.show(question, prediction)
        return Answered(prediction, _headers(table, route, request_id), request_id)

    def _choose(self, table: RoutingTable, request: Request, question: Question) -> Route:
        key = request.header(KEY_HEADER)
        if key is None and self.settings.key_field:
            key = question.find_key(self.settings.key_field)
        # Chance, not secrecy.
        route = table.at(random.random()) if key is None else table.by_key(key)  # noqa: S311
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
