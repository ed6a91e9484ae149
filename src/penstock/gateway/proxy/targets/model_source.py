"""What a new model version points to, which its maker must be able to read. Pure."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import (
    find_field,
    get_field,
    list_objects,
    string_member,
)
from penstock.gateway.proxy.targets.finder import READ, Finder, references, reserved

PROMPT_SOURCES = frozenset({"dummy-source", "prompt-template"})
"""What stands in the place of a prompt's source, which MLflow never opens."""


def _find(call: Call) -> Iterator[Reference]:
    source = get_field(call, "source")
    yield from references(Named.RUN, [find_field(call, "run_id")], READ)
    yield from references(Named.LOGGED_MODEL, [find_field(call, "model_id")], READ)
    if not (source in PROMPT_SOURCES and _is_prompt(call)):
        yield _source(source)


def _source(source: str) -> Reference:
    """Return what a source points to, by the rules of MLflow's own readers of such URIs."""
    parts = urlsplit(source, allow_fragments=False)
    if parts.scheme not in {"runs", "models"}:
        return Reference(Named.LOCATION, source, READ)
    first, _, rest = parts.path.lstrip("/").partition("/")
    if not first or parts.netloc or parts.query:
        return reserved(f"the source '{source}'")
    if parts.scheme == "runs":
        return Reference(Named.RUN, first, READ)
    if rest or "@" in first:
        name = first if rest else first.rpartition("@")[0]
        return Reference(Named.REGISTERED_MODEL, name, READ)
    return Reference(Named.LOGGED_MODEL, first, READ)


def _is_prompt(call: Call) -> bool:
    tags = list_objects(call.document or {}, "tags")
    values = {string_member(tag, "key"): string_member(tag, "value") for tag in tags}
    return (values.get("mlflow.prompt.is_prompt") or "").lower() == "true"


version_source = Finder("READ on what `source`, `run_id` and `model_id` point to", _find)
