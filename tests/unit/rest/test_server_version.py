import re
from pathlib import Path

import pytest

from penstock.errors import NotMlflow, ServerTooOld
from penstock.rest._answer import Answer
from penstock.rest._server_version import LOGGED_MODELS, NOVELTIES, ServerVersion, find_novelty

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "migrate.md"
UNKNOWN = NotMlflow("404", "ENDPOINT_NOT_FOUND", status=404)


class Server:
    """Says its version, and counts how often it was asked."""

    def __init__(self, says: bytes | Exception) -> None:
        self.says = says
        self.asked = 0

    def __call__(self) -> Answer:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return Answer("GET", "/version", 200, self.says)


@pytest.mark.parametrize("says", [b"2.22.2", b"2.12.0.dev0", b" 2.9\n"])
def test_an_old_server_is_told(says):
    """With its version, what it lacks, and since when MLflow has that."""
    version = ServerVersion(Server(says))
    with pytest.raises(ServerTooOld, match=r"runs MLflow 2\.\d+, and logged models came with 3\.0"):
        version.check(LOGGED_MODELS)


@pytest.mark.parametrize("says", [b"3.0.0", b"3.0.0rc1", b"4.1", b"10.0.0", b"<html>", b""])
def test_nothing_is_said_of_others(says):
    """New enough, or not known."""
    ServerVersion(Server(says)).check(LOGGED_MODELS)


def test_a_server_is_asked_once():
    """And only when its version matters."""
    server = Server(b"2.22.2")
    version = ServerVersion(server)
    version.check_after(UNKNOWN, "mlflow/runs/get")
    version.check_after(NotMlflow("", "INTERNAL_ERROR", status=500), "mlflow/runs/outputs")
    assert 0 == server.asked
    for endpoint in ("mlflow/runs/outputs", "mlflow/logged-models/m-1/tags"):
        with pytest.raises(ServerTooOld):
            version.check_after(UNKNOWN, endpoint)
    assert 1 == server.asked


def test_a_version_that_is_hidden_changes_nothing():
    """It is not asked for again either."""
    server = Server(UNKNOWN)
    version = ServerVersion(server)
    for _ in range(2):
        version.check_after(UNKNOWN, "mlflow/runs/outputs")
    assert 1 == server.asked


def test_endpoints_are_known_by_their_beginning():
    """As far as a slash goes."""
    assert LOGGED_MODELS == find_novelty("mlflow/logged-models")
    assert LOGGED_MODELS == find_novelty("mlflow/logged-models/m-1/params")
    assert find_novelty("mlflow/logged-models-of-tomorrow") is None
    assert all(novelty == find_novelty(novelty.endpoint) for novelty in NOVELTIES)


def test_what_is_new_stands_in_the_guide():
    """With the version, and nothing else does."""
    text = GUIDE.read_text(encoding="utf-8").partition("## Older servers")[2]
    rows = re.findall(r"^\| (.+) \| (\d+\.\d+) \|$", text, re.MULTILINE)
    assert [(new.title, f"{new.since[0]}.{new.since[1]}") for new in NOVELTIES] == rows
