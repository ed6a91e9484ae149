"""How `penstock up` ends, and that nothing of it stays behind."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from servers import Up, clean_environment, penstock, running_up, start_up, wait_until
from terminals import at_terminal

PASSWORD = "correct horse battery"
RUNS = "/api/2.0/mlflow/runs"
GATEWAY = ("penstock", "gateway")
MLFLOW = ("mlflow", "server")


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[Up]:
    """A `penstock up` whose two parts run, though MLflow does not answer yet."""
    up = start_up(tmp_path)
    try:
        wait_until(lambda: find(up, *GATEWAY) and find(up, *MLFLOW), 60, what="both parts run")
        yield up
    finally:
        up.stop()


@pytest.fixture
def serving(starting: Up) -> Up:
    """The same, once MLflow has started the web server that does its work."""
    wait_until(lambda: find(starting, "uvicorn"), 120, what="MLflow's web server runs")
    return starting


def find(up: Up, *words: str) -> list[psutil.Process]:
    """Return the descendants whose command line holds these words."""
    return [one for one in up.descendants() if set(words) <= set(command_line(one))]


def suspend(process: psutil.Process) -> None:
    """Stop a process; until it stands still, a signal could still end it."""
    process.suspend()
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED, 5, what="it stands still")


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def supervisor(up: Up) -> psutil.Process:
    return psutil.Process(up.process.pid).children()[0]


def none_left(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() for process in processes)


def none_runs(processes: list[psutil.Process]) -> bool:
    """Tell whether all have ended; whose parent was killed is collected by process 1, some time."""
    return not any(process.is_running() and not is_ended(process) for process in processes)


def is_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_stop_leaves_no_process_and_the_data_is_there_again(tmp_path: Path) -> None:
    """SIGTERM ends everything within seconds with code 0; a new start shows the same run.

    The first start has its administrator from `.env`; the second one knows no password, runs
    MLflow's job workers too, and is killed: everything is ended all the same.
    """
    (tmp_path / ".env").write_text(f"PENSTOCK_ADMIN_PASSWORD={PASSWORD}\n")
    with running_up(tmp_path) as first:
        below = first.descendants()
        assert find(first, "uvicorn")
        body = {"experiment_id": "0", "run_name": "kept"}
        status, created = first.ask(f"{RUNS}/create", password=PASSWORD, body=body)
        assert 200 == status
        first.process.send_signal(signal.SIGTERM)
        assert 0 == first.process.wait(5)
        assert none_left(below)
        assert "password in PENSTOCK_ADMIN_PASSWORD" in first.said()
        assert first.said().endswith("Stopping\nPenstock has stopped\n")

    (tmp_path / ".env").unlink()
    with running_up(tmp_path, "--job-workers") as second:
        assert "login   with an account of this data folder" in second.said()
        assert not (second.data / "admin-password").exists()
        run_id = created["run"]["info"]["run_id"]
        _, found = second.ask(f"{RUNS}/get?run_id={run_id}", password=PASSWORD)
        assert "kept" == found["run"]["info"]["run_name"]
        wait_until(lambda: find(second, "huey.bin.huey_consumer"), what="job workers run")
        below = second.descendants()
        second.process.kill()
        wait_until(lambda: none_runs(below), 5, what="everything has ended")


def test_the_end_of_mlflow_ends_all_with_the_reason(serving: Up) -> None:
    """When MLflow is killed, the gateway ends too, and the command says why it failed."""
    below = serving.descendants()

    find(serving, *MLFLOW)[0].kill()

    assert 1 == serving.process.wait(5)
    assert none_left(below)
    assert "penstock: MLflow 3" in serving.said()
    assert "ended (killed by SIGKILL, signal 9)" in serving.said()
    assert "mlflow.log ends with" in serving.said()


def test_the_end_of_the_gateway_ends_all_with_the_reason(starting: Up) -> None:
    """When the gateway is killed, MLflow ends too, and the command says why it failed."""
    below = starting.descendants()

    find(starting, *GATEWAY)[0].kill()

    assert 1 == starting.process.wait(5)
    assert none_left(below)
    assert "penstock: the gateway ended (killed by SIGKILL, signal 9)" in starting.said()


def test_a_killed_supervisor_leaves_no_process(serving: Up) -> None:
    """`kill -9` of the child that supervises is survived by nothing, and said."""
    below = serving.descendants()

    supervisor(serving).kill()

    assert 1 == serving.process.wait(5)
    assert none_left(below)
    assert "the supervisor was killed by signal 9" in serving.said()


def test_a_part_that_does_not_listen_is_killed(starting: Up) -> None:
    """A part that does not end when asked to is killed after the grace period."""
    below = starting.descendants()
    suspend(find(starting, *GATEWAY)[0])

    starting.process.send_signal(signal.SIGTERM)

    assert 0 == starting.process.wait(5)
    assert none_left(below)


def test_a_second_signal_hastens_the_end(starting: Up) -> None:
    """Who asks twice does not wait for the grace period of a part that does not listen."""
    below = starting.descendants()
    suspend(find(starting, *GATEWAY)[0])

    starting.process.send_signal(signal.SIGINT)
    wait_until(lambda: "Stopping" in starting.said())
    asked_again = time.monotonic()
    starting.process.send_signal(signal.SIGINT)

    assert 0 == starting.process.wait(5)
    assert time.monotonic() - asked_again < 2.5
    assert none_left(below)


def test_ctrl_c_in_a_terminal_ends_all(tmp_path: Path) -> None:
    """In a terminal the start shows the seconds that pass, and Ctrl-C ends all with code 0."""
    command = penstock("up", "--port", "0", "--mlflow-port", "0")
    with at_terminal(command, tmp_path, clean_environment(TERM="xterm")) as terminal:
        up = Up(terminal.process, tmp_path / "penstock-data", tmp_path / "output")
        terminal.read_until(b"0:00:02")
        below = up.descendants()
        terminal.type("\x03")
        terminal.read_until(b"Penstock has stopped")
        assert 0 == terminal.process.wait(5)
        assert none_left(below)
    assert b"Starting MLflow" in terminal.shown
    assert b"Traceback" not in terminal.shown


def test_a_database_that_mlflow_refuses_is_said_with_its_reason(tmp_path: Path) -> None:
    """When MLflow does not start, the last lines that it wrote are shown."""
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "mlflow.db") as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('feedfacecafe')")
    database.close()
    up = start_up(tmp_path)
    try:
        assert 1 == up.process.wait(120)
    finally:
        up.stop()
    assert "penstock: MLflow 3" in up.said()
    assert "ended (exit code 1)" in up.said()
    assert "feedfacecafe" in up.said()
