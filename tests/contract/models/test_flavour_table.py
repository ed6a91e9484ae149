"""The table of flavours is the one of the installed MLflow."""

import re
from pathlib import Path

import mlflow
import pytest

from penstock.models.flavour_table import FLAVOURS

HOME = Path(mlflow.__file__).parent
PROMPTS = "prompt"
"""A kind of model that MLflow makes of prompts for itself; it has no module of a flavour."""


def sources(name: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (HOME / name).glob("*.py"))


def test_every_flavour_of_mlflow_has_its_row():
    """A package of MLflow that saves models is a flavour, and there are no others."""
    packages = [path.name for path in HOME.iterdir() if path.is_dir()]
    saver = re.compile(r"^def save_model\(", re.MULTILINE)
    savers = {name for name in packages if saver.search(sources(name))}
    assert savers - {PROMPTS} == {flavour.name for flavour in FLAVOURS}


@pytest.mark.parametrize("flavour", FLAVOURS, ids=str)
def test_a_flavour_is_called_in_files_what_the_table_says(flavour):
    """By this key a saved model is recognised; a package without a constant uses its own name."""
    named = set(re.findall(r'^FLAVOR_NAME = "(\w+)"', sources(flavour.name), re.MULTILINE))
    assert flavour.key in (named or {flavour.name})


@pytest.mark.parametrize("flavour", FLAVOURS, ids=str)
def test_a_flavour_saves_to_a_path_and_loads_from_a_uri(flavour):
    """That is how all of them are called."""
    text = sources(flavour.name)
    saver = re.search(r"^def save_model\((.*?)\)(?: ->.*)?:$", text, re.MULTILINE | re.DOTALL)
    assert re.search(r"^def load_model\(\s*\w+", text, re.MULTILINE)
    assert re.search(r"\bpath\b", saver[1])
