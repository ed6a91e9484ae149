"""Which of several items a refusal is about, as far as its words tell. Pure.

What is found here saves calls and decides nothing: each part is sent again by itself.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from penstock.rest.writer.item import Item
from penstock.rest.writer.kind import Kind

PLACE = re.compile(r"'(metrics|params|tags)\[(\d+)\]")
ABOUT_KEY = re.compile(
    r"'(metrics|params|tags)\[\d+\]\.(name|key)'|Invalid (metric|parameter|tag) name: "
)
ABOUT_DATABASE = "IntegrityError"


class Suspect(NamedTuple):
    """All items of one kind and key."""

    kind: Kind
    key: str


def find_suspects(sent: Sequence[Item], message: str) -> set[Suspect]:
    """Return what a refusal names of the items that were sent, in their order."""
    place = PLACE.search(message)
    if place is not None:
        field, number = place[1], int(place[2])
        of_kind = [item for item in sent if item.kind.field == field]
        return {suspect(item) for item in of_kind[number : number + 1]}
    if ABOUT_DATABASE in message:
        # It shows the beginning of what was to be written, whatever was wrong with the rest.
        return set()
    return {
        suspect(item) for item in sent if f"'{item.key}'" in message or f'"{item.key}"' in message
    }


def suspect(item: Item) -> Suspect:
    """Return what an item is one of."""
    return Suspect(item.kind, item.key)


def is_about_key(message: str) -> bool:
    """Tell whether a refusal is about the name of an item, whatever its value."""
    return ABOUT_KEY.search(message) is not None


def divide(items: Sequence[Item], suspects: set[Suspect]) -> list[list[Item]]:
    """Return two parts to be sent apart, others and suspects or halves, each key in order."""
    named = [item for item in items if suspect(item) in suspects]
    if 0 < len(named) < len(items):
        return [[item for item in items if suspect(item) not in suspects], named]
    middle = len(items) // 2
    return [list(items[:middle]), list(items[middle:])]
