"""Read a JSON body so that nobody after us can read it differently. Pure.

MLflow reads a field in two spellings (`run_id`, `runId`), and JSON parsers disagree on a name
that stands twice. Such bodies are refused; what goes on to MLflow is written anew from what was
parsed here.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from penstock.errors import RequestRefused

FREE_KEYS = frozenset(
    {"attributes", "auth_config", "dimensions", "inputs", "metadata", "outputs", "params",
     "parameters", "secret_value", "tags", "trace_metadata", "value", "values", "variables"}
)  # fmt: skip
"""Fields of MLflow's messages whose content has keys of the caller's own choice."""

IDENTIFIERS = ("trace_info", "traceInfo", "trace_location", "traceLocation", "mlflow_experiment",
               "mlflowExperiment", "experiment_id", "experimentId", "experiment_ids",
               "experimentIds", "run_id", "runId", "run_uuid", "runUuid", "model_id", "modelId",
               "trace_id", "traceId", "name")  # fmt: skip
"""Fields that say what a call touches. They go first: MLflow parses fields in their order, and
goes on with what it has when one is wrong. Without its id a run would go to another experiment."""

_IDENTIFIERS = frozenset(IDENTIFIERS)
_HUMP = re.compile(r"[A-Z]")


def parse_body(body: bytes) -> dict[str, Any]:
    """Parse a body that must be one JSON object. Raises RequestRefused (400) with the reason."""
    try:
        return _parse(body)
    except UnicodeDecodeError as error:
        raise _refusal("is not UTF-8") from error
    except RecursionError as error:
        raise _refusal("is nested too deeply") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _refusal(f"is not JSON: {error.msg} ({where})") from error
    except ValueError as error:
        raise _refusal("holds a number that is too long") from error


def write_body(document: dict[str, Any]) -> bytes:
    """Write a parsed body; NaN and infinities stay as Python's JSON spells them.

    Raises RequestRefused (400) where reading came just below Python's depth and writing does not.
    """
    try:
        return json.dumps(document, separators=(",", ":")).encode("ascii")
    except RecursionError as error:
        raise _refusal("is nested too deeply") from error


def snake_case(name: str) -> str:
    """Return MLflow's spelling of a field name that may be in JSON's camel case."""
    return _HUMP.sub(lambda hump: "_" + hump[0].lower(), name)


def _parse(body: bytes) -> dict[str, Any]:
    document = json.loads(body.decode("utf-8"), object_pairs_hook=_object)
    if not isinstance(document, dict):
        raise _refusal(f"must be a JSON object, not {type(document).__name__}")
    _check_spellings(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise _refusal(f"names a field twice: {_first_repeated(name for name, _ in pairs)}")
    if _IDENTIFIERS.isdisjoint(document):
        return document
    first = {name: document[name] for name in IDENTIFIERS if name in document}
    return first | document


def _check_spellings(value: dict[str, Any] | list[Any]) -> None:
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                _check_spellings(item)
        return
    if not all(map(str.islower, value)):  # a name in lower case has one spelling
        names = [snake_case(name) for name in value]
        if len(set(names)) != len(names):
            raise _refusal(f"names a field in two spellings: {_first_repeated(names)}")
    for name, content in value.items():
        if isinstance(content, list) or (
            isinstance(content, dict) and snake_case(name) not in FREE_KEYS
        ):
            _check_spellings(content)


def _first_repeated(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return repr(name)
        seen.add(name)
    raise AssertionError("no name is repeated")


def _refusal(reason: str) -> RequestRefused:
    return RequestRefused(400, "BAD_REQUEST", f"the body of the request {reason}")
