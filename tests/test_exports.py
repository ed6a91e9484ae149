import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import penstock


def test_every_public_name_can_be_imported():
    """What `__all__` promises is there."""
    for name in penstock.__all__:
        assert getattr(penstock, name) is not None


def test_every_public_name_is_the_one_of_its_home():
    """A name imported from the top is the very object of its package."""
    for name, home in penstock._HOMES.items():
        assert getattr(importlib.import_module(home), name) is getattr(penstock, name)


def test_dir_lists_the_public_names():
    """Tab completion shows what there is."""
    assert set(penstock.__all__) <= set(dir(penstock))


def test_an_unknown_name_is_an_attribute_error():
    """A typing error is told as Python tells it."""
    with pytest.raises(AttributeError, match="NoSuchThing"):
        penstock.NoSuchThing  # noqa: B018 - the access is the test


def test_importing_penstock_imports_none_of_its_packages():
    """The import itself costs next to nothing."""
    program = "import sys, penstock; print([m for m in sys.modules if m.startswith('penstock.')])"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[]" == answer.stdout.strip()


def test_the_client_imports_nothing_heavy():
    """Neither MLflow nor the numeric libraries nor the command line come with the client."""
    program = (
        "import sys; from penstock import MlflowClient; MlflowClient('http://127.0.0.1:9');"
        "print(sorted({'mlflow', 'numpy', 'pandas', 'rich', 'typer', 'pydantic', 'asyncio'}"
        " & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[]" == answer.stdout.strip()


def test_nobody_else_imports_what_is_private_to_the_client():
    """What other packages need of it has a public name."""
    packages = Path(penstock.__file__).parent
    private = re.compile(r"penstock\.rest(?:\.\w+)*\._\w+")
    found = {
        str(file.relative_to(packages)): private.findall(file.read_text(encoding="utf-8"))
        for file in packages.rglob("*.py")
        if packages / "rest" not in file.parents
    }
    assert {} == {file: names for file, names in found.items() if names}
