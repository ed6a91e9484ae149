from pathlib import Path
from typing import Any, Final

from penstock.errors import MissingLibrary, UnreadableModel
from penstock.models.flavour import Flavour
from penstock.models.flavour_choice import FlavourLike, find_flavour, parse_flavour
from penstock.models.flavour_table import PYFUNC
from penstock.models.flavours import load_native, load_pyfunc
from penstock.models.mlmodel import MlModel, read_mlmodel
from penstock.models.requirements import find_shortfalls

NATIVE: Final = "native"


def load_model(path: Path | str, *, flavour: FlavourLike = "pyfunc") -> Any:  # noqa: ANN401 - models of all makers
    """Load a saved model from a folder on this machine.

    `"pyfunc"` gives MLflow's `PyFuncModel`, whose `predict` checks against the signature;
    `"native"` the object itself, by the flavour that the MLmodel file names; any other flavour
    that one's object. A model may be a pickle, which runs code: load only what you trust.
    Raises UnreadableModel, or MissingLibrary that lists what the model needs.
    """
    found = read_mlmodel(Path(path).absolute())
    try:
        if flavour == NATIVE:
            return load_native(_native_flavour(found), found.path)
        chosen = parse_flavour(flavour)
        _require_flavour(found, chosen)
        return load_pyfunc(found.path) if chosen == PYFUNC else load_native(chosen, found.path)
    except MissingLibrary as error:
        raise _with_shortfalls(error, found) from error


def _native_flavour(found: MlModel) -> Flavour:
    own = [key for key in found.flavours if key != PYFUNC.key]
    known = [flavour for key in own if (flavour := find_flavour(key)) is not None]
    if known:
        return known[0]
    if own:
        raise UnreadableModel(
            f"the model in {found.path} is of the flavour '{own[0]}', which MLflow does not have; "
            "pass the module that saved it as flavour="
        )
    return PYFUNC


def _require_flavour(found: MlModel, wanted: Flavour) -> None:
    if wanted.key not in found.flavours:
        raise UnreadableModel(
            f"the model in {found.path} cannot be loaded as '{wanted}'; it is of "
            f"{', '.join(found.flavours)}"
        )


def _with_shortfalls(error: MissingLibrary, found: MlModel) -> MissingLibrary:
    """Return the error with all that the model needs and that is not there as it should be."""
    shortfalls = find_shortfalls(found.requirements)
    if not shortfalls:
        return error
    listed = ", ".join(map(str, shortfalls))
    wanted = " ".join(f"'{one.requirement}'" for one in shortfalls)
    return MissingLibrary(f"{error}; of its requirements {listed}: pip install {wanted}")
