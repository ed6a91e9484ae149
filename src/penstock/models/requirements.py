"""What a saved model needs to be installed, and what of it is not. Pure but for reading."""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = "requirements.txt"
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PIN: Final = re.compile(r"\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,*]+)\s*(?:;|$)")


class Shortfall(NamedTuple):
    """A requirement that is not met: nothing, or another version, is installed."""

    requirement: str
    installed: str | None

    def __str__(self) -> str:
        found = "is not installed" if self.installed is None else f"{self.installed} is installed"
        return f"{self.requirement} ({found})"


def read_requirements(folder: Path) -> tuple[str, ...]:
    """Return the requirements that stand beside an MLmodel file; older models have none."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    stripped = (line.partition(" #")[0].strip() for line in lines)
    return tuple(line for line in stripped if line and not line.startswith(("#", "-")))


def find_shortfalls(requirements: Iterable[str]) -> list[Shortfall]:
    """Return what is missing, and what is pinned to another version than the installed one."""
    found = []
    for requirement in requirements:
        name = _NAME.match(requirement)
        if name is None:
            continue
        installed = _find_version(name[0])
        pin = _PIN.match(requirement, name.end())
        if installed is None or (pin and pin[1].partition("+")[0] != installed.partition("+")[0]):
            found.append(Shortfall(requirement, installed))
    return found


def _find_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
