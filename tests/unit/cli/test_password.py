"""Reading a new password."""

import io
import sys

import pytest

from penstock.cli.password import read_password
from penstock.errors import ConfigurationError


@pytest.mark.parametrize("text", ["correct horse", "correct horse\n", "correct horse\r\n"])
def test_a_piped_password_is_the_line_without_its_end(monkeypatch, text):
    """Spaces belong to a password, the end of the line does not."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text, newline=""))

    assert "correct horse" == read_password("a@b.c", from_stdin=True)


@pytest.mark.parametrize("text", ["", "\n", "one\ntwo\n"])
def test_nothing_or_several_lines_are_refused(monkeypatch, text):
    """What is not exactly one line is no password, but a mistake."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text, newline=""))

    with pytest.raises(ConfigurationError, match="must hold one line"):
        read_password("a@b.c", from_stdin=True)


def test_without_a_terminal_the_option_is_named(monkeypatch):
    """A script that forgot the option is told of it, instead of waiting for ever."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))

    with pytest.raises(ConfigurationError, match="pass --password-stdin"):
        read_password("a@b.c", from_stdin=False)
