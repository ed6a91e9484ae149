"""What a command ends with: an exit code and, when it failed, one clear line."""

from typing import Final

import typer
import typer.main

from penstock.cli import output
from penstock.cli.help_page import tidy_help
from penstock.errors import PenstockError

INTERRUPTED: Final = 130
"""The exit code of a command that Ctrl-C ended, as in every shell."""


def run(app: typer.Typer, arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; every expected error becomes a line on stderr."""
    command = typer.main.get_command(app)
    tidy_help(command)
    try:
        code = command(arguments, prog_name="penstock", standalone_mode=False)
    except typer.TyperException as error:
        return _report_misuse(error)
    except typer.Abort:
        return INTERRUPTED
    except PenstockError as error:
        output.fail(str(error))
        return 1
    return code if isinstance(code, int) else 0


def _report_misuse(error: typer.TyperException) -> int:
    # A bare `penstock` has shown its help already and leaves no message.
    if message := error.format_message().strip():
        context = getattr(error, "ctx", None)
        command = "penstock" if context is None else context.command_path
        output.fail(f"{message.rstrip('.')} (see `{command} --help`)")
    return error.exit_code
