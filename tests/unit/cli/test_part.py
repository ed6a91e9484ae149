"""A started program: its output, its end."""

import sys

import pytest

from penstock.cli.up.part import Part, RunningPart
from penstock.deployments.supervision import log_file
from penstock.errors import SupervisionError
from servers import wait_until


def start(tmp_path, script, *, command=None):
    log = tmp_path / "part.log"
    return RunningPart(
        Part("the part", command or (sys.executable, "-c", script), {}, tmp_path, log)
    )


def end_of(tmp_path, script):
    running = start(tmp_path, script)
    wait_until(lambda: running.has_ended)
    return running.describe_end()


def test_an_exit_code_is_said_with_the_last_lines(tmp_path):
    """Who reads why a part ended need not open its log."""
    said = end_of(tmp_path, "import sys; print('one'); print(); print('two'); sys.exit(3)")

    assert f"the part ended (exit code 3); {tmp_path}/part.log ends with\n  one\n  two" == said


def test_a_signal_is_said_by_name(tmp_path):
    """A part that was killed says by what."""
    said = end_of(tmp_path, "import os; os.kill(os.getpid(), 9)")

    assert said.startswith("the part ended (killed by SIGKILL, signal 9)")
    assert said.endswith("(nothing)")


def test_a_lost_race_for_a_port_is_explained(tmp_path):
    """A port that was taken after it had been checked is told apart from other faults."""
    said = end_of(tmp_path, "print('[Errno 98] error: Address already in use')")

    assert "another program took its port meanwhile, start again" in said


def test_lines_of_an_earlier_start_are_not_shown(tmp_path):
    """The log goes on, but what is shown is of this start."""
    end_of(tmp_path, "print('the first start')")

    assert "the first start" not in end_of(tmp_path, "print('the second start')")
    assert "the first start\nthe second start\n" == (tmp_path / "part.log").read_text()


def test_a_long_log_is_put_aside(tmp_path, monkeypatch):
    """Logs do not grow for ever: a long one is kept as `.1` when the next start begins."""
    monkeypatch.setattr(log_file, "KEPT_BYTES", 10)
    end_of(tmp_path, "print('a long first start')")

    end_of(tmp_path, "print('second')")

    assert "a long first start\n" == (tmp_path / "part.log.1").read_text()
    assert "second\n" == (tmp_path / "part.log").read_text()


def test_a_log_is_the_owners_alone(tmp_path):
    """Logs may hold names and addresses."""
    end_of(tmp_path, "pass")

    assert 0o600 == (tmp_path / "part.log").stat().st_mode & 0o777


def test_a_program_that_is_not_there_is_said(tmp_path):
    """What cannot be started is an expected error."""
    with pytest.raises(SupervisionError, match=r"cannot start the part: .*No such file"):
        start(tmp_path, "", command=("/nowhere/to/be/found",))
