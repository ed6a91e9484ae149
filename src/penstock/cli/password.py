"""Read a new password without showing it."""

import getpass
import sys

from penstock.cli import output
from penstock.errors import ConfigurationError


def read_password(email: str, *, from_stdin: bool) -> str:
    """Return a password from standard input, or typed twice at the terminal."""
    if from_stdin:
        return _read_line()
    if not output.is_terminal(sys.stdin):
        raise ConfigurationError(
            "there is no terminal to ask for the password; pass --password-stdin and pipe it in"
        )
    password = getpass.getpass(f"Password for {email}: ")
    if password != getpass.getpass("Once more: "):
        raise ConfigurationError("the two passwords differ; nothing was changed")
    return password


def _read_line() -> str:
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise ConfigurationError("the password on standard input is no UTF-8 text") from error
    password = text.removesuffix("\n").removesuffix("\r")
    if not password or "\n" in password:
        raise ConfigurationError("standard input must hold one line, the password")
    return password
