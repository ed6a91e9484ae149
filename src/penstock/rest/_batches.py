"""Cuts what is logged into batches that MLflow takes. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

MOST_ENTITIES = 1000
MOST_LABELS = 100
MOST_BYTES = 1_000_000
ENVELOPE_BYTES = 200


class Batch:
    """What goes into one call: at most 1,000 entities, of them 100 params and 100 tags; 1 MB."""

    def __init__(self) -> None:
        self._items: dict[str, list[msgspec.Raw]] = {"params": [], "tags": [], "metrics": []}
        self._count = 0
        self._bytes = ENVELOPE_BYTES

    def has_room(self, kind: str, item: bytes) -> bool:
        """Tell whether one more fits; an empty batch takes whatever comes."""
        if not self._count:
            return True
        most = MOST_ENTITIES if kind == "metrics" else MOST_LABELS
        return (
            self._count < MOST_ENTITIES
            and len(self._items[kind]) < most
            and self._bytes + len(item) < MOST_BYTES
        )

    def add(self, kind: str, item: bytes) -> None:
        """Take one more."""
        self._items[kind].append(msgspec.Raw(item))
        self._count += 1
        self._bytes += len(item) + 1

    def fields(self) -> dict[str, list[msgspec.Raw]]:
        """Return the JSON fields of the call, empty ones left out."""
        return {kind: items for kind, items in self._items.items() if items}


def cut_batches(
    *,
    metrics: Iterable[dict[str, Any]] = (),
    params: Iterable[dict[str, str]] = (),
    tags: Iterable[dict[str, str]] = (),
) -> Iterator[Batch]:
    """Yield batches in order, params and tags first; nothing yields nothing."""
    batch: Batch | None = None
    for kind, items in (("params", params), ("tags", tags), ("metrics", metrics)):
        for fields in items:
            item = msgspec.json.encode(fields)
            if batch is not None and not batch.has_room(kind, item):
                yield batch
                batch = None
            batch = batch or Batch()
            batch.add(kind, item)
    if batch is not None:
        yield batch
