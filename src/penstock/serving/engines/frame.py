"""Rows that fit a signature, as the frame that MLflow would have made of them, or its values."""

from collections.abc import Sequence
from typing import Any, Final

from penstock.serving.engines.columns import Column

DTYPES: Final = {
    "double": "float64",
    "float": "float32",
    "long": "int64",
    "integer": "int32",
    "boolean": "bool",
}


class FrameMaker:
    """Makes frames with a signature's columns and types. Needs pandas."""

    def __init__(self, columns: Sequence[Column]) -> None:
        import numpy as np  # noqa: PLC0415 - needs the extra, and takes long
        import pandas as pd  # type: ignore[import-untyped] # noqa: PLC0415 - the same

        self._numpy = np
        self._pandas = pd
        self._names = pd.Index([column.name for column in columns])
        self._types = [DTYPES.get(column.type) for column in columns]
        self._only = self._types[0] if len(set(self._types)) == 1 else None

    @property
    def is_uniform(self) -> bool:
        """Whether all columns are of one type that numbers or truth values have."""
        return self._only is not None

    def make(self, rows: Sequence[tuple[Any, ...]]) -> Any:  # noqa: ANN401 - a DataFrame
        """Return a frame with these rows."""
        if self._only is not None:
            values = self.make_array(rows)
            return self._pandas.DataFrame(values, columns=self._names, copy=False)
        columns = zip(*rows, strict=True)
        made = [
            list(values) if kind is None else self._numpy.array(values, dtype=kind)
            for values, kind in zip(columns, self._types, strict=True)
        ]
        return self._pandas.DataFrame(dict(zip(self._names, made, strict=True)))

    def make_array(self, rows: Sequence[tuple[Any, ...]]) -> Any:  # noqa: ANN401 - an array
        """Return the values of that frame, of shape (rows, columns), where `is_uniform`."""
        # Column after column in memory, as a frame that was made of columns.
        return self._numpy.array(list(zip(*rows, strict=True)), dtype=self._only).T
