"""What an engine is: it loads models, and predicts with them."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from penstock.models.mlmodel import Signature
from penstock.serving.engines.columns import Column


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What callers may know of a loaded model.

    `columns` are what its rows are made of; None where it takes MLflow's documents alone.
    """

    uri: str
    flavours: tuple[str, ...]
    signature: Signature | None = None
    columns: tuple[Column, ...] | None = None
    batches: bool = False


class TypedRows(NamedTuple):
    """Rows that fit a model's signature: a value for each of its columns, in that order."""

    rows: list[tuple[Any, ...]]


class Document(NamedTuple):
    """A request as MLflow's own server would get it."""

    body: bytes
    content_type: str


class Written(NamedTuple):
    """An answer as MLflow's own server would write it."""

    status: int
    media_type: str
    text: str


class ServedModel(Protocol):
    """A model that is loaded somewhere. It may be asked by many at the same time."""

    @property
    def facts(self) -> ModelFacts:
        """What is known of it."""

    async def predict(self, rows: TypedRows) -> list[Any]:
        """Return a prediction for each row, as JSON can say it, or almost.

        Raises ModelFailed or PredictionTimeout.
        """

    async def invoke(self, document: Document) -> Written:
        """Return what MLflow's own server would answer. Raises like `predict`."""

    async def close(self) -> None:
        """Let the model go, once the predictions under way have ended."""


class Engine(Protocol):
    """Loads models."""

    @property
    def loads_at_once(self) -> int:
        """How many models may be loaded at the same time."""

    async def load(self, uri: str) -> ServedModel:
        """Load the model of a URI. Raises PenstockError."""

    def note_silence(self) -> None:
        """Be told that the server leaves questions unanswered: what is here will do for a while."""

    async def close(self) -> None:
        """Let everything go."""
