from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from penstock.errors import MlflowException
from penstock.models.flavour_choice import FlavourLike

_DICTIONARIES: Final = ("params", "metrics", "options")
_SPELLINGS: Final = {"flavour": "flavor"}


@dataclass(frozen=True, slots=True)
class ModelData:
    """What is registered: a model, and what is known of it.

    `options` are those of the flavour's `save_model`.
    """

    model: Any
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    options: Mapping[str, Any]
    version: Any = None
    flavor: FlavourLike | None = None
    signature: Any = None
    input_example: Any = None


_OPTIONAL: Final = (
    *("params", "metrics", "version", "flavor"),
    *("signature", "input_example", "options"),
)


def parse_model_data(given: Mapping[str, Any]) -> ModelData:
    """Return what a dictionary holds. Raises MlflowException for what is missing or wrong."""
    if not isinstance(given, Mapping):
        raise _invalid(f"model_data must be a dictionary, not {type(given).__name__}")
    if given.get("model") is None:
        raise _invalid("model_data must hold the model, as 'model'")
    found = {_SPELLINGS.get(name, name): value for name, value in given.items()}
    unknown = sorted(set(found) - {"model", *_OPTIONAL})
    if unknown:
        raise _invalid(f"model_data has no place for {unknown}; there are {('model', *_OPTIONAL)}")
    parts: dict[str, Any] = {name: found.get(name) for name in _DICTIONARIES}
    for name, part in parts.items():
        if part is not None and not isinstance(part, Mapping):
            raise _invalid(f"'{name}' in model_data must be a dictionary, not {part!r}")
    given_parts = {name: part or {} for name, part in parts.items()}
    given_parts["metrics"] = _numbers(given_parts["metrics"])
    return ModelData(**{**found, **given_parts})


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return metrics as numbers: told before the model is saved, which takes long."""
    numbers = {}
    for name, value in metrics.items():
        try:
            numbers[name] = float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise _invalid(f"metric '{name}' in model_data is no number: {error}") from error
    return numbers


def _invalid(message: str) -> MlflowException:
    return MlflowException(message, "INVALID_PARAMETER_VALUE")
