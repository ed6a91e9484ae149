"""MLflow's four JSON forms of a request, read into rows where that is plain. Pure."""

from typing import Any, Final

import msgspec

from penstock.errors import InvalidInput
from penstock.serving.engines.engine import Document
from penstock.serving.question import JSON, Question

_SPLIT: Final = frozenset({"columns", "data"})
_FORMS: Final = ("dataframe_split", "dataframe_records", "instances", "inputs")


def read_question(body: bytes, content_type: str) -> Question:
    """Return the question of a request to `/invocations`.

    What is no plain table has no rows: MLflow's own code reads it, or refuses it. Raises
    InvalidInput for what not even that could read.
    """
    document = Document(body, content_type)
    if content_type != JSON and content_type.partition(";")[0].strip().lower() != JSON:
        return Question(given=document)
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Question(given=document)
    except RecursionError as error:
        raise InvalidInput("the body is nested too deeply for a table") from error
    names, rows = _find_rows(decoded)
    return Question(names, rows, document)


def rows_of_records(records: list[Any]) -> tuple[tuple[str, ...], list[Any] | None]:
    """Return the names and rows of a list of objects; a value that one lacks is None."""
    if not records or not all(isinstance(record, dict) for record in records):
        return (), None
    first = tuple(records[0])
    if all(tuple(record) == first for record in records):
        return first, [tuple(record.values()) for record in records]
    names = tuple(dict.fromkeys(name for record in records for name in record))
    return names, [tuple(record.get(name) for name in names) for record in records]


def _find_rows(decoded: Any) -> tuple[tuple[str, ...], list[Any] | None]:  # noqa: ANN401 - JSON is any
    # Parameters, and whatever else stands beside the input, are MLflow's to judge.
    if not isinstance(decoded, dict) or len(decoded) != 1:
        return (), None
    form, content = next(iter(decoded.items()))
    if form not in _FORMS:
        return (), None
    if form == "dataframe_split":
        return _of_split(content)
    if form == "inputs":
        return _of_columns(content)
    return rows_of_records(content) if isinstance(content, list) else ((), None)


def _of_split(content: Any) -> tuple[tuple[str, ...], list[Any] | None]:  # noqa: ANN401 - JSON is any
    if not isinstance(content, dict) or not content.keys() >= _SPLIT or len(content) > 3:  # noqa: PLR2004 - and the index
        return (), None
    names, rows = content["columns"], content["data"]
    if len(content) > len(_SPLIT) and "index" not in content:
        return (), None
    if not _are_names(names) or not isinstance(rows, list):
        return (), None
    if not all(isinstance(row, list) for row in rows):
        return (), None
    return tuple(names), rows


def _of_columns(content: Any) -> tuple[tuple[str, ...], list[Any] | None]:  # noqa: ANN401 - JSON is any
    if not isinstance(content, dict) or not content:
        return (), None
    columns = list(content.values())
    if not all(isinstance(column, list) for column in columns):
        return (), None
    if len({len(column) for column in columns}) != 1:
        return (), None
    return tuple(content), list(zip(*columns, strict=True))


def _are_names(names: Any) -> bool:  # noqa: ANN401 - JSON is any
    return (
        isinstance(names, list)
        and all(isinstance(name, str) for name in names)
        and len(set(names)) == len(names)
    )
