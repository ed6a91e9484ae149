"""The example of the README, run as a user would, against `penstock up`."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from penstock import MlflowClient
from servers import Up, clean_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "quickstart.py"
EPOCHS = 20


def quickstart(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLE)],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def shown(output: str, name: str) -> str:
    """Return what stands beside a name in the example's output."""
    found = re.search(rf"^ +{name} {{2,}}(.+)$", output, re.MULTILINE)
    assert found, f"no '{name}' in {output}"
    return found[1]


@pytest.fixture(scope="module")
def outputs(stack: Up) -> list[str]:
    """What the example shows when it runs twice on one server."""
    turns = [quickstart(stack.environment) for _ in range(2)]
    assert [0, 0] == [turn.returncode for turn in turns], turns
    return [turn.stdout for turn in turns]


def test_the_quickstart_runs_again_on_the_same_server(outputs: list[str]) -> None:
    """The second time, the experiment is the same, and the model has a new version."""
    for turn, output in enumerate(outputs, start=1):
        assert f"{3 * turn} in experiment 'quickstart'" == shown(output, "runs")
        assert f"quickstart-breast-cancer, version {turn}" == shown(output, "model")


def test_the_downloaded_model_predicts(outputs: list[str]) -> None:
    """What step 2 has downloaded without MLflow, step 3 loads, and it knows the samples."""
    for output in outputs:
        assert "malignant (is malignant)" == shown(output, "sample 0")
        assert "benign (is benign)" == shown(output, "sample 19")


def test_what_the_quickstart_shows_is_on_the_server(stack: Up, outputs: list[str]) -> None:
    """The shown run is there, with its parameters, all steps and its figure."""
    run_id = shown(outputs[-1], "best run").split("(")[1].rstrip(")")

    with MlflowClient(stack.gateway_url, username=stack.username, password=stack.password) as there:
        params = there.get_run(run_id).data.params
        history = there.get_metric_history(run_id, "loss")
        files = [file.path for file in there.list_artifacts(run_id)]

    assert f"alpha = {params['alpha']}, eta0 = {params['eta0']}" == shown(outputs[-1], "parameters")
    assert list(range(EPOCHS)) == [metric.step for metric in history]
    assert history[-1].value < 0.1 < history[0].value
    assert "loss.png" in files


def test_a_missing_setting_is_named() -> None:
    """Without an address, the example says which variables to set, and where to read how."""
    ended = quickstart(clean_environment())

    assert ended.returncode == 1
    assert ended.stderr.startswith("quickstart: set MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME")
    assert "Traceback" not in ended.stderr


def test_a_wrong_login_is_said_before_anything_is_trained(stack: Up) -> None:
    """With a wrong password, the example ends at once and names the variables to check."""
    ended = quickstart({**stack.environment, "MLFLOW_TRACKING_PASSWORD": "another-one"})

    assert ended.returncode == 1
    assert ended.stderr.startswith("quickstart: ")
    assert "MLFLOW_TRACKING_PASSWORD" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
