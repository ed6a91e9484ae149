"""The stories of the guide: its commands say what it shows, its code holds."""

import re
import shlex
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.app import app
from penstock.cli.outcome import run
from servers import Up

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "rollouts.md"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
SHORT_ID = re.compile(r"\b[0-9a-f]{8}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
AUTHOR = "ann@example.com"


@pytest.fixture(params=["mlflow", "gateway"])
def place(request, stack: Up, monkeypatch, tmp_path) -> str:
    """Settings of a client of MLflow itself, or of the gateway; who changes the plan."""
    login = {"MLFLOW_TRACKING_USERNAME": AUTHOR, "MLFLOW_TRACKING_PASSWORD": "not asked for"}
    address = stack.mlflow_url
    if request.param == "gateway":
        address = stack.gateway_url
        login = {
            "MLFLOW_TRACKING_USERNAME": stack.username,
            "MLFLOW_TRACKING_PASSWORD": stack.password,
        }
    for name, value in {"MLFLOW_TRACKING_URI": address, **login}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PENSTOCK_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return login["MLFLOW_TRACKING_USERNAME"]


class Reader:
    """Follows the guide in an experiment of their own, as somebody else."""

    def __init__(self, author: str) -> None:
        self._author = author
        self._experiment = f"churn-{uuid.uuid4().hex[:6]}x"
        self._variables: dict[str, Any] = {}
        self._own_ids: dict[str, str] = {}

    def execute(self, code: str) -> None:
        """Run a program of the guide, with what those before it have left."""
        with warnings.catch_warnings():  # of MLflow and the flavour's library, about themselves
            warnings.simplefilter("ignore")
            exec(self._own(code), self._variables)  # noqa: S102 - the guide's own code

    def type(self, command: str, capsys: pytest.CaptureFixture[str]) -> str:
        """Run a command of the guide; return what it says."""
        program, *arguments = shlex.split(self._own(command).replace("\\\n", " "))
        assert "penstock" == program
        code = run(app, arguments)
        captured = capsys.readouterr()
        assert (0, "") == (code, captured.err), command
        return str(captured.out)

    def learn(self, told: str, said: str) -> None:
        """Learn which run is which, where the guide shows one for the first time."""
        for theirs, own in zip(SHORT_ID.findall(told), SHORT_ID.findall(said), strict=False):
            self._own_ids.setdefault(theirs, own)

    def neutral(self, text: str) -> str:
        """Return a text with the ids of the guide, and without times, names and widths."""
        for theirs, own in self._own_ids.items():
            text = text.replace(own, theirs)
        text = text.replace(self._experiment, "churn").replace(self._author, AUTHOR)
        # A stock server's history says not who made the earlier revisions.
        text = TIME.sub("TIME", text).replace(f" by {AUTHOR}", "").replace(AUTHOR, "-")
        return "\n".join(" ".join(line.split()) for line in text.splitlines())

    def _own(self, text: str) -> str:
        for theirs, own in self._own_ids.items():
            text = text.replace(theirs, own)
        return re.sub(r"\bchurn\b", self._experiment, text)


def blocks() -> Iterator[tuple[str, str]]:
    for found in BLOCK.finditer(GUIDE.read_text(encoding="utf-8")):
        yield found[1], found[2]


def test_the_stories_of_the_guide_come_out_as_they_are_told(place, capsys):
    """Commands and code in the order of the page; ids, times and names are the reader's own."""
    reader = Reader(place)
    for kind, text in blocks():
        if kind == "python":
            reader.execute(text)
            continue
        for command, told in COMMAND.findall(text):
            said = reader.type(command, capsys)
            reader.learn(told, said)
            assert reader.neutral(told) == reader.neutral(said), command


def test_there_are_stories():
    """The check would be worth nothing without blocks that it finds."""
    kinds = [kind for kind, _ in blocks()]
    assert kinds.count("console") >= 8
    assert kinds.count("python") >= 6
