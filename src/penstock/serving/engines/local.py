"""The engine of one machine: models in this process."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from penstock.errors import ModelFailed
from penstock.models.flavour_table import PYFUNC
from penstock.models.loaded_model import LoadedModel
from penstock.models.manager import ModelManager
from penstock.models.mlmodel import MlModel, read_mlmodel
from penstock.models.scoring import Scoring
from penstock.serving.engines.batcher import Batcher
from penstock.serving.engines.columns import find_columns
from penstock.serving.engines.crowd import Crowd
from penstock.serving.engines.engine import Document, ModelFacts, TypedRows, Written
from penstock.serving.engines.lanes import Lanes
from penstock.serving.engines.probe import answers_alike
from penstock.serving.engines.row_predictor import RowPredictor
from penstock.serving.engines.threads import Job, Threads


class Limits(NamedTuple):
    """What a model may take; `batching` is `probe`, `always` or `never`."""

    seconds: float = 60.0
    batching: str = "probe"
    batch_rows: int = 64
    batch_wait_seconds: float = 0.005


class Shared(NamedTuple):
    """What the models of one process have in common."""

    threads: Threads
    crowd: Crowd


class LocalEngine:
    """Loads models into this process, from memory, the server, the cache or a folder."""

    loads_at_once = 1

    def __init__(
        self,
        manager: ModelManager,
        limits: Limits,
        *,
        observe_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._manager = manager
        self._limits = limits
        self._observe_batch = observe_batch
        self._shared = Shared(Threads(), Crowd())

    async def load(self, uri: str) -> "LocalModel":
        """Load the model of a URI. Raises PenstockError."""
        # Not in the loop's own threads: a process waits for these at its end, and a load may hang.
        job = Job(lambda: self._load(uri), lambda _: None)
        self._shared.threads.submit(job)
        try:
            loaded: LocalModel = await job.answer
        except asyncio.CancelledError:
            if job.give_up():
                self._shared.threads.lose_one()
            raise
        return loaded

    def note_silence(self) -> None:
        """Load from the cache, where it has what is wanted, without asking."""
        self._manager.loader.note_silence()

    async def close(self) -> None:
        """Do nothing: models go by themselves."""

    def _load(self, uri: str) -> "LocalModel":
        loaded = self._manager.load(uri)
        # Whoever serves it holds it; so it goes when nobody does.
        self._manager.loader.memory.forget()
        predictor = Predictor(loaded, read_mlmodel(loaded.path))
        return LocalModel(
            uri, predictor, self._limits, shared=self._shared, observe_batch=self._observe_batch
        )


class Predictor:
    """Predicts with one model, in the thread of whoever asks."""

    def __init__(self, loaded: LoadedModel, found: MlModel) -> None:
        self.found = found
        self._scoring = Scoring(loaded.model)
        is_native = any(key != PYFUNC.key for key in found.flavours)
        # A Python class of the user's may look at how its input was written.
        self.columns = find_columns(found.signature) if is_native else None
        self._rows = RowPredictor(self._scoring, self.columns) if self.columns else None

    def predict(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        """Return a prediction for each row. Raises ModelFailed."""
        if self._rows is None:
            raise ModelFailed("this model has no plain columns to take rows by")
        return self._rows.predict(rows)

    def invoke(self, document: Document) -> Written:
        """Return what MLflow's own server would answer."""
        return Written(*self._scoring.invoke(document.body, document.content_type))


class LocalModel:
    """A model in this process."""

    def __init__(
        self,
        uri: str,
        predictor: Predictor,
        limits: Limits,
        *,
        shared: Shared,
        observe_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._predictor = predictor
        self._lanes = Lanes(shared.threads, seconds=limits.seconds)
        self._under_way = 0
        self._drained: asyncio.Future[None] | None = None
        batches = _batches(predictor, limits)
        self._batcher = (
            Batcher(
                self._predict,
                most_rows=limits.batch_rows,
                wait_seconds=limits.batch_wait_seconds,
                crowd=shared.crowd,
                observe=observe_batch,
            )
            if batches
            else None
        )
        found = predictor.found
        self.facts = ModelFacts(
            uri, tuple(found.flavours), found.signature, predictor.columns, batches
        )

    async def predict(self, rows: TypedRows) -> list[Any]:
        """Return a prediction for each row. Raises ModelFailed or PredictionTimeout."""
        with self._counted():
            if self._batcher is not None and len(rows.rows) == 1:
                return [await self._batcher.predict(rows.rows[0])]
            return await self._predict(rows.rows)

    async def invoke(self, document: Document) -> Written:
        """Return what MLflow's own server would answer. Raises like `predict`."""
        with self._counted():
            answer: Written = await self._lanes.run(lambda: self._predictor.invoke(document))
            return answer

    async def close(self) -> None:
        """Return once the predictions under way have ended."""
        if self._under_way:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way and self._drained is not None and not self._drained.done():
                self._drained.set_result(None)

    async def _predict(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        answer: list[Any] = await self._lanes.run(lambda: self._predictor.predict(rows))
        return answer


def _batches(predictor: Predictor, limits: Limits) -> bool:
    if predictor.columns is None or limits.batch_rows < 2 or limits.batching == "never":  # noqa: PLR2004 - two make a batch
        return False
    return limits.batching == "always" or answers_alike(predictor.predict, predictor.columns)
