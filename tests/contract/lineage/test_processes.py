"""Trackers in threads and processes that fork, fail, and are killed."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from penstock.lineage import LineageCatalog, MLFlowMetadataTracker
from servers import clean_environment, wait_until

BEGIN = """
import os, signal, sys, time
from penstock.lineage import MLFlowMetadataTracker
tracker = MLFlowMetadataTracker(
    {"mlflow_tracking_uri": sys.argv[1], "mlflow_experiment_name": sys.argv[2]}
)
print(tracker.run.info.run_id, flush=True)
model = tracker.create_resource("model", type="model_version")
tracker.log_metadata(model, "step", 1)
"""

KILLED = f"""{BEGIN}
tracker.log_metadata(model, "big", "x" * 9000)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""

FORKED = f"""{BEGIN}
child = os.fork()
if child == 0:
    tracker.log_metadata(model, "child", "was here")
    tracker.stop()
    sys.exit()
os.waitpid(child, 0)
print(tracker.client.get_run(tracker.run.info.run_id).info.status)
print(tracker.get_metadata(model, "child"))
tracker.stop()
"""

SPAWNED = """
import multiprocessing, sys
from penstock.lineage import MLFlowMetadataTracker

def train(tracker, model, number):
    experiment = tracker.create_resource(None, type="experiment", parent=model)
    tracker.log_metadata(experiment, "number", number)
    tracker.stop()
    return experiment

if __name__ == "__main__":
    tracker = MLFlowMetadataTracker(
        {"mlflow_tracking_uri": sys.argv[1], "mlflow_experiment_name": sys.argv[2]}
    )
    print(tracker.run.info.run_id)
    model = tracker.create_resource("model", type="model_version")
    with multiprocessing.get_context(sys.argv[3]).Pool(2) as pool:
        made = pool.starmap(train, [(tracker, model, number) for number in range(4)])
    print(sorted(tracker.get_metadata(each, "number") for each in made))
    print(tracker.client.get_run(tracker.run.info.run_id).info.status)
    tracker.stop()
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_a_killed_process_logged_is_there_and_its_run_goes_on(mlflow_url, name, begin, client):
    """All that is half a second old; the run is found, and a new process goes on with it."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, mlflow_url, name],
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    run_id = process.stdout.readline().strip()
    wait_until(lambda: "model.big" in client.get_run(run_id).data.tags, 5)
    process.communicate("die\n", timeout=30)
    assert -signal.SIGKILL == process.returncode
    left = next(LineageCatalog(client).iter_records(name, "model"))
    assert (run_id, "RUNNING") == (left.run.info.run_id, left.run.info.status)

    tracker = begin(mlflow_run_id=run_id)
    model = tracker.get_resource("model", type="model_version")
    assert (run_id, 1, "x" * 9000) == (
        model[1].info.run_id,
        tracker.get_metadata(model, "step"),
        tracker.get_metadata(model, "big"),
    )
    tracker.stop()
    later = begin()
    previous = later.get_prev_resource_version(later.create_resource("model"))
    assert run_id == previous[1].info.run_id


@pytest.mark.parametrize(
    ("end", "status"),
    [("", "FINISHED"), ("raise SystemError", "FAILED"), ("del tracker", "FINISHED")],
)
def test_a_run_that_nobody_stopped_ends_with_its_process(mlflow_url, name, client, end, status):
    """Failed after an error, so that it is nobody's previous version."""
    ended = run(f"{BEGIN}\n{end}", mlflow_url, name)
    found = client.get_run(ended.stdout.split()[0])
    assert (status, "1") == (found.info.status, found.data.tags["model.step"]), ended.stderr


def test_a_fork_ends_no_run_of_its_parent(mlflow_url, name):
    """What it logs is there all the same."""
    ended = run(FORKED, mlflow_url, name)
    assert ["RUNNING", "was here"] == ended.stdout.splitlines()[1:], ended.stderr


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_experiments_in_worker_processes(mlflow_url, name, tmp_path, method):
    """Each worker ends its own; the parent reads what they logged."""
    program = tmp_path / "program.py"
    program.write_text(SPAWNED)
    ended = subprocess.run(
        [sys.executable, str(program), mlflow_url, name, method],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ["[0, 1, 2, 3]", "RUNNING"] == ended.stdout.splitlines()[1:], ended.stderr


def test_experiments_in_threads(tracker, client):
    """Each has its own run, and nothing of one is in another."""
    model = tracker.create_resource("model", type="model_version")

    def train(number: int):
        experiment = tracker.create_resource(None, type="experiment", parent=model)
        for step in range(20):
            tracker.log_metadata(experiment, f"step {step}", [number, step])
            assert [number, step] == tracker.get_metadata(experiment, f"step {step}")
        tracker.log_metadata(experiment, "training_params", {"number": number})
        tracker.clean_resource(experiment, type="experiment")
        return experiment

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(train, range(16)))
    assert 16 == len({experiment[0] for experiment in made})
    tracker.client.flush()
    for number, (_, run_) in enumerate(made):
        found = client.get_run(run_.info.run_id)
        assert ("FINISHED", {"number": str(number)}) == (found.info.status, found.data.params)


def test_a_spool_keeps_what_an_outage_would_lose(mlflow_url, name, tmp_path):
    """The setting is that of the client."""
    spool = tmp_path / "spool"
    conf = {"mlflow_tracking_uri": mlflow_url, "mlflow_experiment_name": name, "spool": str(spool)}
    with MLFlowMetadataTracker(conf) as tracker:
        tracker.log_metadata(tracker.create_resource("model"), "a", 1)
        assert list(spool.iterdir())
    tracker.client.close()
