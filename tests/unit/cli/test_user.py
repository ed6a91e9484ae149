"""`penstock user` on the database of a data folder."""

import io
import json
import os
import subprocess
import sys

import pytest

from penstock.cli.app import app
from penstock.cli.outcome import run
from penstock.gateway.address import keep_address
from penstock.gateway.auth.accounts import open_accounts
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine
from penstock.gateway.settings import GatewaySettings
from servers import clean_environment, penstock
from terminals import at_terminal

PASSWORD = "correct horse battery"


@pytest.fixture
def data(tmp_path):
    """A data folder whose database has one administrator."""
    with open_accounts(f"sqlite:///{tmp_path}/penstock.db") as accounts:
        accounts.add("root@example.org", password=PASSWORD, is_admin=True)
    return tmp_path


def add(data, monkeypatch, *arguments: str, password=PASSWORD):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    return run(app, ["user", "add", *arguments, "--password-stdin", "--data", str(data)])


def test_an_added_account_can_log_in_and_is_listed(data, monkeypatch, capsys):
    """Accounts are made with a piped password, as users or administrators, and listed by name."""
    assert 0 == add(data, monkeypatch, "zoe@example.org")
    assert 0 == add(data, monkeypatch, "anna@example.org", "--admin")
    assert "user zoe@example.org created" in capsys.readouterr().out

    assert 0 == run(app, ["user", "list", "--data", str(data)])

    assert [
        "ACCOUNT           ROLE           STATE",
        "anna@example.org  administrator  active",
        "root@example.org  administrator  active",
        "zoe@example.org   user           active",
    ] == capsys.readouterr().out.splitlines()
    with open_accounts(f"sqlite:///{data}/penstock.db") as accounts:
        assert accounts.find_proven("zoe@example.org", PASSWORD) is not None


def test_scripts_get_json(data, capsys):
    """`--json` prints what the HTTP API would."""
    assert 0 == run(app, ["user", "list", "--json", "--data", str(data)])

    listed = json.loads(capsys.readouterr().out)
    assert [{"email": "root@example.org", "is_admin": True, "disabled": False}] == listed


def test_a_reader_who_has_had_enough_is_no_failure(data):
    """`penstock user list | head -1` ends well, and without a word on stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        ended = subprocess.run(
            penstock("user", "list", "--data", str(data)),
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (0, b"") == (ended.returncode, ended.stderr)


@pytest.mark.parametrize(
    ("email", "password", "rule"),
    [
        ("root@example.org", PASSWORD, "there is an account named 'root@example.org' already"),
        ("anna@example.org", "short", "a password must have at least 10 characters"),
        ("anna@example.org", "ANNA@example.org", "a password must differ from the account name"),
        ("an:na@example.org", PASSWORD, "an account name must not hold ':'"),
    ],
)
def test_a_refused_account_is_said(data, monkeypatch, *, capsys, email, password, rule):
    """What is wrong with a name or password is said in one line, and nothing is made."""
    assert 1 == add(data, monkeypatch, email, password=password)

    assert capsys.readouterr().err.startswith(f"penstock: {rule}")
    with open_accounts(f"sqlite:///{data}/penstock.db") as accounts:
        assert ["root@example.org"] == [user.email for user in accounts.list_users()]


def test_a_mistyped_folder_gets_no_database(tmp_path, monkeypatch, capsys):
    """A folder without a database is an error: an account there would let nobody in."""
    assert 1 == add(tmp_path / "typo", monkeypatch, "anna@example.org")

    assert "check --data" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()


def test_database_and_address_exclude_each_other(data, monkeypatch, capsys):
    """It is never a guess which accounts are meant."""
    arguments = ("anna@example.org", "--uri", "http://127.0.0.1:9")

    assert 1 == add(data, monkeypatch, *arguments)
    assert "either --data or --uri" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("second", "code", "said"),
    [(PASSWORD, 0, b"user anna@example.org created"), ("something else", 1, b"passwords differ")],
)
def test_at_a_terminal_the_password_is_asked_for_twice(data, second, code, said):
    """What is typed is not shown, and counts only if it is typed the same way twice."""
    command = penstock("user", "add", "anna@example.org", "--data", str(data))
    with at_terminal(command, data, clean_environment()) as terminal:
        terminal.read_until(b"Password for anna@example.org: ")
        terminal.type(f"{PASSWORD}\n")
        terminal.read_until(b"Once more: ")
        terminal.type(f"{second}\n")
        terminal.read_until(said)
        assert code == terminal.process.wait(30)
    assert PASSWORD.encode() not in terminal.shown


def test_the_invited_get_a_link(data, monkeypatch, capsys):
    """At the public address; another one ends it."""
    monkeypatch.setenv("PENSTOCK_PUBLIC_URL", "https://mlflow.example.org/")
    assert run(app, ["user", "add", "ina@example.org", "--invite", "--data", str(data)]) == 0
    said, _, link = capsys.readouterr().out.splitlines()
    assert "user ina@example.org created" == said
    assert link.startswith("https://mlflow.example.org/invitation/")
    assert run(app, ["user", "invite", "INA@example.org", "--data", str(data)]) == 0
    assert link != capsys.readouterr().out.splitlines()[-1]
    assert run(app, ["user", "invite", "nobody@example.org", "--data", str(data)]) == 1


def test_a_link_leads_where_the_gateway_is_reached(data, monkeypatch, capsys):
    """Without a public address, to the one that the settings name, as a browser takes it."""
    monkeypatch.setenv("PENSTOCK_HOST", "fd00::7")
    assert run(app, ["user", "invite", "root@example.org", "--data", str(data)]) == 0
    link = capsys.readouterr().out.splitlines()[-1]
    assert link.startswith("http://[fd00::7]:8000/invitation/")


def test_a_link_leads_to_the_gateway_that_was_started_with_other_options(data, capsys):
    """Its port and public address are known to the database; settings of the command win."""
    database = Database(open_engine(f"sqlite:///{data}/penstock.db"))
    values = {"upstream_url": "http://127.0.0.1:9", "data_dir": data}
    for options, address in (
        ({"port": 9123}, "http://127.0.0.1:9123"),
        ({"public_url": "https://ml.example.org"}, "https://ml.example.org"),
    ):
        keep_address(database, GatewaySettings(**values, **options))
        assert run(app, ["user", "invite", "root@example.org", "--data", str(data)]) == 0
        link = capsys.readouterr().out.splitlines()[-1]
        assert link.startswith(f"{address}/invitation/")
    database.engine.dispose()


def test_a_service_account_has_no_password(data, capsys):
    """None is asked for, and none lets it in."""
    assert run(app, ["user", "add", "robot", "--service-account", "--data", str(data)]) == 0
    assert "user robot created" in capsys.readouterr().out
    with open_accounts(f"sqlite:///{data}/penstock.db") as accounts:
        assert accounts.find_proven("robot", "") is None
    arguments = ["user", "add", "root", "--service-account", "--admin", "--data", str(data)]
    assert run(app, arguments) == 2
    assert "no administrator" in capsys.readouterr().err


def test_a_password_comes_in_one_way(data, capsys):
    """It is never a guess which one was meant."""
    arguments = ["user", "add", "x@example.org", "--invite", "--service-account"]
    assert run(app, [*arguments, "--data", str(data)]) == 2
    assert "pass one of" in capsys.readouterr().err
