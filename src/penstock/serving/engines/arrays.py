"""Models that may get the values of a frame without the frame.

scikit-learn spends most of a small prediction on taking the frame apart, and then computes with
its values alone. It remarks that they have no names; the names were checked when they were read.
"""

import warnings
from typing import Any, Final

MAKER: Final = "sklearn."
BY_NAME: Final = frozenset({"ColumnTransformer", "FunctionTransformer"})
"""Estimators that may look at more of a frame than its values."""

_REMARK: Final = "X does not have valid feature names"


def may_take_arrays(model: object) -> bool:
    """Tell whether a model is made of nothing but estimators of scikit-learn that go by values."""
    return all(_goes_by_values(part) for part in _parts(model))


def expect_arrays() -> None:
    """Let scikit-learn not remark on each prediction that values have no names."""
    warnings.filterwarnings("ignore", message=_REMARK, category=UserWarning)


def _goes_by_values(part: object) -> bool:
    kind = type(part)
    return kind.__module__.startswith(MAKER) and kind.__name__ not in BY_NAME


def _parts(model: Any) -> list[object]:  # noqa: ANN401 - any object
    """Return a model, and the estimators that it is made of."""
    parameters = model.get_params(deep=True) if hasattr(model, "get_params") else {}
    return [model, *(value for value in parameters.values() if hasattr(value, "fit"))]
