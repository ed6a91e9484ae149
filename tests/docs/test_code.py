"""The code in the documents runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
STORIES = {ROOT / "docs" / "guides" / "rollouts.md"}
"""Pages whose examples go on from one another: they run in tests of their own."""


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


PROGRAMS = [
    pytest.param(code, id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    if page not in STORIES
    for number, code in enumerate(blocks(page, "python"), start=1)
]


@pytest.mark.parametrize("code", PROGRAMS)
def test_every_python_example_runs(stack, tmp_path, code):
    """A reader who copies an example gets what it promises."""
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        # What a user's own folders would hold of other examples is not there.
        env={
            **stack.environment,
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "XDG_DATA_HOME": str(tmp_path / "share"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert 0 == answer.returncode, answer.stderr


def test_there_are_python_examples():
    """The check would be worth nothing without examples."""
    assert PROGRAMS


def test_the_first_steps_of_the_readme_work(stack):
    """What stands in the README after `make up`, word for word but for address and folder."""
    start, *steps = blocks(ROOT / "README.md", "sh")
    assert "make up\n" == start
    script = "\n".join(step for step in steps if "make test" not in step)
    for told, here in {
        "http://127.0.0.1:8000": stack.gateway_url,
        "penstock-data/admin-password": str(stack.data / "admin-password"),
        ".venv/bin/": f"{Path(sys.executable).parent}{os.sep}",
    }.items():
        assert told in script
        script = script.replace(told, here)
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={key: value for key, value in stack.environment.items() if "TRACKING" not in key},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert 0 == answer.returncode, answer.stdout + answer.stderr
    assert "alice@example.com" in answer.stdout


def test_every_make_target_of_the_documents_exists():
    """A target that is told but gone would send the reader astray."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [*PAGES, ROOT / "CONTRIBUTING.md"]
    told = {
        target
        for page in pages
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert {"test", "up"} <= told
    assert set() == told - targets
