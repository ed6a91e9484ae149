import os
import shutil
from pathlib import Path


def copy_folder(folder: Path, target: Path, *, is_there: bool = False) -> str:
    """Copy a folder with all that is in it; return the copy. Raises OSError that says one reason.

    `is_there` allows a target that exists already.
    """
    try:
        return str(shutil.copytree(folder, target, dirs_exist_ok=is_there))
    except shutil.Error as error:
        # It holds what happened to each file, as a list without a word.
        raise OSError(_reason(error)) from error


def _reason(error: shutil.Error) -> str:
    failures = error.args[0]
    if not isinstance(failures, list):
        return str(error)
    _, place, why = failures[0]
    return why if os.fspath(place) in why else f"{place}: {why}"
