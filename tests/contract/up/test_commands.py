"""`penstock ping` and `penstock user` against running servers."""

import io
import json
import sys

import pytest

from penstock.cli.app import app
from penstock.cli.outcome import run
from servers import Up, free_port

CHECKS = ["server", "credentials", "version", "experiments", "registry", "artifacts"]
PASSWORD = "correct horse battery"


@pytest.fixture
def logged_in(stack: Up, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Up:
    """The settings of an administrator of the shared servers."""
    monkeypatch.chdir(tmp_path)
    for name in ("PENSTOCK_URL", "MLFLOW_TRACKING_TOKEN", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in stack.environment.items():
        if name.startswith("MLFLOW_TRACKING_"):
            monkeypatch.setenv(name, value)
    return stack


def ping(capsys, *options: str):
    """Return exit code, JSON document and the lines on stderr of `penstock ping --json`."""
    code = run(app, ["ping", "--json", *options])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err.splitlines()


def test_ping_finds_everything_in_order(logged_in: Up, capsys):
    """With a login that works, every check holds, each with its time."""
    code, document, complaints = ping(capsys)

    assert (0, []) == (code, complaints)
    assert document["ok"]
    assert logged_in.gateway_url == document["uri"]
    assert CHECKS == [check["name"] for check in document["checks"]]
    assert {"ok"} == {check["status"] for check in document["checks"]}
    assert all(check["seconds"] > 0 for check in document["checks"])
    details = {check["name"]: check["detail"] for check in document["checks"]}
    assert "admin@localhost (administrator)" == details["credentials"]
    assert details["version"].startswith("MLflow 3.")
    assert "a file of 1024 bytes went up and came back" == details["artifacts"]


@pytest.mark.usefixtures("logged_in")
def test_ping_leaves_nothing_behind(logged_in: Up, capsys):
    """The file that tells whether artifacts come back is gone afterwards."""
    assert 0 == ping(capsys)[0]

    assert [] == list((logged_in.data / "artifacts").rglob(".penstock-ping-*"))


@pytest.mark.usefixtures("logged_in")
def test_ping_shows_a_line_per_check(capsys):
    """For people, each check is a line with its name, its end and its time."""
    assert 0 == run(app, ["ping"])

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [[name, "ok", "ms"] for name in CHECKS] == [[*line[:2], line[3]] for line in lines]


def test_ping_of_mlflow_itself(logged_in: Up, capsys):
    """An MLflow server without a gateway is tested as well, and its lack of a login is told."""
    code, document, _ = ping(capsys, "--uri", logged_in.mlflow_url)

    assert code == 0
    details = [check["detail"] for check in document["checks"]]
    assert [f"MLflow server at {logged_in.mlflow_url}", "the server asks for none"] == details[:2]


@pytest.mark.usefixtures("logged_in")
def test_ping_with_a_wrong_password(capsys, monkeypatch):
    """A refused login is told from a server that is away, and what to check is named."""
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "another-password")

    code, document, complaints = ping(capsys)

    assert code == 1
    assert not document["ok"]
    statuses = [check["status"] for check in document["checks"]]
    assert ["ok", "failed", *["skipped"] * 4] == statuses
    assert 1 == len(complaints)
    assert complaints[0].startswith("penstock: credentials: ")
    assert "MLFLOW_TRACKING_PASSWORD" in complaints[0]


@pytest.mark.usefixtures("logged_in")
def test_ping_where_nobody_listens(capsys):
    """A server that does not answer fails the first check, at once, with the address to check."""
    address = f"http://127.0.0.1:{free_port()}"

    code, document, complaints = ping(capsys, "--uri", address)

    assert code == 1
    assert ["failed", *["skipped"] * 5] == [check["status"] for check in document["checks"]]
    assert 1 == len(complaints)
    assert complaints[0].startswith("penstock: server: ")
    assert address in complaints[0]


def test_ping_of_something_else(logged_in: Up, capsys):
    """A server that is no MLflow is told from one that does not answer."""
    _, document, complaints = ping(capsys, "--uri", f"{logged_in.mlflow_url}/below")

    assert "failed" == document["checks"][0]["status"]
    assert "is no MLflow server or gateway; check host, port and path" in complaints[0]


@pytest.mark.usefixtures("logged_in")
def test_accounts_over_http(capsys, monkeypatch):
    """An administrator makes an account from anywhere; it is listed, and can log in."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    assert 0 == run(app, ["user", "add", "anna@example.org", "--password-stdin"])
    assert "user anna@example.org created\n" == capsys.readouterr().out

    assert 0 == run(app, ["user", "list", "--json"])
    listed = json.loads(capsys.readouterr().out)
    assert {"email": "anna@example.org", "is_admin": False, "disabled": False} in listed

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anna@example.org")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)
    assert "anna@example.org" == ping(capsys)[1]["checks"][1]["detail"]
    assert 1 == run(app, ["user", "list"])
    assert "this is for administrators" in capsys.readouterr().err


@pytest.mark.usefixtures("logged_in")
def test_a_taken_name_is_refused_in_the_words_of_the_gateway(capsys, monkeypatch):
    """What the gateway refuses is one line, without advice on addresses or logins."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))

    assert 1 == run(app, ["user", "add", "ADMIN@localhost", "--password-stdin"])

    said = capsys.readouterr().err
    assert said == "penstock: there is an account named 'ADMIN@localhost' already\n"


def test_accounts_need_a_gateway(logged_in: Up, capsys, monkeypatch):
    """PENSTOCK_URL counts before MLFLOW_TRACKING_URI; MLflow itself has no accounts."""
    monkeypatch.setenv("PENSTOCK_URL", logged_in.mlflow_url)

    assert 1 == run(app, ["user", "list"])

    assert f"no Penstock gateway at {logged_in.mlflow_url}; set" in capsys.readouterr().err
