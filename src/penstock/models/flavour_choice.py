"""Finds the flavour that is meant, or that saves an object. Pure: imports no library."""

import types
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from penstock.errors import UnsuitableObject
from penstock.models.flavour import Flavour
from penstock.models.flavour_table import FLAVOURS, PYFUNC

FlavourLike = Flavour | str | types.ModuleType
"""A flavour, its name (`"sklearn"`, `"mlflow.sklearn"`), or its module (`mlflow.sklearn`)."""

_PREFIX: Final = "mlflow."
_BY_NAME: Final = {flavour.name: flavour for flavour in FLAVOURS} | {
    flavour.key: flavour for flavour in FLAVOURS
}
_BY_ROOT: Final = {root: flavour for flavour in FLAVOURS for root in flavour.roots}
_SPELLINGS: Final = {"scikit-learn": "sklearn", "torch": "pytorch", "pyspark": "spark"}


def parse_flavour(given: FlavourLike) -> Flavour:
    """Return the flavour that is meant; raise UnsuitableObject where it is none.

    A module of another maker, with MLflow's `save_model` and `load_model`, is a flavour as well.
    """
    if isinstance(given, Flavour):
        return given
    if isinstance(given, types.ModuleType):
        name = given.__name__.removeprefix(_PREFIX)
        return _BY_NAME.get(name) or _foreign(given)
    if not isinstance(given, str):
        raise UnsuitableObject(
            "flavour must be a name or a module, such as 'sklearn' or mlflow.sklearn, "
            f"not {given!r}"
        )
    name = given.removeprefix(_PREFIX)
    found = _BY_NAME.get(_SPELLINGS.get(name, name))
    if found is None:
        raise UnsuitableObject(f"'{given}' is no flavour of MLflow; {_advise(name)}")
    return found


def find_flavour(key: str) -> Flavour | None:
    """Return the flavour that an MLmodel file calls so, or None: it may be another maker's."""
    return _BY_NAME.get(key)


def choose_flavour(model: object) -> Flavour:
    """Return the flavour that saves an object; raise UnsuitableObject where none does.

    The nearest class of a known library counts: a scikit-learn estimator of XGBoost is XGBoost's,
    an own subclass of a scikit-learn estimator is scikit-learn's.
    """
    for root in _roots(model):
        if root in _BY_ROOT:
            return _BY_ROOT[root]
    if _is_code(model):
        return PYFUNC
    kind = type(model)
    raise UnsuitableObject(
        f"no flavour is known for {kind.__module__}.{kind.__qualname__}; name one with flavour=, "
        "or wrap the object in a mlflow.pyfunc.PythonModel"
    )


def _roots(model: object) -> list[str]:
    """Return the packages that an object is from, its own class's first."""
    if isinstance(model, types.ModuleType | types.FunctionType):
        return []
    classes = model.__mro__ if isinstance(model, type) else type(model).__mro__
    return [one.__module__.partition(".")[0] for one in classes]


def _is_code(model: object) -> bool:
    is_script = isinstance(model, str | Path) and Path(model).suffix == ".py"
    return is_script or isinstance(model, types.FunctionType | types.MethodType)


def _foreign(module: types.ModuleType) -> Flavour:
    name = module.__name__
    if not (hasattr(module, "save_model") and hasattr(module, "load_model")):
        raise UnsuitableObject(
            f"the module {name} is no flavour: it has no save_model and load_model"
        )
    short = name.rpartition(".")[2]
    key = getattr(module, "FLAVOR_NAME", short)
    return Flavour(short, name.partition(".")[0], key=str(key), module=name)


def _advise(name: str) -> str:
    near = get_close_matches(name, list(_BY_NAME), 1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(_BY_NAME))}"
