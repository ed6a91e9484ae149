"""Services as processes of this machine: they start, come back, and end with all below them."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import psutil
import pytest

from penstock.deployments.spec import DeploymentSpec, Target
from penstock.deployments.supervision.job_state import JobState, Phase
from penstock.deployments.targets.local import LocalTarget
from penstock.errors import SupervisionError
from servers import free_port, wait_until
from tiny_service import tiny_command


def spec(uri: str = "models:/churn/3", **others: Any) -> DeploymentSpec:
    return DeploymentSpec(serve_name="churn", model_uri=uri, env="prod", **others)


def make_target(folder: Path, *, host: str = "127.0.0.1", ports: range | None = None):
    port = free_port()
    return LocalTarget(
        folder,
        host=host,
        ports=range(port, port + 20) if ports is None else ports,
        environment={**os.environ, "SECRET_OF_THE_TEST": "kept off the disk"},
        command=tiny_command,
    )


@pytest.fixture
def target(tmp_path) -> Iterator[LocalTarget]:
    made = make_target(tmp_path / "deployments")
    yield made
    made.close()


def phase(target: LocalTarget, service_id: str) -> Phase | None:
    state = target.find_state(service_id)
    return None if state is None else state.phase


def wait_for(target: LocalTarget, service_id: str, wanted: Phase) -> JobState:
    wait_until(lambda: phase(target, service_id) is wanted, what=f"{service_id} {wanted}")
    return target.find_state(service_id)


def ask(port: int, path: str = "/") -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def crash(port: int) -> None:
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        ask(port, "/crash")


def below_this_process() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_service_runs_with_its_command_and_environment(target):
    """What it is told arrives: the model, where to listen, and how many cores it has."""
    listening = target.start("one", spec(cores=3), Target.LOCAL)
    wait_for(target, "one", Phase.RUNNING)
    answer = ask(listening.port)
    assert ["models:/churn/3", "127.0.0.1", str(listening.port), "local"] == answer["arguments"]
    assert "3" == answer["environment"]["OMP_NUM_THREADS"]
    assert "kept off the disk" == answer["environment"]["SECRET_OF_THE_TEST"]


def test_no_secret_of_the_environment_is_written_down(target, tmp_path):
    """The folder holds what is needed to start again, but for what only the process knows."""
    target.start("one", spec(), Target.LOCAL)
    wait_for(target, "one", Phase.RUNNING)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert [] == [content for content in written if b"kept off the disk" in content]


def test_two_services_have_two_ports(target):
    """Each has its own, also while neither listens yet."""
    first = target.start("one", spec(), Target.LOCAL)
    second = target.start("two", spec(), Target.LOCAL)
    assert first.port != second.port


def test_a_service_that_crashes_comes_back(target):
    """At the same address; the reason of the crash, and what was written before, is told."""
    listening = target.start("one", spec(), Target.LOCAL)
    before = wait_for(target, "one", Phase.RUNNING)
    crash(listening.port)
    after = wait_until(
        lambda: (
            (state := target.find_state("one")).restarts == 1
            and state.phase is Phase.RUNNING
            and state
        ),
        what="its return",
    )
    assert before.pid != after.pid
    assert ["exit code 7", "serving models:/churn/3", "crashing as asked"] == after.reason.split(
        "\n"
    )
    assert ask(listening.port)


def test_a_service_that_never_was_ready_is_given_up(target):
    """A model that cannot be loaded is not tried for ever; its last words are the reason."""
    target.start("one", spec("models:/crash/1"), Target.LOCAL)
    state = wait_for(target, "one", Phase.FAILED)
    assert "exit code 1" in state.reason
    assert "this model cannot be loaded" in state.reason
    target.tend()
    assert Phase.FAILED is phase(target, "one")


def test_a_service_is_no_running_one_before_it_says_so(target):
    """`/ping` decides, not the port."""
    listening = target.start("one", spec("models:/slow/1"), Target.LOCAL)
    wait_until(lambda: _answers(listening.port), what="an answer")
    assert Phase.STARTING is phase(target, "one")


def _answers(port: int) -> bool:
    try:
        return bool(ask(port))
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt")
def test_the_end_of_a_service_is_the_end_of_all_below_it(target):
    """Also of a process that it has left behind in a session of its own."""
    before = {process.pid for process in below_this_process()}
    target.start("one", spec("models:/family/1"), Target.LOCAL)
    wait_for(target, "one", Phase.RUNNING)
    started = [process for process in below_this_process() if process.pid not in before]
    assert 3 == len(started)
    target.stop("one")
    assert [] == [process for process in started if process.is_running()]
    assert target.find_state("one") is None


def test_what_was_stopped_does_not_come_back(target, tmp_path):
    """Another process finds nothing to bring back."""
    target.start("one", spec(), Target.LOCAL)
    wait_for(target, "one", Phase.RUNNING)
    target.stop("one")
    target.close()
    again = make_target(tmp_path / "deployments")
    assert again.tend()
    assert [] == again.list_services()
    again.close()


def test_services_come_back_with_the_process_that_runs_them(target, tmp_path):
    """At the same port, whatever ports the new process would choose."""
    listening = target.start("one", spec(), Target.LOCAL)
    wait_for(target, "one", Phase.RUNNING)
    target.close()
    assert not _answers(listening.port)
    again = make_target(tmp_path / "deployments")
    assert again.tend()
    wait_for(again, "one", Phase.RUNNING)
    assert ask(listening.port)
    again.close()


def test_a_keeper_that_is_killed_is_replaced(target):
    """Nobody else would start the service again."""
    listening = target.start("one", spec(), Target.LOCAL)
    service = psutil.Process(wait_for(target, "one", Phase.RUNNING).pid)
    service.parent().kill()
    service.wait(20)
    target.tend()
    wait_until(lambda: _answers(listening.port), what="its return")
    wait_until(lambda: target.find_state("one").pid != service.pid, what="another process")


def test_services_end_with_a_process_that_is_killed(tmp_path):
    """A gateway that cannot say good-bye leaves nothing running."""
    port = free_port()
    program = f"""
