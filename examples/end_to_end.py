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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle
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
from penstock.rollout import (
    canary_run,
    enable_run,
    history,
    rollback,
    save_model,
    update_active_runs,
)
from penstock.rollout.plans import Plan

EXPERIMENT = "end-to-end"
VERSION = "1.0.0"
RAMP = ("--steps", "75,100", "--every", "2s", "--requests", "20", "--yes")
GUARDS = ("error_rate<1%", "p99<5s", "outcome>=baseline")
START_SECONDS = 120.0
FOLLOW_SECONDS = 30.0
RAMP_SECONDS = 120.0

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

            show(f"4  ramp: {names[winner]}, step by step while its guards hold")
            ramp(service, winner, rows, names)
            tell_history(client, names, since=both.revision)

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
    tally = Tally(names)
    for row in rows:
        tally.ask(service, row, with_feedback=with_feedback)
    tally.tell()


def ramp(service: "Service", winner: str, rows: list[Row], names: dict[str, str]) -> None:
    """Let `penstock rollout ramp` give the winner everything, while samples are asked about."""
    tally, asked = Tally(names), cycle(rows)
    guards = [word for guard in GUARDS for word in ("--guard", guard)]
    command = ["rollout", "ramp", winner, *RAMP, *guards, "--server", service.url]
    deadline = time.monotonic() + RAMP_SECONDS
    with ThreadPoolExecutor(1) as teller, penstock(*command, stdout=subprocess.PIPE) as process:
        told = teller.submit(tell_lines, process)
        while process.poll() is None and time.monotonic() < deadline:
            tally.ask(service, next(asked), with_feedback=True)
    told.result()
    if process.returncode:
        sys.exit("end_to_end: the ramp did not get to its end")
    tally.tell()


def tell_lines(process: subprocess.Popen[bytes]) -> None:
    """Print what a command says, as it comes."""
    for line in process.stdout or ():
        print(f"  {line.decode().rstrip()}", flush=True)


def tell_history(client: MlflowClient, names: dict[str, str], *, since: int) -> None:
    """Print the revisions from one on, with what they gave each candidate, and why."""
    revisions = history(VERSION, experiment_name=EXPERIMENT, client=client)
    for plan in reversed([found for found in revisions if found.revision >= since]):
        shares = [f"{names[run_id]} {share:.0%}" for run_id, share in plan.active.items()]
        note = f" ({plan.note})" if plan.note else ""
        print(f"  revision {plan.revision}: {', '.join(sorted(shares))}{note}")


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


class Tally:
    """Which candidate answered how many samples, and how many of them rightly."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._answered: Counter[str] = Counter()
        self._right: Counter[str] = Counter()

    def ask(self, service: "Service", row: Row, *, with_feedback: bool) -> None:
        """Ask about a sample, and tell the server how right the answer was."""
        features, target = row
        answer = service.ask(features)
        name, is_right = self._names[answer.run_id], answer.prediction == target
        self._answered[name] += 1
        self._right[name] += is_right
        if with_feedback:
            service.tell(answer, outcome=float(is_right))

    def tell(self) -> None:
        """Print a line for each candidate."""
        for name, count in sorted(self._answered.items()):
            print(f"  {name:<10} answered {count:4}, rightly {self._right[name] / count:.0%}")


class Service:
    """`penstock serve` as a process, and a caller of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with create_server(("127.0.0.1", 0)) as free:
            self._port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self._port}"

    @contextmanager
    def running(self) -> Iterator["Service"]:
        """Run it until the block ends."""
        command = ["serve", "--experiment", EXPERIMENT, "--model-version", VERSION]
        place = ["--port", str(self._port), "--data", str(self._folder)]
        log = self._folder / "serve.log"
        with (
            log.open("wb") as stream,
            penstock(*command, *place, stdout=stream, stderr=subprocess.STDOUT) as process,
        ):
            if not wait(lambda: process.poll() is not None or self._is_ready(), START_SECONDS):
                sys.exit(f"end_to_end: the server is not ready:\n{log.read_text()}")
            if process.poll() is not None:
                sys.exit(f"end_to_end: the server ended:\n{log.read_text()}")
            yield self

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


@contextmanager
def penstock(*command: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ANN401 - Popen's
    """Run a command of Penstock; it is told to end when the block ends."""
    process = subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-m", "penstock", *command],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        **streams,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


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
