"""Tensors of the Open Inference Protocol, and what models take and answer. Pure.

Source: Open Inference Protocol, version 2 (REST).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from penstock.errors import InvalidInput
from penstock.serving.engines.columns import Column

DATATYPES: Final[Mapping[str, str]] = {
    "double": "FP64",
    "float": "FP32",
    "long": "INT64",
    "integer": "INT32",
    "boolean": "BOOL",
    "string": "BYTES",
}
"""The datatypes of a signature's columns."""

KNOWN: Final = frozenset(
    {"BOOL", "BYTES", "FP16", "FP32", "FP64"}
    | {f"{kind}{bits}" for kind in ("INT", "UINT") for bits in (8, 16, 32, 64)}
)

Rows = tuple[tuple[str, ...], list[Any]]


def read_rows(inputs: object, columns: Sequence[Column] | None) -> Rows:
    """Return names and rows of input tensors: one for each column, or one with all of them.

    Raises InvalidInput that names the tensor.
    """
    if not isinstance(inputs, list) or not inputs:
        raise InvalidInput("the field 'inputs' must be a list of at least one tensor")
    tensors = [_check(tensor) for tensor in inputs]
    only = tensors[0]
    if len(tensors) == 1 and columns and (len(only["shape"]) > 1 and only["shape"][-1] != 1):
        return _of_matrix(only, columns)
    lengths = {len(_flat(tensor)) for tensor in tensors}
    if len(lengths) > 1:
        raise InvalidInput("the tensors of 'inputs' have different numbers of rows")
    names = tuple(tensor["name"] for tensor in tensors)
    if len(set(names)) < len(names):
        raise InvalidInput("two tensors of 'inputs' have the same name")
    return names, list(zip(*(_flat(tensor) for tensor in tensors), strict=True))


def nested(tensor: Mapping[str, Any]) -> Any:  # noqa: ANN401 - lists in lists
    """Return the values of a tensor as lists in lists, by its shape."""
    values = _flat(_check(tensor))
    for size in reversed(tensor["shape"][1:]):
        values = [values[first : first + size] for first in range(0, len(values), max(size, 1))]
    return values


def write_outputs(predictions: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever a model answers
    """Return predictions as output tensors: one, or one for each column of a table."""
    rows = predictions if isinstance(predictions, list) else [predictions]
    if rows and all(isinstance(row, dict) for row in rows):
        return [_tensor(str(name), [row.get(name) for row in rows]) for name in rows[0]]
    return [_tensor("predict", rows)]


def _check(tensor: object) -> dict[str, Any]:
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        raise InvalidInput("each tensor of 'inputs' must be an object with 'name'")
    name, shape = tensor["name"], tensor.get("shape")
    if not isinstance(shape, list) or not shape or not all(_is_size(size) for size in shape):
        raise InvalidInput(f"tensor '{name}': 'shape' must be a list of whole numbers")
    if tensor.get("datatype") not in KNOWN:
        raise InvalidInput(f"tensor '{name}': 'datatype' must be one of {', '.join(sorted(KNOWN))}")
    expected = 1
    for size in shape:
        expected *= size
    if len(_flat(tensor)) != expected:
        raise InvalidInput(
            f"tensor '{name}': 'data' has {len(_flat(tensor))} values, its shape {expected}"
        )
    return tensor


def _is_size(size: object) -> bool:
    return type(size) is int and size >= 0


def _of_matrix(tensor: Mapping[str, Any], columns: Sequence[Column]) -> Rows:
    rows = nested(tensor)
    if len(tensor["shape"]) != 2 or tensor["shape"][1] != len(columns):  # noqa: PLR2004 - rows and columns
        raise InvalidInput(
            f"tensor '{tensor['name']}': the model takes {len(columns)} columns, "
            f"not the shape {tensor['shape']}"
        )
    return tuple(column.name for column in columns), rows


def _flat(tensor: Mapping[str, Any]) -> list[Any]:
    """Return the values one after the other; the protocol also allows lists in lists."""
    values = tensor.get("data")
    if not isinstance(values, list):
        raise InvalidInput(f"tensor '{tensor.get('name')}': 'data' must be a list")
    while values and isinstance(values[0], list):
        if not all(isinstance(part, list) for part in values):
            raise InvalidInput(f"tensor '{tensor.get('name')}': 'data' is ragged")
        values = [value for part in values for value in part]
    return values


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    shape, flat = [len(values)], values
    while flat and all(isinstance(part, list) for part in flat):
        if len({len(part) for part in flat}) > 1:
            break
        shape.append(len(flat[0]))
        flat = [value for part in flat for value in part]
    return {"name": name, "shape": shape, "datatype": _datatype(flat), "data": flat}


def _datatype(values: Sequence[object]) -> str:
    kinds = {type(value) for value in values}
    if kinds <= {bool}:
        return "BOOL" if kinds else "FP64"
    if kinds <= {int}:
        return "INT64"
    return "FP64" if kinds <= {int, float} else "BYTES"
