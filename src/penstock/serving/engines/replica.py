"""One model in a process of its own: what each replica of a deployment is."""

from typing import Any

from penstock.models.manager import ModelManager
from penstock.serving.engines.calls import answer
from penstock.serving.engines.engine import Document, ModelFacts, TypedRows
from penstock.serving.engines.local import Limits, LocalEngine


class ModelReplica:
    """Holds a model and answers for it; made only where the model can be loaded.

    Errors are answers, see `calls.Failed`.
    """

    async def __init__(self, uri: str, limits: Limits) -> None:  # type: ignore[misc] # the cluster awaits it
        self._model = await LocalEngine(ModelManager(), limits).load(uri)

    async def facts(self) -> ModelFacts:
        """Return what is known of the model."""
        return self._model.facts

    async def predict(self, rows: TypedRows) -> Any:  # noqa: ANN401 - a list, or a failure
        """Return a prediction for each row."""
        return await answer(self._model.predict(rows))

    async def invoke(self, document: Document) -> Any:  # noqa: ANN401 - what is written, or a failure
        """Return what MLflow's own server would answer."""
        return await answer(self._model.invoke(document))
