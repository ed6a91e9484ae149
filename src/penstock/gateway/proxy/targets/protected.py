"""Names that only rollouts write: the gateway does so itself, and lets nobody else. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import find_field, list_objects, string_member
from penstock.gateway.proxy.targets.finder import Finder

TAG_PREFIX: Final = "penstock."
METRICS: Final = frozenset({"active_state", "test_fraction"})


def is_protected_tag(key: str) -> bool:
    """Return whether a tag is one that rollouts write, in whatever spelling."""
    return _plain(key).startswith(TAG_PREFIX)


def is_protected_metric(key: str) -> bool:
    """Return whether a metric of a run is one that rollouts write, in whatever spelling."""
    return _plain(key) in METRICS


def _plain(key: str) -> str:
    # The databases of some servers take all of these for one: case, width, accents, spaces behind.
    decomposed = unicodedata.normalize("NFKD", key)
    return "".join(one for one in decomposed if not unicodedata.combining(one)).casefold().strip()


def _tags(keys: Iterable[str | None]) -> Iterator[Reference]:
    for key in keys:
        if key and is_protected_tag(key):
            yield Reference(Named.PROTECTED, f"the tag '{key}'", Level.MANAGE)


def _metrics(keys: Iterable[str | None]) -> Iterator[Reference]:
    for key in keys:
        if key and is_protected_metric(key):
            yield Reference(Named.PROTECTED, f"the metric '{key}'", Level.MANAGE)


def _keys(document: Mapping[str, Any] | None, name: str) -> Iterator[str | None]:
    return (string_member(one, "key") for one in list_objects(document or {}, name))


def _find_input_tags(call: Call) -> Iterator[Reference]:
    for dataset in list_objects(call.document or {}, "datasets"):
        yield from _tags(_keys(dataset, "tags"))


_TAGS = "nobody for tags `penstock.…`"
_METRICS = "nobody for the metrics `active_state` and `test_fraction`"

protected_tag = Finder(_TAGS, lambda call: _tags([find_field(call, "key")]))
protected_tags = Finder(_TAGS, lambda call: _tags(_keys(call.document, "tags")))
protected_path_tag = Finder(_TAGS, lambda call: _tags([call.parameters["tag_key"]]))
protected_input_tags = Finder(_TAGS, _find_input_tags)
protected_metric = Finder(_METRICS, lambda call: _metrics([find_field(call, "key")]))
protected_metrics = Finder(_METRICS, lambda call: _metrics(_keys(call.document, "metrics")))
