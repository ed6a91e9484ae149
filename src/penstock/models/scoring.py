"""Predictions as `mlflow models serve` makes them, by its own code where it matters."""

import inspect
import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final

from penstock.errors import InvalidInput, ModelFailed
from penstock.models.flavours import load_scoring

_log = logging.getLogger("penstock.models")

_RAISED: Final = "Encountered an unexpected error while evaluating the model"
"""What MLflow's message begins with when the model itself has raised."""

MOST_SAID: Final = 2000
"""How many characters of what a model says are told to who asked; it may repeat the whole input."""

_REFUSED: Final = range(400, 500)


class Scoring:
    """One of MLflow's `PyFuncModel`s at work."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - mlflow's own class
        self._model = model
        self._server = load_scoring()
        self._schema = model.metadata.get_input_schema()
        # What MLflow checks before it was checked by whoever made the frame.
        self._predict = getattr(model, "_predict_fn", None) or model.predict
        self._options: Mapping[str, Any] = _options(self._predict)

    @property
    def raw_model(self) -> object:
        """The model as its own library knows it, or None where MLflow does not say."""
        try:
            return self._model.get_raw_model()
        except (AttributeError, NotImplementedError):
            return None

    def answer(self, values: Any) -> Any:  # noqa: ANN401 - an array, and what the model answers
        """Return the same as `predict` for the bare values of a frame. Raises any Exception."""
        try:
            return self._server.jsonable(self._predict(values, **self._options))
        except Exception:
            raise
        except BaseException as error:
            raise _failed(error) from error

    def predict(self, frame: Any) -> Any:  # noqa: ANN401 - a DataFrame, and what the model answers
        """Return what the model predicts for a frame of its signature, as JSON can say it.

        Raises ModelFailed.
        """
        try:
            return self._server.jsonable(self._predict(frame, **self._options))
        except BaseException as error:
            raise _failed(error) from error

    def invoke(self, body: bytes, content_type: str) -> tuple[int, str, str]:
        """Return status, media type and text of the answer of MLflow's own server.

        Raises InvalidInput for what MLflow refuses, ModelFailed for what the model raises.
        """
        try:
            answer = self._server.invocations(body, content_type, self._model, self._schema)
        except self._server.error as error:
            if error.message.startswith(_RAISED):
                # MLflow raises its own while it has the model's in hand.
                raise _failed(error.__context__ or error) from error
            if error.get_http_status_code() in _REFUSED:
                raise InvalidInput(error.message) from error
            raise ModelFailed(error.message) from error
        except BaseException as error:
            raise _failed(error) from error
        return answer.status, answer.mimetype, answer.response


def write_json(document: object) -> str:
    """Return a document as MLflow writes it: NaN stays NaN, and NumPy's values are plain ones.

    Raises ModelFailed for what JSON cannot say.
    """
    try:
        return json.dumps(document)
    except TypeError:
        encoder = load_scoring().encoder
    try:
        return json.dumps(document, cls=encoder)
    except (TypeError, ValueError) as error:
        raise ModelFailed(f"the model answers what JSON cannot say: {error}") from error


def _failed(error: BaseException) -> ModelFailed:
    """Return the failure that whatever a model has raised is.

    A model that calls `sys.exit` fails, too: it ends its own call, and not the server.
    """
    trace = "".join(traceback.format_exception(error))
    _log.warning("a model raised:\n%s", trace)
    said = str(error)
    if len(said) > MOST_SAID:
        said = f"{said[:MOST_SAID]}… (the log has all of it)"
    return ModelFailed(f"the model raised {type(error).__name__}: {said}")


def _options(predict: Any) -> dict[str, Any]:  # noqa: ANN401 - any callable
    """Return the arguments beside the input, as MLflow chooses them."""
    argument = inspect.signature(predict).parameters.get("params")
    is_taken = argument is not None and argument.kind is not inspect.Parameter.VAR_KEYWORD
    return {"params": None} if is_taken else {}
