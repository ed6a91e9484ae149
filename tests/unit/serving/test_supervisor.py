"""Processes that are started, watched and replaced."""

import subprocess
import sys

import pytest

from penstock.serving.workers.supervisor import pause_before

START = """
import os, sys, time
from pathlib import Path
from penstock.errors import SupervisionError
from penstock.serving.workers.supervisor import CANNOT_START, Supervisor

births = Path(sys.argv[1])

def work(birth):
    with births.open("a") as file:
        file.write("born\\n")
    born = len(births.read_text().split())
    {work}

try:
    Supervisor(work, names=["one"], frozen_seconds=1).run()
except SupervisionError as error:
    sys.exit(str(error))
"""


def supervise(folder, work):
    """Supervise a process that does some work; return what was said, and how often it was born."""
    births = folder / "births"
    command = [sys.executable, "-c", START.replace("{work}", work), str(births)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stderr, len(births.read_text().split())


@pytest.mark.skipif(sys.platform != "linux", reason="signals are waited for as Linux does")
def test_a_first_process_that_cannot_start_ends_all(tmp_path):
    """It would fail again."""
    code, said, births = supervise(tmp_path, "return CANNOT_START")
    assert (1, 1) == (code, births)
    assert "one cannot start" in said


@pytest.mark.skipif(sys.platform != "linux", reason="signals are waited for as Linux does")
def test_one_that_cannot_take_anothers_place_is_tried_again(tmp_path):
    """A disk that is full for a moment is no reason to end those that answer."""
    told = "os.kill(os.getppid(), 15) if born == 4 else None"
    code, said, births = supervise(tmp_path, f"{told}; return 1 if born == 1 else CANNOT_START")
    assert (0, 4) == (code, births), said


@pytest.mark.skipif(sys.platform != "linux", reason="signals are waited for as Linux does")
def test_one_that_is_frozen_is_replaced(tmp_path):
    """It said that it answers, and then nothing; its successor is not taken for frozen."""
    freeze = "birth.pulse.beat(), birth.pulse.answer(), os.kill(os.getpid(), 19)"
    live = "[(birth.pulse.beat(), time.sleep(0.5)) for _ in range(8)], os.kill(os.getppid(), 15)"
    code, said, births = supervise(tmp_path, f"{freeze} if born == 1 else ({live}); return 0")
    assert (0, 2) == (code, births), said
    assert "gives no sign of life" in said


@pytest.mark.skipif(sys.platform != "linux", reason="signals are waited for as Linux does")
def test_one_that_loads_for_long_is_left_alone(tmp_path):
    """What it loads may hold up its event loop."""
    told = "time.sleep(4), os.kill(os.getppid(), 15)"
    code, said, births = supervise(tmp_path, f"{told}; return 0")
    assert (0, 1) == (code, births), said


@pytest.mark.skipif(sys.platform != "linux", reason="signals are waited for as Linux does")
def test_a_supervisor_that_was_suspended_goes_on(tmp_path):
    """As by Ctrl-Z and `fg`; nobody has told it to stop."""
    suspend = "os.kill(os.getppid(), 19), time.sleep(2), os.kill(os.getppid(), 18), time.sleep(2)"
    told = "os.kill(os.getppid(), 15)"
    code, said, births = supervise(tmp_path, f"({suspend}) if born == 1 else {told}; return 0")
    assert (0, 2) == (code, births), said


@pytest.mark.skipif(sys.platform != "linux", reason="signals are waited for as Linux does")
def test_what_ended_one_by_a_defect_is_logged(tmp_path):
    """Its exit code alone would tell nobody what to mend."""
    told = "os.kill(os.getppid(), 15) if born == 2 else None"
    code, said, births = supervise(tmp_path, f"{told}; return 0 if born == 2 else 1 / 0")
    assert (0, 2) == (code, births), said
    assert "ZeroDivisionError" in said


def test_one_that_never_lives_long_is_tried_again_for_ever():
    """Every ten seconds at last, also after hours."""
    assert [0.25, 0.5, 1.0] == [pause_before(generation) for generation in (1, 2, 3)]
    assert [10.0, 10.0] == [pause_before(generation) for generation in (20, 5000)]
