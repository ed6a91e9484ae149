"""Lines for people and documents for scripts."""

import json
import sys
from pathlib import Path

import pytest

from penstock.cli import output
from penstock.errors import LocalFileError


def test_tables_are_aligned_and_never_cut(capsys):
    """Columns are as wide as their widest cell, also beyond the width of a terminal."""
    long = "a" * 200

    output.say_table(("NAME", "ROLE"), [(long, "user"), ("b", "administrator")])

    assert [
        f"NAME{' ' * 196}  ROLE",
        f"{long}  user",
        f"b{' ' * 199}  administrator",
    ] == capsys.readouterr().out.splitlines()


def test_no_name_can_steer_the_terminal(capsys):
    """Escape sequences in what a server said are made visible, in lines of all kinds."""
    output.say("a\x1b[2Jb")
    output.fail("c\x07d")
    output.warn("e\rf")

    captured = capsys.readouterr()
    assert "a\ufffd[2Jb\n" == captured.out
    assert "penstock: c\ufffdd\npenstock: warning: e\ufffdf\n" == captured.err


def test_no_name_can_look_like_a_line_of_a_table(capsys):
    """Each row is one line, whatever stands in it."""
    output.say_table(("NAME", "ROLE"), [("a  user\nroot\tadministrator\u2028", "user")])

    assert 2 == len(capsys.readouterr().out.splitlines())


def test_documents_for_scripts_are_json(capsys):
    """What `--json` prints parses as what was said, other alphabets included."""
    document = [{"email": "zoë@example.org", "odd": "a\x1b[2J\x85\u2028\n\U000e0001"}]

    output.say_json(document)

    shown = capsys.readouterr().out
    assert document == json.loads(shown)
    assert "zoë" in shown
    assert "\ufffd" not in shown


def test_a_document_on_one_line_stays_on_one():
    """Also for readers to whom more than a line feed ends a line."""
    (line,) = output.json_text({"target": "a\x0b\x1c\x85\u2028\u2029b"}).splitlines()
    assert {"target": "a\x0b\x1c\x85\u2028\u2029b"} == json.loads(line)


def test_numbers_that_json_does_not_have_are_texts():
    """Readers of JSON refuse a bare NaN."""
    text = output.json_text({"rmse": [float("nan"), (float("-inf"), 0.5)]})

    assert {"rmse": ["NaN", ["-Infinity", 0.5]]} == json.loads(text, parse_constant=pytest.fail)


def test_a_disk_that_is_full_fails_the_command(monkeypatch):
    """`penstock … > file`, with a reason and without a trace; nothing is tried again at the end."""
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(LocalFileError, match="standard output cannot be written: No space"):
            output.say("a")
        output.say("b")


def test_what_stderr_does_not_take_changes_nothing(monkeypatch):
    """There is nobody left to be told."""
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        output.fail("a")
