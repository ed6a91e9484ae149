"""From training to production and back: canary, A/B test, feedback, ramp, rollback.

Start a server with `make up`, then in another shell:

    export MLFLOW_TRACKING_URI=http://127.0.0.1:8000
    export MLFLOW_TRACKING_USERNAME=admin@localhost
    export MLFLOW_TRACKING_PASSWORD="$(cat penstock-data/admin-password)"
    .venv/bin/python examples/end_to_end.py

It can run again: the experiment is the same, and both candidates are saved anew.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from typing import Any, NamedTuple

from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from penstock import MlflowClient
from penstock.rollout import canary_run, enable_run, rollback, save_model, update_active_runs
from penstock.rollout.plans import Plan

EXPERIMENT = "end-to-end"
VERSION = "1.0.0"
STEPS = (0.75, 1.0)
START_SECONDS = 120.0
FOLLOW_SECONDS = 30.0

Row = tuple[list[float], int]


class Answer(NamedTuple):
    """What a run said, and the id under which it is told how right that was."""

    prediction: int
    run_id: str
    request_id: str


def main() -> None:
    """Go the whole way with two candidates."""
    rows, samples = split_samples()
    with MlflowClient() as client, tempfile.TemporaryDirectory() as folder:
        show("1  train and save two candidates")
        old = save("a baseline", DummyClassifier(strategy="most_frequent"), samples)
        new = save("a regression", make_pipeline(StandardScaler(), LogisticRegression()), samples)
        names = {old: "baseline", new: "regression"}
        enable_run(old, client=client)
        plan = canary_run(new, client=client)
        with Service(Path(folder)).running() as service:
            show("2  canary: the regression sees what the baseline answers")
            service.follow(plan)
            tell_shares(service, rows, names)
            seen = service.wait_for_canary(new, len(rows))
            print(f"  as the baseline: {seen['same']}, otherwise: {seen['different']}")

            show("3  A/B test: half of the requests each, with feedback")
            both = update_active_runs(
                {old: 0.5, new: 0.5}, VERSION, experiment_name=EXPERIMENT, client=client
            )
            service.follow(both)
            tell_shares(service, rows * 2, names, with_feedback=True)
            winner = find_winner(service.report(), names)

            show(f"4  ramp: {names[winner]}, step by step")
            (loser,) = names.keys() - {winner}
            for share in STEPS:
                shares = {winner: share} if share == 1 else {winner: share, loser: 1 - share}
                service.follow(
                    update_active_runs(shares, VERSION, experiment_name=EXPERIMENT, client=client)
                )
                tell_shares(service, rows, names, with_feedback=True)

            show("5  rollback: the A/B test again")
            back = rollback(both.revision, VERSION, experiment_name=EXPERIMENT, client=client)
            service.follow(back)
            tell_shares(service, rows, names)


def split_samples() -> tuple[list[Row], tuple[Any, Any]]:
    """Return the samples that are asked about, and those to learn from."""
    features, target = load_breast_cancer(return_X_y=True)
    known, asked, known_target, asked_target = train_test_split(
        features, target, test_size=0.25, random_state=7, stratify=target
    )
    rows = list(zip(asked.tolist(), map(int, asked_target), strict=True))
    return rows, (known, known_target)


def save(title: str, model: Any, samples: tuple[Any, Any]) -> str:  # noqa: ANN401 - any estimator
    """Train a candidate and save it; return its run."""
    run = save_model(model.fit(*samples), VERSION, experiment_name=EXPERIMENT)
    print(f"  {title}: run {run.run_id}, version {run.registered_version.version}")
    return run.run_id


def tell_shares(
    service: "Service", rows: list[Row], names: dict[str, str], *, with_feedback: bool = False
) -> None:
    """Ask about all samples, and print which candidate answered how many, and how many rightly."""
    answered: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for features, target in rows:
        answer = service.ask(features)
        answered[answer.run_id] += 1
        right[answer.run_id] += answer.prediction == target
        if with_feedback:
            service.tell(answer, outcome=float(answer.prediction == target))
    for run_id, count in sorted(answered.items(), key=lambda one: names[one[0]]):
        print(f"  {names[run_id]:<10} answered {count:4}, rightly {right[run_id] / count:.0%}")


def find_winner(report: Any, names: dict[str, str]) -> str:  # noqa: ANN401 - a JSON document
    """Print what the test has shown; return the run with the better outcomes."""
    winner = str(max(report["runs"], key=lambda run: run["mean_outcome"])["run_id"])
    for run in report["runs"]:
        if run["difference"] is not None:
            estimate, low, high = run["difference"]
            against = names[report["compared_with"]]
            print(
                f"  {names[run['run_id']]} against {against}: {estimate:+.3f}, "
                f"surely between {low:+.3f} and {high:+.3f}"
            )
    print(f"  the winner is the {names[winner]}")
    return winner


class Service:
    """`penstock serve` as a process, and a caller of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with create_server(("127.0.0.1", 0)) as free:
            self._port = int(free.getsockname()[1])

    @contextmanager
    def running(self) -> Iterator["Service"]:
        """Run it until the block ends."""
        command = ["serve", "--experiment", EXPERIMENT, "--model-version", VERSION]
        place = ["--port", str(self._port), "--data", str(self._folder)]
        log = self._folder / "serve.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "-m", "penstock", *command, *place],
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        try:
            if not wait(lambda: process.poll() is not None or self._is_ready(), START_SECONDS):
                sys.exit(f"end_to_end: the server is not ready:\n{log.read_text()}")
            if process.poll() is not None:
                sys.exit(f"end_to_end: the server ended:\n{log.read_text()}")
            yield self
        finally:
            process.terminate()
            process.wait()

    def ask(self, features: list[float]) -> Answer:
        """Return what a run says of a sample."""
        found, headers = self._call("/invocations", {"inputs": [features]})
        return Answer(
            found["predictions"][0],
            headers["x-penstock-run"],
            headers["x-penstock-request"],
        )

    def tell(self, answer: Answer, *, outcome: float) -> None:
        """Send how right an answer was."""
        self._call("/feedback", {"request_id": answer.request_id, "outcome": outcome})

    def report(self) -> Any:  # noqa: ANN401 - a JSON document
        """Return how the candidates compare."""
        return self._call("/report")[0]

    def follow(self, plan: Plan) -> None:
        """Wait until a plan is what decides, and its runs are loaded.

        The server looks for changes by itself. While a run is being loaded, the others answer.
        """
        if not wait(lambda: self._is_at(plan.revision) and self._is_ready(), FOLLOW_SECONDS):
            sys.exit(f"end_to_end: the server does not follow revision {plan.revision}")

    def wait_for_canary(self, run_id: str, count: int) -> Any:  # noqa: ANN401 - a JSON document
        """Return what the report says of a canary once it has seen so many requests."""

        def find() -> Any:  # noqa: ANN401 - the same
            (run,) = [one for one in self.report()["runs"] if one["run_id"] == run_id]
            seen = run["same"] + run["different"] + run["failed"] + run["dropped"]
            return run if seen >= count else None

        return wait(find, FOLLOW_SECONDS) or sys.exit("end_to_end: the canary has seen too little")

    def _is_at(self, revision: int) -> bool:
        return bool(self.report()["revision"] >= revision)

    def _is_ready(self) -> bool:
        try:
            self._call("/healthcheck")
        except (OSError, RuntimeError):
            return False
        return True

    def _call(self, path: str, body: object = None) -> tuple[Any, dict[str, str]]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            method = "GET" if body is None else "POST"
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content.decode()}")
        found = {name.lower(): value for name, value in answer.getheaders()}
        return json.loads(content), found


def wait(condition: Any, seconds: float) -> Any:  # noqa: ANN401 - whatever it returns
    """Return the first true answer of a condition, or None when time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    return None


def show(title: str) -> None:
    """Print a heading."""
    print(f"\n{title}", flush=True)


if __name__ == "__main__":
    main()
