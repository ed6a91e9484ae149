"""The order that a search asks for, as MLflow's database follows it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_CLAUSE: Final = re.compile(
    r"\s*(?:attributes?\.)?[`\"']?(?P<key>[a-z_]+)[`\"']?(?:\s+(?P<way>asc|desc))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field to sort by. `is_number` for what JSON may carry as text."""

    key: str
    ascends: bool = True
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Fields to sort by; rows that are equal in all of them keep the order in which they came."""

    fields: tuple[Field, ...]

    def precedes(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Return whether a row comes before another one."""
        for field in self.fields:
            mine, theirs = _value(one, field), _value(other, field)
            if mine != theirs:
                return (mine < theirs) is field.ascends
        return False


def parse_order(
    clauses: Sequence[str],
    known: Mapping[str, Field],
    *,
    default: Sequence[Field],
    ties: Sequence[Field],
) -> Order:
    """Return the order of MLflow's `order_by`; what is no clause is left to MLflow to refuse."""
    fields = [found for clause in clauses if (found := _parse(clause, known))] or list(default)
    keys = {field.key for field in fields}
    return Order((*fields, *(field for field in ties if field.key not in keys)))


def _parse(clause: str, known: Mapping[str, Field]) -> Field | None:
    found = _CLAUSE.fullmatch(clause)
    field = known.get(found["key"]) if found else None
    if found is None or field is None:
        return None
    return Field(field.key, (found["way"] or "asc").lower() == "asc", field.is_number)


def _value(row: Mapping[str, Any], field: Field) -> tuple[bool, Any]:
    """Return a value to compare: what is absent is smallest, as in most databases."""
    value = row.get(field.key)
    if value is None:
        return (False, 0 if field.is_number else "")
    return (True, int(value) if field.is_number else str(value))
