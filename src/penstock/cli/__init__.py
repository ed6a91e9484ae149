"""The command line: one file per command group."""

import sys


def main() -> None:
    """Run the command that the process's arguments name, and exit with its code."""
    from penstock.cli.app import app  # noqa: PLC0415 - importing the package stays free
    from penstock.cli.outcome import run  # noqa: PLC0415 - the same

    sys.exit(run(app))
