"""Tags of traces by which MLflow opens files, which no caller may point elsewhere. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.targets.arguments import string_member
from penstock.gateway.proxy.targets.finder import READ, reserved

LOCATION_TAG = "mlflow.artifactlocation"
"""MLflow reads a trace's spans and attachments from where this tag says."""

RESERVED_TAGS = frozenset(
    {"mlflow.trace.archivelocation", "mlflow.trace.spanslocation", "mlflow.trace.archivalfailure"}
)
"""MLflow itself refuses these where a tag is set by itself, but not where a trace is made."""


def tag_references(tags: Iterable[tuple[str, Any]]) -> Iterator[Reference]:
    """Return what the tags of a trace point to, and those that are for administrators.

    Without case: the databases of some servers compare keys that way.
    """
    for key, value in tags:
        plain = key.strip().lower()
        if plain == LOCATION_TAG and isinstance(value, str):
            yield Reference(Named.LOCATION, value, READ)
        elif plain == LOCATION_TAG or plain in RESERVED_TAGS:
            yield reserved(f"the tag '{key}'")


def pairs(objects: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Return keys and values of tags that are given as a list of objects."""
    for one in objects:
        yield string_member(one, "key") or "", one.get("value")
