"""Names of a package that are imported when they are first used: its own import costs little."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

Get = Callable[[str], Any]
List = Callable[[], list[str]]


def lazy_names(package: str, homes: Mapping[str, str]) -> tuple[Get, List]:
    """Return the `__getattr__` and `__dir__` of a package, given the module of each name."""

    def get(name: str) -> Any:  # noqa: ANN401 - a module's attributes have any type
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        value = getattr(importlib.import_module(home), name)
        setattr(sys.modules[package], name, value)
        return value

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, list_names
