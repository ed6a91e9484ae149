"""Judges the paths of artifacts before anything is read or written at them."""

from pathlib import Path
from urllib.parse import unquote

from penstock.errors import UnsafePath

MOST_DECODINGS = 10


def safe_path(path: str) -> str:
    """Return a path below an artifact root in its shortest form; "" is the root itself.

    Raises UnsafePath for one that is absolute or climbs, also when it does so only once decoded:
    servers decode paths, some of them more than once.
    """
    for form in _decoded_forms(path):
        parts = form.replace("\\", "/").split("/")
        if form.startswith(("/", "\\")) or ".." in parts or "\0" in form:
            raise UnsafePath(
                f"the artifact path {path!r} is absolute or leads out of its folder; "
                "nothing was read or written",
                "INVALID_PARAMETER_VALUE",
            )
    return "/".join(part for part in path.split("/") if part not in {"", "."})


def join_path(folder: str, name: str) -> str:
    """Join two parts of a safe path, either of which may be empty."""
    return f"{folder}/{name}" if folder and name else folder or name


def local_target(folder: Path, path: str) -> Path:
    """Return where a safe path lies below a local folder.

    Raises UnsafePath when a symbolic link on the way leads out of the folder.
    """
    target = folder / path
    if path and not target.parent.resolve().is_relative_to(folder.resolve()):
        raise UnsafePath(
            f"a symbolic link in {folder} leads '{path}' out of that folder; nothing was written",
            "INVALID_PARAMETER_VALUE",
        )
    return target


def _decoded_forms(path: str) -> list[str]:
    forms = [path]
    while len(forms) <= MOST_DECODINGS and (decoded := unquote(forms[-1])) != forms[-1]:
        forms.append(decoded)
    return forms
