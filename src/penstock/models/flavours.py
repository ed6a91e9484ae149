"""The one file that knows mlflow: saves and loads models by its flavours, without its tracking."""

import importlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from penstock.errors import LocalFileError, MissingLibrary, UnreadableModel, UnsuitableObject
from penstock.models.flavour import Flavour
from penstock.models.flavour_table import PYFUNC

INSTALL: Final = "pip install 'penstock[mlflow]'"


def save_as(flavour: Flavour, model: Any, path: Path, options: Mapping[str, Any]) -> None:  # noqa: ANN401 - models of all makers
    """Save a model into a folder that is not there yet.

    Raises MissingLibrary, LocalFileError, or UnsuitableObject for whatever else is raised.
    """
    # MLflow imports its wrapper while it saves, whatever the flavour is.
    _load_module(PYFUNC)
    module = _load_module(flavour)
    given = {name: value for name, value in options.items() if value is not None}
    if isinstance(given.get("signature"), Mapping):
        given["signature"] = _make_signature(given["signature"])
    with _saving(flavour, path):
        if flavour == PYFUNC:
            # It takes the place first, and any of several kinds of models by name.
            module.save_model(path=str(path), **_as_python_model(model), **given)
        else:
            module.save_model(model, path=str(path), **given)


def load_native(flavour: Flavour, path: Path) -> Any:  # noqa: ANN401 - as above
    """Return the model object itself, as the library has it.

    Raises MissingLibrary, or UnreadableModel for whatever else is raised.
    """
    module = _load_module(flavour)
    with _loading(path):
        loaded = module.load_model(str(path))
        # What a Python class was saved from is inside of MLflow's wrapper.
        return loaded.unwrap_python_model() if flavour == PYFUNC else loaded


def load_pyfunc(path: Path) -> Any:  # noqa: ANN401 - mlflow's own class
    """Return the model as MLflow's `PyFuncModel`: `predict` checks against the signature.

    Raises like `load_native`.
    """
    module = _load_module(PYFUNC)
    with _loading(path):
        # Its warnings tell of requirements, which whoever loads has checked.
        return module.load_model(str(path), suppress_warnings=True)


class ScoringServer(NamedTuple):
    """What `mlflow models serve` does with a request and an answer."""

    invocations: Callable[..., Any]
    jsonable: Callable[[Any], Any]
    encoder: type[json.JSONEncoder]
    error: type[Any]
    version: str


def load_scoring() -> ScoringServer:
    """Return the parts of MLflow's own inference server. Raises MissingLibrary."""
    _import(_import_mlflow, "mlflow", INSTALL)
    server = _import(
        lambda: importlib.import_module("mlflow.pyfunc.scoring_server"), "mlflow's server", INSTALL
    )
    return ScoringServer(
        server.invocations,
        server._get_jsonable_obj,  # noqa: SLF001 - answers must be written as MLflow writes them
        server.NumpyEncoder,
        server.MlflowException,
        server.VERSION,
    )


def infer_signature(model_input: object, model_output: object = None) -> Any:  # noqa: ANN401 - mlflow's own class
    """Return the signature that MLflow reads from samples of what a model takes and returns."""
    models = _import(lambda: importlib.import_module("mlflow.models"), "mlflow", INSTALL)
    try:
        return models.infer_signature(model_input, model_output)
    except Exception as error:
        raise UnsuitableObject(f"no signature can be read from these samples: {error}") from error


def _load_module(flavour: Flavour) -> Any:  # noqa: ANN401 - a module
    _import(_import_mlflow, "mlflow", INSTALL)
    advice = INSTALL if flavour == PYFUNC else f"pip install {flavour.library}"
    return _import(
        lambda: importlib.import_module(flavour.module), f"the flavour '{flavour}'", advice
    )


def _import_mlflow() -> Any:  # noqa: ANN401 - a module
    import mlflow  # noqa: PLC0415 - it takes seconds, and may not be installed

    return mlflow


def _import(load: Callable[[], Any], what: str, advice: str) -> Any:  # noqa: ANN401 - a module
    try:
        # Some of what MLflow warns of while it is imported is in its own code.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load()
    except ImportError as error:
        raise MissingLibrary(
            f"saving and loading models needs {what}, which cannot be imported ({error}); "
            f"install it: {advice}"
        ) from error


def _as_python_model(model: object) -> dict[str, object]:
    """Return the argument of `mlflow.pyfunc.save_model` that a model is."""
    return {} if model is None else {"python_model": model}


def _make_signature(described: Mapping[str, Any]) -> Any:  # noqa: ANN401 - mlflow's own class
    models = importlib.import_module("mlflow.models")
    try:
        return cast("Any", models.ModelSignature).from_dict(dict(described))
    except Exception as error:
        raise UnsuitableObject(f"this is no signature of MLflow: {error}") from error


@contextmanager
def _saving(flavour: Flavour, path: Path) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingLibrary(
            f"saving as '{flavour}' needs more: {error}; pip install {flavour.library}"
        ) from error
    except OSError as error:
        raise LocalFileError(f"cannot save the model in {path}: {error}") from error
    except Exception as error:
        raise UnsuitableObject(f"the model cannot be saved as '{flavour}': {error}") from error


@contextmanager
def _loading(path: Path) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingLibrary(f"the model in {path} needs more: {error}") from error
    except Exception as error:
        raise UnreadableModel(f"the model in {path} cannot be loaded: {error}") from error