import os, signal
from pathlib import Path
from contract.deployments.test_local_target import make_target, spec, wait_for
from penstock.deployments.spec import Target
from penstock.deployments.supervision.job_state import Phase
target = make_target(Path({str(tmp_path / "deployments")!r}), ports=range({port}, {port + 1}))
target.start("one", spec("models:/family/1"), Target.LOCAL)
print(wait_for(target, "one", Phase.RUNNING).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    tests = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(tests)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert -signal.SIGKILL == answer.returncode, answer.stderr
    service = int(answer.stdout)
    wait_until(lambda: not psutil.pid_exists(service), what="the end of the service")


def test_only_one_process_works_in_a_folder(target, tmp_path):
    """A second gateway on the same folder says so, and takes over when the first has ended."""
    target.start("one", spec(), Target.LOCAL)
    second = make_target(tmp_path / "deployments")
    assert not second.tend()
    with pytest.raises(SupervisionError, match="another gateway runs the services"):
        second.start("two", spec(), Target.LOCAL)
    target.close()
    assert second.tend()
    assert ["one"] == second.list_services()
    second.close()


def test_where_all_ports_are_taken_nothing_starts(tmp_path):
    """The message names the setting."""
    port = free_port()
    target = make_target(tmp_path / "deployments", ports=range(port, port + 1))
    target.start("one", spec(), Target.LOCAL)
    with pytest.raises(SupervisionError, match="PENSTOCK_DEPLOY_PORTS"):
        target.start("two", spec(), Target.LOCAL)
    target.close()


def test_nothing_is_made_before_somebody_deploys(tmp_path):
    """A gateway that deploys nothing leaves no folder."""
    target = make_target(tmp_path / "deployments")
    assert not target.tend()
    target.close()
    assert [] == list(tmp_path.iterdir())
