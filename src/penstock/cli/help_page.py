"""What `--help` shows: whole paragraphs, no types of switches, and defaults as sentences."""

from typing import Any

import typer
from typer.core import TyperOption


def tidy_help(command: Any, above: typer.Context | None = None) -> None:  # noqa: ANN401 - Typer's own types are private
    """Tidy the help of a command, and of all commands below it."""
    command.help = _flowing(command.help)
    context = typer.Context(command, parent=above, **command.context_settings)
    for parameter in command.get_params(context):
        if isinstance(parameter, TyperOption):
            _tidy_option(parameter)
    for inner in getattr(command, "commands", {}).values():
        tidy_help(inner, context)


def _flowing(text: str | None) -> str | None:
    """Return a text whose paragraphs are one line each: the terminal's width breaks them."""
    if text is None:
        return None
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _tidy_option(option: TyperOption) -> None:
    if option.is_flag:
        option.metavar = ""
    if isinstance(option.show_default, str):
        option.help = f"{option.help} Default: {option.show_default}."
        option.show_default = False
