"""Folders that nobody else may write: what lies there is loaded, and a model is a program."""

import os
import stat
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o700
_ROOT: Final = 0
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def make_private(path: Path) -> None:
    """Make a folder for its owner alone, where it is not there yet. Raises OSError."""
    path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)


def is_private(path: Path) -> bool:
    """Tell whether a folder is this user's, or root's, and no link, and nobody else may write it.

    One that is not there is: nobody has written to it. Raises OSError.
    """
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    is_own = found.st_uid in {os.geteuid(), _ROOT}
    return stat.S_ISDIR(found.st_mode) and is_own and not found.st_mode & _WRITABLE_BY_OTHERS
