"""Train with a stock MLflow client, find the best run without MLflow, and predict.

Start a server with `make up`, then in another shell:

    export MLFLOW_TRACKING_URI=http://127.0.0.1:8000
    export MLFLOW_TRACKING_USERNAME=admin@localhost
    export MLFLOW_TRACKING_PASSWORD="$(cat penstock-data/admin-password)"
    .venv/bin/python examples/quickstart.py

It can run again: the experiment is the same, and the model gets a new version.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from penstock import MlflowClient, PenstockError

SETTINGS = ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
STEPS = ("quickstart_train.py", "quickstart_find.py", "quickstart_predict.py")


def main() -> None:
    """Run the steps one after the other, each in a process of its own."""
    check_login()
    with tempfile.TemporaryDirectory() as folder:
        for step in STEPS:
            run(Path(__file__).with_name(step), folder)


def check_login() -> None:
    """Exit with what to do unless the server lets us in."""
    missing = [name for name in SETTINGS if not os.environ.get(name)]
    if missing:
        sys.exit(f"quickstart: set {', '.join(missing)} first; {__file__} begins with how to")
    try:
        with MlflowClient(retries=0) as client:
            client.search_experiments(max_results=1)
    except PenstockError as error:
        sys.exit(f"quickstart: {error}")


def run(step: Path, folder: str) -> None:
    """Run one step; the folder is for what it leaves to the next ones."""
    quiet = {
        "GIT_PYTHON_REFRESH": "quiet",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    }
    command = [sys.executable, str(step), folder]
    ended = subprocess.run(command, env={**quiet, **os.environ}, check=False)  # noqa: S603 - ours
    if ended.returncode != 0:
        sys.exit(f"quickstart: {step.name} failed, see above")


if __name__ == "__main__":
    main()
