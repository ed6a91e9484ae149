"""What is said of traces is said by who calls: the proven identity is written in. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import spelled
from penstock.gateway.proxy.targets.owner_tag import is_owner_tag

HUMAN: Final = ("HUMAN", "1", 1)
"""How the source of an assessment says that a person made it; MLflow takes its number, too."""

Json = Any
Change = Callable[[Json], Json]


def authored_assessment(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as the person who assesses, if a person does."""
    email = call.subject.email
    return dict(_inside(call.document or {}, "assessment", lambda one: _assessed(one, email)))


def authored_trace(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as `mlflow.user` and as the people who assess.

    Where the trace says nothing of them, nothing is said.
    """
    email = call.subject.email

    def change(told: Json) -> Json:
        for name in ("trace_metadata", "tags"):
            told = _inside(told, name, lambda pairs: _owned(pairs, email))
        return _inside(told, "assessments", lambda some: _each(some, _assessed, email))

    document = call.document or {}
    return dict(_inside(document, "trace", lambda one: _inside(one, "trace_info", change)))


def authored_request(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as `mlflow.user`, where it is named.

    In the second version of the API tags and metadata are lists.
    """
    document: Json = call.document or {}
    for name in ("request_metadata", "tags"):
        document = _inside(document, name, lambda some: _each(some, _pair, call.subject.email))
    return dict(document)


def _assessed(assessment: Json, email: str) -> Json:
    return _inside(assessment, "source", lambda source: _person(source, email))


def _person(source: Json, email: str) -> Json:
    if not isinstance(source, dict) or source.get(spelled(source, "source_type")) not in HUMAN:
        return source
    return {**source, spelled(source, "source_id"): email}


def _pair(pair: Json, email: str) -> Json:
    is_owner = isinstance(pair, dict) and is_owner_tag(str(pair.get("key", "")))
    return {**pair, "value": email} if is_owner else pair


def _owned(pairs: Json, email: str) -> Json:
    if not isinstance(pairs, dict):
        return pairs
    return {key: email if is_owner_tag(key) else value for key, value in pairs.items()}


def _each(some: Json, change: Callable[[Json, str], Json], email: str) -> Json:
    return [change(one, email) for one in some] if isinstance(some, list) else some


def _inside(document: Json, name: str, change: Change) -> Json:
    """Return an object with a member changed, in whichever spelling; MLflow refuses other forms."""
    key = spelled(document, name) if isinstance(document, dict) else name
    if not isinstance(document, dict) or key not in document:
        return document
    return {**document, key: change(document[key])}
