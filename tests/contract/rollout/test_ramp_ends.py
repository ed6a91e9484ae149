"""`penstock rollout ramp` as a process of its own, which ends before it is over, and goes on."""

import json
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from contract.rollout.sides import stock_only
from penstock.rollout import enable_run, history, plan
from penstock.rollout.codec import plan_tag
from servers import clean_environment, penstock, wait_until
from terminals import at_terminal

HOUR = 3600


@dataclass
class Command:
    """A ramp of three steps of an hour each, and where it keeps how far it has come."""

    run_id: str
    folder: Path
    login: dict[str, str]

    @property
    def line(self) -> list[str]:
        steps = ("--steps", "10,50,100", "--every", "1h", "--yes")
        return penstock("rollout", "ramp", self.run_id, *steps)

    @property
    def environment(self) -> dict[str, str]:
        names = {
            "MLFLOW_TRACKING_URI": self.login["tracking_uri"],
            "MLFLOW_TRACKING_USERNAME": self.login.get("username", ""),
            "MLFLOW_TRACKING_PASSWORD": self.login.get("password", ""),
        }
        given = {name: value for name, value in names.items() if value}
        return clean_environment(
            **given, XDG_DATA_HOME=str(self.folder / "share"), COLUMNS="200", TERM="xterm"
        )

    def let_an_hour_pass(self) -> None:
        """Do it by what is kept: the step began an hour earlier."""
        (file,) = self.folder.glob("share/penstock/ramps/*.json")
        state = json.loads(file.read_bytes())
        file.write_text(json.dumps(state | {"since": state["since"] - HOUR}))

    @contextmanager
    def running(self, *options: str) -> Iterator["Running"]:
        """Run it where nobody watches; it is killed when the block ends."""
        out, err = self.folder / "out", self.folder / "err"
        with out.open("wb") as output, err.open("wb") as errors:
            process = subprocess.Popen(
                [*self.line, *options],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
        try:
            yield Running(process, out, err)
        finally:
            process.kill()
            process.wait()


@dataclass
class Running:
    """A ramp that runs, and the files that it writes to."""

    process: "subprocess.Popen[bytes]"
    out: Path
    err: Path

    def lines(self) -> list[str]:
        return self.out.read_text().splitlines()

    def wait_for(self, said: str) -> None:
        wait_until(lambda: said in self.out.read_text(), 60, what=f"it says {said!r}")

    def end(self, number: int) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def runs(client, place) -> Sequence[str]:
    """A run that is Active, and one that is to be."""
    old, new = place.add_runs(2, is_registered=True)
    enable_run(old, client=client)
    return old, new


@pytest.fixture
def command(runs, login, tmp_path) -> Command:
    """The ramp of the second run."""
    return Command(runs[1], tmp_path, login)


def test_a_ramp_goes_on_however_it_was_ended(command, runs, place):
    """By Ctrl-C, SIGTERM or kill -9: what stands is told, stays, and the same command goes on."""
    old, new = runs
    with at_terminal(command.line, command.folder, command.environment) as terminal:
        terminal.read_until(b"step 1:")
        terminal.read_until(b"left, 0 requests")
        terminal.type("\x03")
        terminal.read_until(b"nobody watches them; the same command goes on")
        assert b"interrupted in step 1 (10 %)" in terminal.shown
        assert 130 == terminal.process.wait(60)
    assert pytest.approx({old: 0.9, new: 0.1}) == plan(**place.scope).active
    command.let_an_hour_pass()
    with command.running() as second:
        second.wait_for("step 2:")
        assert 143 == second.end(signal.SIGTERM)
        assert "going on at step 1" in second.lines()
        assert "interrupted in step 2 (50 %)" in second.err.read_text()
    assert pytest.approx({old: 0.5, new: 0.5}) == plan(**place.scope).active
    command.let_an_hour_pass()
    with command.running("--json") as third:
        third.wait_for('"event":"watched","step":3')
        assert -signal.SIGKILL == third.end(signal.SIGKILL)
        events = [json.loads(line)["event"] for line in third.lines()]
        assert (["ordered", "step"], {"watched"}) == (events[:2], set(events[2:]))
    assert {new: 1.0} == plan(**place.scope).active
    command.let_an_hour_pass()
    with command.running() as last:
        assert (0, "") == (last.process.wait(60), last.err.read_text())
        assert ["going on at step 3", "the ramp is over: revision 4 stays"] == last.lines()[-2:]
    assert [] == list(command.folder.glob("share/penstock/ramps/*.json"))


@stock_only
def test_what_a_defect_leaves_is_told(command, place, scope):
    """What stands, beside the reason: here a plan that somebody has overwritten."""
    with command.running() as running:
        running.wait_for("step 1:")
        place.plain.set_experiment_tag(place.experiment_id, plan_tag(scope), "no plan")
        assert 1 == running.process.wait(60)
        said = running.err.read_text()
    assert "interrupted in step 1 (10 %): the fractions stay as they are" in said
    assert "no plan" in said


def test_history_says_which_step_a_revision_was(command, place, side):
    """On a stock server as long as it is the newest: MLflow keeps no other."""
    with command.running() as running:
        running.wait_for("step 1:")
        assert 143 == running.end(signal.SIGTERM)
    newest, *_ = history(**place.scope)
    assert "ramp, step 1 of 3" == newest.note
    command.let_an_hour_pass()
    with command.running() as running:
        running.wait_for("step 2:")
    notes = [one.note for one in history(**place.scope)]
    first = "ramp, step 1 of 3" if side == "gateway" else None
    assert ["ramp, step 2 of 3", first, None] == notes


@pytest.mark.parametrize("side", ["direct"])
def test_lines_go_where_stdout_goes(command):
    """A status that a terminal shows meanwhile does not take them."""
    into_a_file = ["sh", "-c", f"exec {shlex.join(command.line)} > lines"]
    with at_terminal(into_a_file, command.folder, command.environment) as terminal:
        terminal.read_until(b"step 1, 10 %")
        terminal.read_until(b"left, 0 requests")
        lines = (command.folder / "lines").read_text().splitlines()
        assert ("step 1:", False) == (lines[-1][:7], b"step 1:" in terminal.shown)
        terminal.type("\x03")
        terminal.read_until(b"the same command goes on")
        assert 130 == terminal.process.wait(60)


@pytest.mark.parametrize("side", ["direct"])
def test_lines_are_all_there_is_without_a_terminal(command):
    """No status, no colours, no question."""
    with command.running() as running:
        running.wait_for("step 1:")
        first, columns, *steps, made = running.lines()
        assert "a ramp of" in first
        assert ["STEP", "SHARE", "BEGINS"] == columns.split()
        assert ["at once", "after 1 h", "after 2 h"] == [line.split("  ")[-1] for line in steps]
        assert ("step 1:", "") == (made[:7], running.err.read_text())
        assert "\x1b" not in running.out.read_text()


@pytest.mark.parametrize("side", ["direct"])
def test_two_ramps_of_a_version_do_not_meet(command):
    """The second is refused as long as the first is at work."""
    with command.running() as first:
        first.wait_for("step 1:")
        told = subprocess.run(
            command.line,
            cwd=command.folder,
            env=command.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (1, True) == (told.returncode, "is at work on this machine" in told.stderr)
        assert first.process.poll() is None
