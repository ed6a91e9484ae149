"""The commands over HTTP that have another source on a database."""

import json

import pytest

from gateway.browsing import Browser
from gateway.running import ADMIN, ADMIN_PASSWORD, USER, USER_PASSWORD
from penstock.cli.app import app
from penstock.cli.outcome import run


@pytest.fixture
def as_admin(gateway, monkeypatch, tmp_path):
    """Run commands as the administrator of the gateway."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENSTOCK_URL", gateway.address.url)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", ADMIN)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", ADMIN_PASSWORD)


@pytest.mark.usefixtures("as_admin")
def test_an_invitation_by_command_works(gateway, capsys):
    """The link leads to the page of the gateway that was asked."""
    assert 0 == run(app, ["user", "add", "cleo@example.org", "--admin", "--invite"])
    link = capsys.readouterr().out.splitlines()[-1]
    page = Browser(gateway.address).go(link.removeprefix(gateway.address.url))
    assert (200, True) == (page.status, "cleo@example.org" in page.body.decode())
    assert 0 == run(app, ["user", "invite", "cleo@example.org"])
    assert 0 == run(app, ["user", "add", "robot7", "--service-account"])
    capsys.readouterr()
    assert 0 == run(app, ["token", "create", "ci", "--user", "robot7"])


@pytest.mark.usefixtures("as_admin")
def test_the_audit_is_read_page_by_page(capsys, tmp_path):
    """More than one page of it; the newest first."""
    for number in range(3):
        assert 0 == run(app, ["group", "add", f"audited-{number}"])
    capsys.readouterr()
    assert 0 == run(app, ["audit", "list", "--action", "POST /v1/group", "--limit", "3", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert [f"/v1/group audited-{number}" for number in (2, 1, 0)] == [
        one["target"] for one in found
    ]
    file = tmp_path / "audit.jsonl"
    assert 0 == run(app, ["audit", "export", str(file), "--since", "1h"])
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {one["id"] for one in found} <= {one["id"] for one in lines}


def test_the_audit_is_for_administrators(gateway, monkeypatch, tmp_path, capsys):
    """Others are told so, and no file is left."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENSTOCK_URL", gateway.address.url)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", USER)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", USER_PASSWORD)
    assert 1 == run(app, ["audit", "export", "audit.jsonl"])
    assert "administrators" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())
