"""How `penstock` behaves whatever the command."""

import subprocess
import sys

import pytest

from penstock import __version__
from penstock.cli.app import app
from penstock.cli.outcome import run

HEAVY = ("alembic", "fastapi", "mlflow", "msgspec", "psutil", "pyreqwest", "sqlalchemy", "uvicorn")


def test_help_needs_none_of_the_libraries():
    """`penstock --help` and completion stay quick: only commands import what they need."""
    script = (
        "import sys; from penstock.cli.app import app; from penstock.cli.outcome import run;"
        f"code = run(app, ['up', '--help']); loaded = set({HEAVY!r}) & set(sys.modules);"
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )

    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "" == ended.stderr
    assert 0 == ended.returncode
    assert "--mlflow-port" in ended.stdout


def test_the_version_is_shown(capsys):
    """`penstock --version` says the version and ends well."""
    assert 0 == run(app, ["--version"])
    assert f"penstock {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate' (see `penstock --help`)"),
        (["user", "frobnicate"], "No such command 'frobnicate' (see `penstock user --help`)"),
        (["up", "--prt", "1"], "No such option: --prt (Possible options: --port)"),
        (["up", "--port", "65536"], "Invalid value for '--port'"),
        (["user", "add"], "Missing argument 'EMAIL' (see `penstock user add --help`)"),
    ],
)
def test_a_misused_command_is_one_line_that_says_where_help_is(capsys, arguments, said):
    """Wrong arguments end with code 2 and one line on stderr, without a box or a traceback."""
    assert 2 == run(app, arguments)

    captured = capsys.readouterr()
    assert "" == captured.out
    assert captured.err.startswith(f"penstock: {said}")
    assert 1 == captured.err.count("\n")


def test_an_expected_failure_is_one_line(capsys, tmp_path):
    """A PenstockError ends with code 1 and its message, without a traceback."""
    assert 1 == run(app, ["user", "list", "--data", str(tmp_path)])

    captured = capsys.readouterr()
    assert "" == captured.out
    assert captured.err.startswith(f"penstock: there is no {tmp_path}/penstock.db; check --data")
    assert 1 == captured.err.count("\n")


def test_a_bare_penstock_shows_its_help(capsys):
    """Without a command the help is shown, and nothing is complained about."""
    assert 2 == run(app, [])

    captured = capsys.readouterr()
    assert "gateway" in captured.out
    assert "" == captured.err


@pytest.mark.parametrize("command", [["ping"], ["user", "list"]])
def test_without_a_server_the_settings_that_name_one_are_listed(
    capsys, command, monkeypatch, tmp_path
):
    """A command that speaks to a server says how to name one."""
    monkeypatch.chdir(tmp_path)
    for name in ("PENSTOCK_URL", "MLFLOW_TRACKING_URI", "MLFLOW_API_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    assert 1 == run(app, command)

    assert "pass --uri http://host:port, or set PENSTOCK_URL" in capsys.readouterr().err
