"""`penstock grant`, `group` and the changes of `user`, on the database of a data folder."""

import io
import json
import sys

import pytest

from penstock.cli.app import app
from penstock.cli.outcome import run
from penstock.gateway.auth.accounts import open_accounts

PASSWORD = "correct horse battery"


@pytest.fixture
def data(tmp_path):
    """A data folder with an administrator and two users."""
    with open_accounts(f"sqlite:///{tmp_path}/penstock.db") as accounts:
        accounts.add("root@example.org", password=PASSWORD, is_admin=True)
        accounts.add("ann@example.org", password=PASSWORD)
        accounts.add("ben@example.org", password=PASSWORD)
    return tmp_path


def penstock(data, *arguments: str) -> int:
    return run(app, [*arguments, "--data", str(data)])


def test_groups_and_grants_from_the_command_line(data, capsys):
    """What is given is listed, explained, and taken back."""
    assert 0 == penstock(data, "group", "add", "release")
    assert 0 == penstock(data, "group", "join", "release", "ann@example.org", "ben@example.org")
    assert 0 == penstock(data, "group", "leave", "release", "ben@example.org")
    assert 0 == penstock(data, "grant", "add", "group:release", "EDIT", "experiment", "team-a/*")
    capsys.readouterr()

    assert 0 == penstock(data, "group", "list")
    assert ["GROUP    MEMBERS", "release  ann@example.org"] == capsys.readouterr().out.splitlines()
    assert 0 == penstock(data, "grant", "list")
    assert [
        "ID  SUBJECT        LEVEL  KIND        PATTERN",
        "1   group:release  EDIT   experiment  team-a/*",
    ] == capsys.readouterr().out.splitlines()

    explain = ("grant", "explain", "ann@example.org")
    assert 0 == penstock(data, *explain, "READ", "experiment", "team-a/churn")
    said = capsys.readouterr().out.splitlines()
    assert "yes: ann@example.org has EDIT on experiment team-a/churn" == said[0]
    assert "  grant 1: group:release has EDIT on experiment team-a/*" == said[1]
    assert 1 == penstock(data, *explain, "MANAGE", "experiment", "team-a/churn")
    assert capsys.readouterr().out.startswith("no: ")
    assert 1 == penstock(data, *explain, "READ", "registered_model", "team-a/churn")

    assert 0 == penstock(data, "grant", "remove", "1")
    assert 0 == penstock(data, "group", "delete", "release")
    capsys.readouterr()
    assert 0 == penstock(data, "grant", "list", "--json")
    assert [] == json.loads(capsys.readouterr().out)


def test_scripts_get_json(data, capsys):
    """As the HTTP API answers."""
    assert 0 == penstock(data, "grant", "add", "user:ann@example.org", "READ", "experiment", "id:7")
    capsys.readouterr()
    assert 0 == penstock(data, "grant", "list", "--kind", "experiment", "--json")
    (listed,) = json.loads(capsys.readouterr().out)
    assert {
        "id": 1,
        "subject": "user:ann@example.org",
        "kind": "experiment",
        "pattern": "id:7",
        "level": "READ",
        "resource_id": None,
    } == listed
    explain = ("grant", "explain", "ann@example.org", "READ", "experiment", "id:7", "--json")
    assert 0 == penstock(data, *explain)
    found = json.loads(capsys.readouterr().out)
    assert (True, "READ", [listed]) == (found["allowed"], found["level"], found["grants"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("grant", "add", "ann", "READ", "experiment", "x"), "a subject is written as"),
        (("grant", "add", "user:no@b.c", "READ", "experiment", "x"), "no account named"),
        (("grant", "add", "group:no", "READ", "experiment", "x"), "no group named"),
        (("grant", "add", "user:ann@example.org", "READ", "experiment", "a*b"), "at its end"),
        (("grant", "add", "user:ann@example.org", "OWN", "experiment", "x"), "OWN"),
        (("grant", "remove", "7"), "there is no grant 7"),
        (("group", "add", "a/b"), "must not hold"),
        (("group", "delete", "no"), "no group named 'no'"),
        (("user", "delete", "root@example.org"), "last administrator"),
        (("user", "demote", "root@example.org"), "last administrator"),
        (("user", "disable", "no@b.c"), "no account named"),
    ],
)
def test_what_cannot_be_done_is_one_line(data, capsys, arguments, said):
    """That says what is wrong."""
    assert 0 != penstock(data, *arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_accounts_are_changed(data, capsys, monkeypatch):
    """Disabled, enabled, promoted, demoted, deleted, and given another password."""
    for command in ("disable", "promote"):
        assert 0 == penstock(data, "user", command, "ann@example.org")
    capsys.readouterr()
    assert 0 == penstock(data, "user", "list")
    assert "ann@example.org   administrator  disabled" in capsys.readouterr().out
    for command in ("enable", "demote"):
        assert 0 == penstock(data, "user", command, "ann@example.org")
    monkeypatch.setattr(sys, "stdin", io.StringIO("another long secret\n"))
    assert 0 == penstock(data, "user", "passwd", "ann@example.org", "--password-stdin")
    with open_accounts(f"sqlite:///{data}/penstock.db") as accounts:
        assert accounts.find_proven("ann@example.org", "another long secret")
    assert 0 == penstock(data, "user", "delete", "ann@example.org")
    with open_accounts(f"sqlite:///{data}/penstock.db") as accounts:
        assert "ann@example.org" not in [user.email for user in accounts.list_users()]
