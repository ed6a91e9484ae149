"""The columns of a model's signature, and rows of JSON values that fit them. Pure.

Only what MLflow would take as it is counts as fitting; all else is MLflow's own to convert or to
refuse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from penstock.models.mlmodel import Signature

_INT32: Final = range(-(2**31), 2**31)
_INT64: Final = range(-(2**63), 2**63)


def _is_number(value: object) -> bool:
    return type(value) is float or (type(value) is int and value in _INT64)


CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "double": _is_number,
    "float": _is_number,
    "long": lambda value: type(value) is int and value in _INT64,
    "integer": lambda value: type(value) is int and value in _INT32,
    "boolean": lambda value: type(value) is bool,
    "string": lambda value: type(value) is str,
}
"""The types of columns that rows can be made for here, and which values fit as they are."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a signature."""

    name: str
    type: str
    is_required: bool = True

    @property
    def fits(self) -> Callable[[object], bool]:
        """What tells whether a value fits as it is."""
        return CHECKS[self.type]


def find_columns(signature: Signature | None) -> tuple[Column, ...] | None:
    """Return the columns of a signature, or None where it is not made of plain named ones."""
    if signature is None or not signature.inputs or signature.params:
        return None
    columns = tuple(_column(spec) for spec in signature.inputs)
    known = tuple(column for column in columns if column is not None)
    names = {column.name for column in known}
    return known if len(known) == len(columns) == len(names) else None


def find_fault(columns: Sequence[Column], names: Sequence[str], rows: Sequence[Any]) -> str | None:
    """Return what keeps rows from fitting, with the name of the field; None if nothing is found."""
    absent = [column.name for column in columns if column.is_required and column.name not in names]
    if absent:
        listed = ", ".join(f"'{name}'" for name in absent[:5])
        return f"the input lacks {listed}; the model needs {_listed(columns)}"
    places = {name: place for place, name in enumerate(names)}
    for number, row in enumerate(rows):
        if len(row) != len(names):
            return f"row {number} has {len(row)} values for {len(names)} columns"
        for column in columns:
            if column.name not in places:
                continue
            value = row[places[column.name]]
            if not column.fits(value) and (column.is_required or value is not None):
                where = f"row {number}, field '{column.name}'"
                return f"{where}: {column.type} expected, not {_shown(value)}"
    return None


def _column(spec: Mapping[str, Any]) -> Column | None:
    name, kind = spec.get("name"), spec.get("type")
    if not isinstance(name, str) or not isinstance(kind, str) or kind not in CHECKS:
        return None
    return Column(name, kind, bool(spec.get("required", True)))


def _listed(columns: Sequence[Column]) -> str:
    most = 20
    shown = ", ".join(f"{column.name} ({column.type})" for column in columns[:most])
    return shown if len(columns) <= most else f"{shown}, and {len(columns) - most} more"


def _shown(value: object) -> str:
    most = 60
    text = "null" if value is None else repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
