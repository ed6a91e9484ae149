"""Values of metadata as the text of a tag, and back. Pure.

Text stays plain; everything else is JSON, and so is text that could be taken for JSON. What JSON
has no word for becomes what comes closest: numbers of NumPy numbers, arrays and sets lists,
moments ISO 8601, anything else its `str`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, time
from enum import Enum
from typing import Any, Final

from penstock.errors import LineageError

_SIMPLE: Final = (bool, int, float, type(None))
_MOMENTS: Final = frozenset("mM")
"""The kinds of NumPy's moments and spans, whose own numbers say nothing."""


def encode(value: object) -> str:
    """Return the text for a value.

    Raises LineageError for one that holds itself, or an integer that Python does not write.
    """
    try:
        plain = simplify(value)
    except RecursionError:
        raise LineageError(
            "this value holds itself, or is nested too deep; log its parts under keys of their own"
        ) from None
    if isinstance(plain, str):
        return plain if _stays_plain(plain) else _as_json(plain)
    return _as_json(plain)


def decode(text: str) -> Any:  # noqa: ANN401 - metadata is any
    """Return the value that a text stands for."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def simplify(value: Any) -> Any:  # noqa: ANN401, PLR0911 - a table of kinds
    """Return a value made of what JSON knows: dict, list, text, numbers, None."""
    if isinstance(value, str):
        return str(value.value) if isinstance(value, Enum) else str(value)
    if isinstance(value, Enum):
        return simplify(value.value)
    if isinstance(value, _SIMPLE):
        return value
    if isinstance(value, Mapping):
        return {_as_name(name): simplify(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [simplify(item) for item in value]
    if isinstance(value, AbstractSet):
        return sorted((simplify(item) for item in value), key=_as_json)
    if isinstance(value, date | time):
        return value.isoformat()
    return _simplify_foreign(value)


def _simplify_foreign(value: Any) -> Any:  # noqa: ANN401 - objects of other libraries
    """Return arrays, scalars, series and tables as lists, numbers and dictionaries."""
    if getattr(getattr(value, "dtype", None), "kind", None) in _MOMENTS and hasattr(
        value, "astype"
    ):
        return simplify(value.astype(str).tolist())
    for method in ("to_dict", "tolist"):
        convert = getattr(value, method, None)
        if callable(convert) and not isinstance(value, type):
            plain = convert()
            return simplify(plain) if type(plain) is not type(value) else _shorten(plain)
    return str(value)


def _shorten(value: Any) -> float | str:  # noqa: ANN401 - as above
    # NumPy gives its longest numbers back as they are, for no number of Python holds them.
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return float(value) if kind == "f" else str(value)


def _as_name(name: Any) -> str:  # noqa: ANN401 - keys of dictionaries are any
    plain = simplify(name)
    return plain if isinstance(plain, str) else _as_json(plain)


def _stays_plain(text: str) -> bool:
    """Tell whether a text comes back as it is: no JSON, and nothing a database drops."""
    if not text or "\x00" in text or not _has_utf8(text):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _as_json(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except ValueError as error:
        most = sys.get_int_max_str_digits()
        raise LineageError(
            f"an integer in this value has more than the {most:,} digits that Python writes; "
            "log it as text, such as hex(number)"
        ) from error
    return text if _has_utf8(text) else json.dumps(value)


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
