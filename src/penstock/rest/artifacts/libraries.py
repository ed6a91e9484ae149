import importlib
from typing import Any

from penstock.errors import MissingLibrary


def load_library(name: str, advice: str) -> Any:  # noqa: ANN401 - a module of any library
    """Import a library that only some calls need. Raises MissingLibrary with the advice."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingLibrary(f"this needs {name.partition('.')[0]}: {advice} ({error})") from error
