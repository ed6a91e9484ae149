"""What `penstock --help` and the help of each command look like."""

import re
import shlex

import pytest
import typer.main

from penstock.cli.app import app
from penstock.cli.examples import EXAMPLES
from penstock.cli.outcome import run

PANELS = {
    "Servers": {"up", "gateway", "serve"},
    "Clients": {"ping", "sync", "lineage", "model"},
    "Rollouts": {"rollout"},
    "Access": {"user", "token", "group", "grant"},
}


@pytest.fixture
def shown(capsys, monkeypatch):
    """Return the help of a command as a wide terminal shows it."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 200)

    def show(*command: str) -> str:
        assert 0 == run(app, [*command, "--help"])
        return capsys.readouterr().out

    return show


def test_commands_stand_in_panels_by_their_purpose(shown):
    """Whoever administers accounts does not search among servers."""
    page = shown()
    for title, commands in PANELS.items():
        panel = page.partition(f" {title} ")[2].partition("╰")[0]
        assert commands <= set(re.findall(r"^│ (\w+)", panel, re.MULTILINE))
    assert "─ Commands ─" not in page


@pytest.mark.parametrize("command", EXAMPLES)
def test_the_help_ends_with_examples(shown, command):
    """One can copy a line instead of putting one together."""
    lines = [line.strip() for line in shown(command).splitlines()]
    assert set(EXAMPLES[command]) <= set(lines[lines.index("Examples:") :])


def test_every_command_of_the_first_page_has_examples():
    """A new command or group gets its own."""
    offered = getattr(typer.main.get_command(app), "commands", {})
    assert {*EXAMPLES} == {*offered}


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_the_examples_are_what_the_commands_take(line):
    """Each is parsed as it would be, and not run."""
    program, *arguments = shlex.split(line)
    command = typer.main.get_command(app)
    while inner := getattr(command, "commands", {}):
        name = arguments.pop(0) if arguments[0] in inner else command.default
        command = inner[name]
    assert "penstock" == program
    assert command.make_context(command.name, arguments)


def test_defaults_are_sentences_and_switches_have_no_type(shown):
    """A default that is a place to look in is no value in brackets."""
    page = shown("ping")
    assert "Default: PENSTOCK_URL or MLFLOW_TRACKING_URI." in page
    assert "[default" not in page
    assert not re.search(r"--json\s+(BOOLEAN|<bool>)", page)


def test_paragraphs_are_broken_by_the_terminal_alone(shown):
    """The lines of the source are no lines of the page."""
    sentence = "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN."
    assert sentence in shown("ping")
