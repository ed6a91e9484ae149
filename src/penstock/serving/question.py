"""What a request asks of whichever run answers it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from penstock.errors import InvalidInput, ModelFailed
from penstock.models.scoring import write_json
from penstock.serving.engines.columns import Column, find_fault
from penstock.serving.engines.engine import Document, ServedModel, TypedRows, Written

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Question:
    """Rows of named values where they can be told, and the document in MLflow's form.

    Without a document the rows are all there is, and it is made of them when needed.
    """

    names: tuple[str, ...] = ()
    rows: Sequence[Sequence[Any]] | None = None
    given: Document | None = None

    @property
    def document(self) -> Document:
        """The request as MLflow's own server would get it."""
        if self.given is not None:
            return self.given
        split = {"dataframe_split": {"columns": self.names, "data": self.rows}}
        return Document(msgspec.json.encode(split), JSON)

    def bind(self, columns: Sequence[Column] | None) -> TypedRows | None:
        """Return the rows in the order of a model's columns; None if one does not fit as it is."""
        if columns is None or not self.rows:
            return None
        if tuple(column.name for column in columns) == self.names:
            places = list(range(len(columns)))
        else:
            known = {name: place for place, name in enumerate(self.names)}
            if not all(column.name in known for column in columns):
                return None
            places = [known[column.name] for column in columns]
        wanted = [(place, column.fits) for place, column in zip(places, columns, strict=True)]
        width, bound = len(self.names), []
        for row in self.rows:
            if len(row) != width or not all(fits(row[place]) for place, fits in wanted):
                return None
            bound.append(tuple(row[place] for place in places))
        return TypedRows(bound)

    def find_key(self, field: str) -> str | None:
        """Return the text of a field of the first row, or None where there is none."""
        if not self.rows or field not in self.names:
            return None
        row, place = self.rows[0], self.names.index(field)
        return str(row[place]) if place < len(row) and row[place] is not None else None


class Prediction(NamedTuple):
    """What a model answers: a value for each row, or a text that MLflow's own code has written."""

    values: list[Any] | None = None
    written: Written | None = None

    def text(self) -> str:
        """Return it as `mlflow models serve` writes it."""
        if self.written is not None:
            return self.written.text
        return write_json({"predictions": self.values})

    def read(self) -> Any:  # noqa: ANN401 - whatever the model answers
        """Return what is predicted. Raises ModelFailed for what is no answer to rows."""
        if self.written is None:
            return self.values
        document = json.loads(self.written.text)  # NaN is allowed, as MLflow writes it
        if not isinstance(document, dict) or "predictions" not in document:
            raise ModelFailed("the model answers in a form of its own; ask it by /invocations")
        return document["predictions"]


async def ask(model: ServedModel, question: Question) -> Prediction:
    """Return what a model predicts. Raises InvalidInput that names the field, and ServingError."""
    rows = question.bind(model.facts.columns)
    if rows is not None:
        return Prediction(values=await model.predict(rows))
    try:
        return Prediction(written=await model.invoke(question.document))
    except InvalidInput as error:
        fault = _find_fault(model, question)
        if fault is None:
            raise
        raise InvalidInput(fault) from error


def _find_fault(model: ServedModel, question: Question) -> str | None:
    columns = model.facts.columns
    if columns is None or question.rows is None:
        return None
    return find_fault(columns, question.names, question.rows)
