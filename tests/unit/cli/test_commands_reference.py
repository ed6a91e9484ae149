"""The page of commands names what there is, and nothing else."""

import re
from pathlib import Path

import typer.main

from penstock.cli.app import app

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "commands.md"
HELP = {"--help", "-h"}


def commands(command, path="penstock"):
    """Yield every command with its full name, groups included."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")


def options(command):
    """Return all spellings of a command's options."""
    found = {
        spelling
        for parameter in command.params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
        if spelling.startswith("-")
    }
    return found - HELP


def documented():
    """Return the options in the tables of the page, by command."""
    page = PAGE.read_text(encoding="utf-8")
    sections = re.split(r"^## `(penstock[^`]*)`$", page, flags=re.MULTILINE)[1:]
    rows = r"^\| (`-.+?) \|"
    return {
        re.sub(r"( [A-Z…]+)+$", "", name): {
            spelling
            for row in re.findall(rows, text, flags=re.MULTILINE)
            for spelling in re.findall(r"`(-[\w-]+)", row)
        }
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_every_command_and_option_has_its_row():
    """What `--help` offers stands in docs/reference/commands.md, and what stands there exists."""
    offered = {
        name: options(command)
        for name, command in commands(typer.main.get_command(app))
        if not getattr(command, "commands", None) or name == "penstock"
    }

    assert offered == documented()


def test_no_option_takes_a_password():
    """Other users of a machine can read arguments, so no password is one."""
    for name, command in commands(typer.main.get_command(app)):
        for parameter in command.params:
            takes_text = not getattr(parameter, "is_flag", False)
            assert not (takes_text and "password" in parameter.name), (name, parameter.name)
