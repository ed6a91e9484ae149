"""The page of the client names what there is."""

import inspect
import re
from pathlib import Path

from penstock import MlflowClient

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "client.md"


def documented() -> set[str]:
    tables = re.findall(r"^\|.*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name for row in tables for name in re.findall(r"`(\w+)`", row)}


def test_every_method_has_its_row():
    """A method that nobody can read about is as good as missing."""
    methods = {
        name
        for name, _ in inspect.getmembers(MlflowClient, inspect.isfunction)
        if not name.startswith("_")
    }
    assert set() == methods - documented()


def test_every_argument_has_its_row():
    """The same for the arguments of the client."""
    assert set() == set(inspect.signature(MlflowClient).parameters) - documented()


def test_every_method_of_the_page_is_there():
    """Nothing is promised that is not kept."""
    text = PAGE.read_text(encoding="utf-8").partition("## Methods")[2].partition("## What")[0]
    rows = re.findall(r"^\|[^|]*\|(.*)\|$", text.partition("Beyond")[0], re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(named) > 30
    assert [] == [name for name in named if not hasattr(MlflowClient, name)]
