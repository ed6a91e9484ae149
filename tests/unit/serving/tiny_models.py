"""Small engines, models and sources, with the behaviour that a test asks for."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from penstock.errors import InvalidInput, ModelUnavailable, NothingToServe, PenstockError
from penstock.models.mlmodel import Signature
from penstock.serving.aim import Aim
from penstock.serving.app import ServingApp
from penstock.serving.assembly import assemble, folder_of
from penstock.serving.engines.columns import find_columns
from penstock.serving.engines.engine import Document, ModelFacts, TypedRows, Written
from penstock.serving.ledger import Ledger
from penstock.serving.lineup import Lineup
from penstock.serving.meter import Meter
from penstock.serving.records import Records
from penstock.serving.settings import ServeSettings


class TinyModel:
    """Answers each row with what a function makes of it; closed only when nobody waits."""

    def __init__(self, uri: str, answer: Callable[[Any], Any]) -> None:
        signature = Signature(inputs=({"type": "double", "name": "x"},))
        columns = find_columns(signature)
        self.facts = ModelFacts(uri, ("sklearn",), signature, columns, batches=True)
        self._answer = answer
        self.asked: list[Any] = []
        self.is_closed = False

    async def predict(self, rows: TypedRows) -> list[Any]:
        assert not self.is_closed, "a model was asked after it had been let go"
        self.asked.extend(rows.rows)
        answers = [self._answer(row[0]) for row in rows.rows]
        return [await found if asyncio.iscoroutine(found) else found for found in answers]

    async def invoke(self, document: Document) -> Written:
        raise InvalidInput(f"MLflow would refuse {document.body[:20]!r}")

    async def close(self) -> None:
        self.is_closed = True


class TinyEngine:
    """Loads models by URI; `broken` says which ones cannot be loaded, and why."""

    loads_at_once = 1

    def __init__(self, answers: Mapping[str, Callable[[Any], Any]] | None = None) -> None:
        self.answers = dict(answers or {})
        self.broken: dict[str, str] = {}
        self.models: dict[str, TinyModel] = {}
        self.loads: list[str] = []
        self.gate: asyncio.Event | None = None
        self.silences = 0

    async def load(self, uri: str) -> TinyModel:
        if self.gate is not None:
            await self.gate.wait()
        self.loads.append(uri)
        if uri in self.broken:
            raise ModelUnavailable(self.broken[uri])
        model = TinyModel(uri, self.answers.get(uri, lambda value: f"{uri}:{value}"))
        self.models[uri] = model
        return model

    def note_silence(self) -> None:
        self.silences += 1

    async def close(self) -> None:
        pass


class TinySource:
    """Says what a test has set; an error is raised."""

    is_close = False

    def __init__(self, lineup: Lineup | PenstockError | None = None) -> None:
        self.lineup = lineup or NothingToServe("no run is Active")

    def read(self) -> Lineup:
        if isinstance(self.lineup, PenstockError):
            raise self.lineup
        return self.lineup


def lineup(
    *,
    revision: int = 1,
    version: str = "1.4.0",
    canaries: tuple[str, ...] = (),
    **active: float,
) -> Lineup:
    """Return a lineup whose models are called as its runs are."""
    names = (*active, *canaries)
    return Lineup("o", version, revision, active, canaries, {name: name for name in names})


class Answer:
    """What an application has sent."""

    def __init__(self, sent: list[Any]) -> None:
        start, *bodies = sent
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.body = b"".join(part.get("body", b"") for part in bodies)

    def json(self) -> Any:
        return json.loads(self.body)


async def call(
    app: ServingApp,
    method: str,
    path: str,
    body: bytes | list[bytes] | object = b"",
    **headers: str,
) -> Answer:
    """Ask an application without any socket; a body that is no bytes goes as JSON."""
    parts = body if isinstance(body, list) and body and isinstance(body[0], bytes) else [body]
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    names = [(key.replace("_", "-").encode(), text.encode()) for key, text in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": names}
    sent: list[Any] = []

    async def receive() -> Any:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return Answer(sent)


def make_app(source: TinySource, engine: TinyEngine, folder: Path, **settings: Any) -> ServingApp:
    """Return a server in a folder."""
    chosen = ServeSettings(data_dir=str(folder), **settings)
    aim = Aim(experiment="churn")
    records = Records(aim.name, Ledger(folder_of(aim, chosen)), meter=Meter())
    return assemble(aim, source, engine, settings=chosen, records=records)


@asynccontextmanager
async def running(source: TinySource, engine: TinyEngine, folder: Path, **settings: Any) -> Any:
    """Yield a server that has asked its source once."""
    app = make_app(source, engine, folder, **settings)
    await app.start()
    await app.desk.follower.has_tried.wait()
    try:
        yield app
    finally:
        await app.stop()


async def until(condition: Callable[[], object], *, seconds: float = 10) -> None:
    """Wait for a condition; fail when time is over."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a test waits for whatever it names
            await asyncio.sleep(0.005)
