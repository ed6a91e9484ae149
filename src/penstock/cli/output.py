"""Lines for people and documents for scripts."""

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from penstock.errors import LocalFileError


def say(text: str = "") -> None:
    """Print one line on stdout at once, also when it is a pipe."""
    _print(text, sys.stdout)


def warn(text: str) -> None:
    """Print one line on stderr that does not end the command."""
    _complain(f"warning: {text}")


def fail(text: str) -> None:
    """Print why a command failed, on stderr. Does not exit."""
    _complain(text)


def say_json(document: object) -> None:
    """Print one JSON document on stdout."""
    say(json_text(document, indent=2))


def json_text(document: object, *, indent: int | None = None) -> str:
    """Return a document as JSON in which every letter can be read, and every other mark is escaped.

    So a line stays one, whatever the reader takes for the end of a line. What is no number, and
    infinities, are texts as in MLflow's own answers: `"NaN"`.
    """
    separators = None if indent else (",", ":")
    finite = _finite(document)
    text = json.dumps(finite, indent=indent, separators=separators, ensure_ascii=False)
    return "".join(
        mark if mark.isprintable() or mark == "\n" else json.dumps(mark)[1:-1] for mark in text
    )


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns, never cut, so that a pipe gets what a terminal shows."""
    # Names may come from strangers: none of them may look like another line of the table.
    lines = [list(columns), *[[_printable(cell, "") for cell in row] for row in rows]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        say("  ".join(cells).rstrip())


def is_terminal(stream: TextIO | None = None) -> bool:
    """Return whether somebody watches: stdout, or the given stream, is a terminal."""
    return (stream or sys.stdout).isatty()


def _finite(value: object) -> object:
    """Return a document in which texts stand for the numbers that JSON does not have."""
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _complain(text: str) -> None:
    _print(f"penstock: {text}", sys.stderr)


def _print(text: str, stream: TextIO) -> None:
    try:
        print(_printable(text), file=stream, flush=True)
    except OSError as error:
        _give_up(stream)
        # `penstock … | head`: nobody reads any more, which is no failure of the command. What
        # stderr does not take can be told nobody.
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise LocalFileError(
                f"standard output cannot be written: {error.strerror or error}"
            ) from error


def _give_up(stream: TextIO) -> None:
    """Send what is left, and what comes, nowhere: at its end, Python would try again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _printable(text: str, others: str = "\n\t") -> str:
    # Names and messages may come from a server: none of them may steer the terminal.
    return "".join(
        mark if mark.isprintable() or mark in others else "\N{REPLACEMENT CHARACTER}"
        for mark in text
    )
