"""Judges the paths of artifacts before anything is read or written at them."""

import errno
import re
from pathlib import Path
from unicodedata import category
from urllib.parse import unquote, urlparse

from penstock.errors import UnsafePath

MOST_DECODINGS = 10

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def safe_path(path: str) -> str:
    """Return a path below an artifact root in its shortest form; "" is the root itself.

    Raises UnsafePath for one that is absolute, climbs, or holds a backslash or a control
    character, also when it does so only once decoded: servers decode paths, some of them twice.
    """
    for form in _decoded_forms(path):
        if form.startswith("/") or "\\" in form or ".." in form.split("/") or _has_controls(form):
            raise UnsafePath(
                f"the artifact path {path!r} is absolute, leads out of its folder, or holds "
                "a backslash or control character; nothing was read or written",
                "INVALID_PARAMETER_VALUE",
            )
    return "/".join(part for part in path.split("/") if part not in {"", "."})


def join_path(folder: str, name: str) -> str:
    """Join two parts of a safe path, either of which may be empty."""
    return f"{folder}/{name}" if folder and name else folder or name


class Destination:
    """A local folder below which files are written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._judged: dict[Path, bool] = {}

    def target(self, path: str) -> Path:
        """Return where a safe path lies below the folder.

        Raises UnsafePath when a symbolic link on the way, or at its end, leads out of the folder.
        """
        target = self._folder / path
        if path and not self._lies_in(target if target.is_symlink() else target.parent):
            raise UnsafePath(
                f"a symbolic link in {self._folder} leads '{path}' out of that folder; "
                "nothing was written",
                "INVALID_PARAMETER_VALUE",
            )
        return target

    def _lies_in(self, path: Path) -> bool:
        if path not in self._judged:
            resolved = _resolve(path)
            folder = self._folder.resolve()
            self._judged[path] = resolved is not None and resolved.is_relative_to(folder)
        return self._judged[path]


def _resolve(path: Path) -> Path | None:
    """Return where a path leads; None where links lead round in a circle."""
    try:
        return path.resolve(strict=True)
    except RuntimeError:  # Python up to 3.12
        return None
    except OSError as error:  # what is missing, or below a file, leads nowhere else
        return None if error.errno == errno.ELOOP else path.resolve()


def check_served(path: str) -> None:
    """Raise UnsafePath for a path that MLflow's server would take for another one.

    It decodes percent-escapes once more than it should, refuses `#`, takes what stands before a
    colon at the beginning for a scheme, and loses a `?` or `;` at the end, also of a folder; what
    is asked for would be another file.
    """
    if _SCHEME.match(path):
        raise UnsafePath(
            f"MLflow's server would take the beginning of the artifact path {path!r} for a scheme "
            "or a drive; use a name without ':' in its first part",
            "INVALID_PARAMETER_VALUE",
        )
    end = path.find("/")
    while end != -1:
        _check_served(path[:end])
        end = path.find("/", end + 1)
    _check_served(path)


def _check_served(path: str) -> None:
    # Below a folder, for what stands before a colon at the beginning would be a scheme.
    served = urlparse(f"x/{unquote(path)}").geturl()[2:]
    if served != path or "#" in path:
        raise UnsafePath(
            f"MLflow's server would take the artifact path {path!r} for {served!r}, or refuse it; "
            "use a name without '#' and escapes such as '%20', not ending in '?' or ';'",
            "INVALID_PARAMETER_VALUE",
        )


def _has_controls(form: str) -> bool:
    return any(category(character) == "Cc" for character in form)


def _decoded_forms(path: str) -> list[str]:
    forms = [path]
    while len(forms) <= MOST_DECODINGS and (decoded := unquote(forms[-1])) != forms[-1]:
        forms.append(decoded)
    return forms
