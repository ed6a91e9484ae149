"""Each import rule is kept, and is broken by a deliberate violation."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

VIOLATIONS = {
    "a layer imports to its left": ("layers", "rest/bad.py", "import penstock.gateway.settings"),
    "a layer imports to its left inside a function": (
        "layers",
        "rest/bad.py",
        "def late():\n    import penstock.cli",
    ),
    "the models import the rollout": ("layers", "models/__init__.py", "import penstock.rollout"),
    "the gateway imports the serving": ("layers", "gateway/bad.py", "import penstock.serving"),
    "the agent imports the SDK": ("layers", "agent/__init__.py", "import penstock.sdk"),
    "the lineage imports the deployments": (
        "layers",
        "lineage/__init__.py",
        "import penstock.deployments",
    ),
    "the deployments import the serving": (
        "layers",
        "deployments/__init__.py",
        "import penstock.serving",
    ),
    "a package that no layer names": ("layers", "helpers/__init__.py", ""),
    "the foundation imports its own kind": ("layers", "uris.py", "import penstock.errors"),
    "the foundation imports the client": ("layers", "errors.py", "import penstock.rest"),
    "a cycle inside a package": (
        "cycles",
        "rest/first.py",
        "import penstock.rest.second",
        "rest/second.py",
        "def late():\n    import penstock.rest.first",
    ),
    "a cycle between packages inside the gateway": (
        "cycles",
        "gateway/permissions/bad.py",
        "import penstock.gateway.entry",
    ),
    "a third file knows the HTTP library": ("http", "rest/bad.py", "import pyreqwest.client"),
    "the gateway's API knows the HTTP library": ("http", "gateway/api/bad.py", "import pyreqwest"),
    "mlflow in the client": ("mlflow", "rest/bad.py", "def late():\n    import mlflow"),
    "mlflow in a second file of the models": ("mlflow", "models/bad.py", "import mlflow.sklearn"),
    "Ray in a second file": ("ray", "serving/bad.py", "import ray"),
    "lolpop in a second file": ("lolpop", "lineage/bad.py", "import lolpop.component"),
    "another file verifies signatures": ("signatures", "gateway/auth/bad.py", "import joserfc.jwt"),
    "a small part wants the gateway's libraries": ("light", "rest/bad.py", "import pydantic"),
}


@pytest.fixture
def tree(tmp_path):
    """A copy of the sources, with the packages that are still to come."""
    shutil.copytree(ROOT / "src" / "penstock", tmp_path / "penstock")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("models", "rollout", "lineage", "deployments", "agent", "sdk", "serving"):
        folder = tmp_path / "penstock" / package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; sys.path.insert(0, '.');"
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def broken(output: str) -> set[str]:
    return set(re.findall(r"^(.*?) BROKEN", output, re.MULTILINE))


def test_every_rule_has_its_violation():
    """A rule that no test breaks may be one that nothing can break."""
    assert set(CONTRACTS) == {contract for contract, *_ in VIOLATIONS.values()}


def test_the_rules_are_kept(tree):
    """The sources keep every rule, also once the packages to come are there."""
    answer = lint(tree)
    assert 0 == answer.returncode, answer.stdout + answer.stderr


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_is_found(tree, violation):
    """A rule that nothing can break would be no rule."""
    contract, *files = VIOLATIONS[violation]
    name = CONTRACTS[contract]
    for path, text in zip(files[::2], files[1::2], strict=True):
        target = tree / "penstock" / path
        target.parent.mkdir(exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")
    answer = lint(tree)
    assert 0 != answer.returncode
    assert name in broken(answer.stdout)
