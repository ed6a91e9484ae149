from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from penstock.errors import MlflowException
from penstock.models.flavour_choice import FlavourLike

_SPELLINGS: Final = {"flavour": "flavor"}


@dataclass(frozen=True, slots=True)
class ModelData:
    """What is registered: a model, and what is known of it."""

    model: Any
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    version: Any = None
    flavor: FlavourLike | None = None
    signature: Any = None
    input_example: Any = None


_OPTIONAL: Final = ("params", "metrics", "version", "flavor", "signature", "input_example")


def parse_model_data(given: Mapping[str, Any]) -> ModelData:
    """Return what a dictionary holds. Raises MlflowException for what is missing or unknown."""
    if given.get("model") is None:
        raise _invalid("model_data must hold the model, as 'model'")
    found = {_SPELLINGS.get(name, name): value for name, value in given.items()}
    unknown = sorted(set(found) - {"model", *_OPTIONAL})
    if unknown:
        raise _invalid(f"model_data has no place for {unknown}; there are {('model', *_OPTIONAL)}")
    parts: dict[str, Any] = {name: found.get(name) for name in ("params", "metrics")}
    for name, part in parts.items():
        if part is not None and not isinstance(part, Mapping):
            raise _invalid(f"'{name}' in model_data must be a dictionary, not {part!r}")
    return ModelData(
        **{**found, "params": parts["params"] or {}, "metrics": parts["metrics"] or {}}
    )


def _invalid(message: str) -> MlflowException:
    return MlflowException(message, "INVALID_PARAMETER_VALUE")
