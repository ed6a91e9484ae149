from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class Entity(Struct, frozen=True):
    """Base of all entities. Iterates over (attribute, value) pairs, so that `dict(entity)` works.

    Attributes that an answer leaves out have the value that MLflow's client gives them.
    """

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for name in self._attributes():
            yield name, getattr(self, name)

    def __hash__(self) -> int:
        # Dictionaries and lists cannot be hashed; what names an entity is neither.
        values = (getattr(self, name) for name in self.__struct_fields__)
        return hash(tuple(value for value in values if isinstance(value, HASHABLE)))

    @classmethod
    def _attributes(cls) -> list[str]:
        derived = (name for name, member in vars(cls).items() if isinstance(member, property))
        return sorted(
            {*derived, *(name for name in cls.__struct_fields__ if not name.startswith("_"))}
        )


HASHABLE = (str, int, float, Entity)
