from pathlib import Path
from typing import Any

from penstock.errors import LocalFileError
from penstock.models.flavour_choice import FlavourLike, choose_flavour, parse_flavour
from penstock.models.flavours import save_as
from penstock.models.mlmodel import MlModel, read_mlmodel


def save_model(
    model: Any,  # noqa: ANN401 - models of all makers
    path: Path | str,
    *,
    flavour: FlavourLike | None = None,
    signature: Any = None,  # noqa: ANN401 - mlflow's own class, or what it says as a dictionary
    input_example: Any = None,  # noqa: ANN401 - whatever the model takes
    **options: Any,  # noqa: ANN401 - those of the flavour
) -> MlModel:
    """Save a model into a folder on this machine, as MLflow saves it, and return what it says.

    `flavour` is a module or its name; without one it follows from the object's class. `signature`
    is MLflow's, or read from `input_example`. Further options are those of the flavour's
    `save_model`: `pip_requirements`, `code_paths`, `artifacts`, `metadata`, … The folder must not
    hold anything yet. Nothing is sent anywhere.
    """
    folder = Path(path).absolute()
    chosen = choose_flavour(model) if flavour is None else parse_flavour(flavour)
    _check_free(folder)
    given = {"signature": signature, "input_example": input_example, **options}
    save_as(chosen, model, folder, given)
    return read_mlmodel(folder)


def _check_free(folder: Path) -> None:
    try:
        is_taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise LocalFileError(f"cannot save a model in {folder}: {error}") from error
    if is_taken:
        raise LocalFileError(f"{folder} holds something already; save the model in a new folder")
