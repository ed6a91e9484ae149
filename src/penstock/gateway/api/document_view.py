"""The OpenAPI document as people read it: calls in groups, with all that they take. Pure."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from penstock.gateway.api.example import KNOWN, Schemas
from penstock.gateway.api.schema_words import Member, members, words
from penstock.gateway.proxy.routes import own

Operation = Mapping[str, Any]

FIRST_ERROR: Final = 400
WHO: Final = {(row.method, row.path): row.access.value for row in own.ROUTES}


@dataclass(frozen=True, slots=True)
class Answered:
    """One status that a call may answer with."""

    status: str
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One call."""

    method: str
    path: str
    summary: str
    paragraphs: tuple[str, ...]
    who: str
    arguments: tuple[Member, ...]
    body: tuple[Member, ...]
    curl: str
    success: Answered
    fields: tuple[Member, ...]
    errors: tuple[Answered, ...]

    @property
    def anchor(self) -> str:
        """The call's place on a page."""
        words = self.path.translate(str.maketrans("/{}", "-  ")).replace(" ", "")
        return f"{self.method.lower()}{words}"


@dataclass(frozen=True, slots=True)
class Group:
    """Calls about the same."""

    name: str
    description: str
    calls: tuple[Shown, ...]


def view(document: Mapping[str, Any]) -> list[Group]:
    """Return the groups of a document, in its order; calls without a group come last."""
    schemas = document["components"]["schemas"]
    calls: dict[str, list[Shown]] = {}
    for method, path, operation in _operations(document):
        name = next(iter(operation.get("tags", ())), "Others")
        calls.setdefault(name, []).append(_shown(method, path, operation, schemas=schemas))
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    order = [*(name for name in described if name in calls), *(calls.keys() - described)]
    return [Group(name, described.get(name, ""), tuple(calls[name])) for name in order]


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


def _shown(method: str, path: str, operation: Operation, *, schemas: Schemas) -> Shown:
    answers = [_answered(status, one) for status, one in operation["responses"].items()]
    good = [one for one in answers if int(one.status) < FIRST_ERROR]
    content = _content(operation.get("requestBody", {}))
    answer = _content(operation["responses"][good[0].status])
    return Shown(
        method=method,
        path=path,
        summary=operation["summary"],
        paragraphs=tuple(operation["description"].replace("\n\n", "\0").split("\0")),
        who=WHO[method, path],
        arguments=tuple(_argument(one, schemas) for one in operation.get("parameters", ())),
        body=tuple(members(content.get("schema", {}), schemas)),
        curl=_curl(method, path, operation),
        success=good[0],
        fields=tuple(members(answer.get("schema", {}), schemas)),
        errors=tuple(one for one in answers if int(one.status) >= FIRST_ERROR),
    )


def _content(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = holder.get("content", {}).get("application/json", {})
    return content


def _answered(status: str, answer: Mapping[str, Any]) -> Answered:
    example = json.dumps(_content(answer).get("example"), indent=2, ensure_ascii=False)
    return Answered(status, answer.get("description", ""), example)


def _argument(parameter: Mapping[str, Any], schemas: Schemas) -> Member:
    schema = parameter.get("schema", {})
    default = schema.get("default")
    kind = words(schema, schemas).removesuffix(" or null")
    place = parameter["in"]
    return Member(
        parameter["name"],
        f"{place}, {kind}" + ("" if default is None else f", by default {default}"),
        parameter.get("required", False),
        parameter.get("description", ""),
    )


def _curl(method: str, path: str, operation: Operation) -> str:
    """Return a command line that makes the call, with examples of all that it takes."""
    lines = ["curl" + ("" if operation["security"] == [] else ' --user "$EMAIL"')]
    if method != "GET":
        lines[0] += f" --request {method}"
    taken = {one["name"]: one["in"] for one in operation.get("parameters", ()) if _is_needed(one)}
    headers = [name for name, place in taken.items() if place == "header"]
    lines += [f"--header {shlex.quote(f'{name}: {KNOWN[name]}')}" for name in headers]
    example = _content(operation.get("requestBody", {})).get("example")
    if example is not None:
        lines.append("--header 'Content-Type: application/json'")
        lines.append(f"--data {shlex.quote(json.dumps(example, ensure_ascii=False))}")
    query = urlencode([(name, KNOWN[name]) for name, place in taken.items() if place == "query"])
    lines.append(f'"$PENSTOCK_URL{_filled(path)}{query and "?" + query}"')
    return " \\\n  ".join(lines)


def _is_needed(parameter: Mapping[str, Any]) -> bool:
    """Tell whether a call is refused without it: one without `If-Match` gets 428, and not 422."""
    return bool(parameter.get("required")) or parameter["name"] == "If-Match"


def _filled(path: str) -> str:
    """Return a path with examples in the places of its parameters; curl reads braces itself."""
    return re.sub(r"\{(\w+)\}", lambda found: str(KNOWN.get(found[1], found[1])), path)
