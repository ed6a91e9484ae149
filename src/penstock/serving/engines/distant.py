"""The engine of a cluster: models in processes elsewhere, each behind a handle."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from penstock.errors import PenstockError, PredictionTimeout
from penstock.serving.engines.batcher import Batcher
from penstock.serving.engines.calls import Peer, PeerLost
from penstock.serving.engines.engine import Document, ModelFacts, TypedRows, Written
from penstock.serving.engines.local import Limits

RETRY_SECONDS: Final = 0.1

log = logging.getLogger("penstock.serving")


class DistantEngine:
    """Asks the keeper for models, and tells it which ones are in use for as long as they are."""

    loads_at_once = 16

    def __init__(
        self,
        keeper: Peer,
        find_peer: Callable[[str], Peer],
        limits: Limits,
        *,
        renew_seconds: float,
        observe_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._keeper = keeper
        self._find_peer = find_peer
        self._limits = limits
        self._renew_seconds = renew_seconds
        self._observe_batch = observe_batch
        self._held: list[str] = []
        self._renewing: asyncio.Task[None] | None = None

    async def load(self, uri: str) -> "DistantModel":
        """Return the model of a URI once a replica has loaded it. Raises PenstockError."""
        self._held.append(uri)
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().create_task(self._renew())
        try:
            peer = self._find_peer(await _ask(self._keeper, "load", uri))
            facts: ModelFacts = await _ask(peer, "facts")
        except BaseException:
            self._held.remove(uri)
            raise
        return DistantModel(
            peer,
            facts,
            self._limits,
            observe_batch=self._observe_batch,
            release=lambda: self._held.remove(uri),
        )

    def note_silence(self) -> None:
        """Do nothing: each replica asks for itself, and keeps what it has loaded."""

    async def close(self) -> None:
        """Hold nothing any more; the keeper lets go what nobody else holds."""
        if self._renewing is not None:
            self._renewing.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._renew_seconds)
            try:
                await _ask(self._keeper, "hold", list(self._held))
            except PenstockError as error:
                log.warning("the keeper of the models could not be told what is in use: %s", error)


class DistantModel:
    """A model whose replicas are elsewhere. Rows that come together travel together."""

    def __init__(
        self,
        peer: Peer,
        facts: ModelFacts,
        limits: Limits,
        *,
        observe_batch: Callable[[int], None],
        release: Callable[[], None],
    ) -> None:
        self.facts = facts
        self._peer = peer
        self._seconds = limits.seconds
        self._release = release
        self._batcher = (
            Batcher(
                self._predict,
                most_rows=limits.batch_rows,
                wait_seconds=limits.batch_wait_seconds,
                observe=observe_batch,
            )
            if facts.batches
            else None
        )

    async def predict(self, rows: TypedRows) -> list[Any]:
        """Return a prediction for each row. Raises ModelFailed or PredictionTimeout."""
        if self._batcher is not None and len(rows.rows) == 1:
            return [await self._batcher.predict(rows.rows[0])]
        return await self._predict(rows.rows)

    async def invoke(self, document: Document) -> Written:
        """Return what MLflow's own server would answer. Raises like `predict`."""
        written: Written = await self._within_time("invoke", document)
        return written

    async def close(self) -> None:
        """Hold it no more; predictions under way end before its replicas do."""
        self._release()

    async def _predict(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        answers: list[Any] = await self._within_time("predict", TypedRows(rows))
        return answers

    async def _within_time(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        try:
            async with asyncio.timeout(self._seconds):
                return await _ask(self._peer, method, *arguments)
        except TimeoutError:
            raise PredictionTimeout(
                f"the model has not answered within {self._seconds:g} seconds"
            ) from None


async def _ask(peer: Peer, method: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
    """Return what is answered; a replica that dies meanwhile is no reason not to ask the next."""
    while True:
        try:
            return await peer.ask(method, *arguments)
        except PeerLost as lost:
            log.info("%s: it is asked again", lost)
            await asyncio.sleep(RETRY_SECONDS)
