"""Builds the object that trained a model, from what its winning experiment recorded."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from penstock.errors import LineageError, UnknownResource
from penstock.lineage.deployments import WINNER
from penstock.lineage.metadata import Metadata
from penstock.lineage.resource import Place, split_experiment_id

WINNING_TRAINER: Final = "winning_experiment_model_trainer"
TRAINER: Final = "model_trainer"
PARAMS: Final = "training_params"
CONFIG: Final = "model_trainer_config"


class TrainerRecord(NamedTuple):
    """The class of a trainer, by name, and the params and configuration it was made with."""

    class_name: str
    params: Mapping[str, Any]
    config: Mapping[str, Any]


def read_trainer(metadata: Metadata, model_version: Place) -> TrainerRecord:
    """Return what was recorded. Raises UnknownResource if it does not name a class."""
    winner = metadata.get(model_version, WINNER)
    places = [model_version]
    if isinstance(winner, str):
        places.insert(0, Place(winner, split_experiment_id(winner)[0]))
    class_name = metadata.get(model_version, WINNING_TRAINER) or _first(metadata, places, TRAINER)
    if not isinstance(class_name, str):
        raise UnknownResource(
            f"no trainer was logged for '{model_version.resource_id}' in run "
            f"{model_version.run_id}; log the name of its class as metadata '{TRAINER}' of the "
            f"winning experiment, or as '{WINNING_TRAINER}' of the model version"
        )
    return TrainerRecord(
        class_name,
        _as_mapping(_first(metadata, places, PARAMS)),
        _as_mapping(_first(metadata, places, CONFIG)),
    )


def find_class(name: str, ref_model: object) -> Callable[..., Any]:
    """Return a class by its dotted name, or the one of the reference if that has this name.

    This imports what the run names: load only from servers that you trust.
    """
    kind = type(ref_model)
    if name in {kind.__name__, f"{kind.__module__}.{kind.__qualname__}"}:
        return kind
    import importlib  # noqa: PLC0415 - only where a class is loaded

    module, _, attribute = name.replace(":", ".").rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise LineageError(
            f"the trainer '{name}' cannot be imported ({error}); log its full name, "
            "'package.module.Class', or pass an object of its class as ref_model"
        ) from error
    if not callable(found):
        raise LineageError(f"the trainer '{name}' is no class; log the name of one")
    return found  # type: ignore[no-any-return] # callable, which is all that is known


def build_trainer(
    make: Callable[..., Any], record: TrainerRecord, options: Mapping[str, Any], model_obj: object
) -> Any:  # noqa: ANN401 - a trainer is whatever its class makes
    """Make a trainer with as many of the options as it takes, and give it the fitted model.

    A class without an argument `params` or `conf` gets what they hold one by one, as far as it
    takes that: so do estimators of scikit-learn.
    """
    trainer = make(**_arguments(make, record, options))
    if model_obj is None:
        return trainer
    setter = getattr(trainer, "_set_model", None)
    if callable(setter):
        setter(model_obj)
    else:
        trainer.model = model_obj
    return trainer


def _arguments(
    make: Callable[..., Any], record: TrainerRecord, options: Mapping[str, Any]
) -> dict[str, Any]:
    params, config = dict(record.params), dict(record.config)
    whole = {"conf": {"config": config}, "params": params, **options}
    names = _names_of(make)
    if names is None:
        return whole
    apart = {**(config if "conf" not in names else {}), **(params if "params" not in names else {})}
    return {name: value for name, value in {**apart, **whole}.items() if name in names}


def _names_of(make: Callable[..., Any]) -> set[str] | None:
    """Return which arguments a class takes; None stands for any."""
    import inspect  # noqa: PLC0415 - only where a class is loaded

    try:
        parameters = inspect.signature(make).parameters.values()
    except ValueError as error:
        raise LineageError(
            f"the trainer cannot be made: {error}; log a class that tells which arguments it takes"
        ) from error
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return {parameter.name for parameter in parameters}


def _first(metadata: Metadata, places: list[Place], key: str) -> Any:  # noqa: ANN401 - metadata is any
    found = (metadata.get(place, key) for place in places)
    return next((value for value in found if value is not None), None)


def _as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
