"""Real servers for tests: on free ports, waited for with a deadline, ended by their ids."""

import base64
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError

import psutil

T = TypeVar("T")

PORTS = range(20_000, 32_000)
"""Not those that the system gives to connections, here or in another process of the tests."""

_DRAWN = random.SystemRandom()

START_SECONDS = 180
STOP_SECONDS = 20
READY = re.compile(r"^Penstock is ready at (\S+)$", re.MULTILINE)
MLFLOW = re.compile(r"^ +mlflow +(http://\S+)", re.MULTILINE)


def wait_until(condition: Callable[[], T], timeout: float = 30, *, what: str = "") -> T:
    """Return the first true answer of a condition; fail with what it was when time is over."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition}")
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """Return a port that nobody on 127.0.0.1 listens on at this moment, and nobody is given."""
    while True:
        port = _DRAWN.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def clean_environment(**extra: str) -> dict[str, str]:
    """Return this environment without anybody's settings of Penstock or of an MLflow client."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PENSTOCK_", "MLFLOW_", "VAULT_SERVICE_", "CONFIG_SERVICE_"))
    }
    return {**kept, "MLFLOW_DISABLE_TELEMETRY": "true", **extra}


@dataclass
class Up:
    """One real `penstock up`, in its own folder."""

    process: subprocess.Popen[bytes]
    data: Path
    output: Path

    @property
    def gateway_url(self) -> str:
        return self._announced(READY)

    @property
    def mlflow_url(self) -> str:
        return self._announced(MLFLOW)

    @property
    def username(self) -> str:
        return "admin@localhost"

    @property
    def password(self) -> str:
        return (self.data / "admin-password").read_text().strip()

    @property
    def environment(self) -> dict[str, str]:
        """What a client of MLflow or Penstock needs to log in here."""
        return clean_environment(
            MLFLOW_TRACKING_URI=self.gateway_url,
            MLFLOW_TRACKING_USERNAME=self.username,
            MLFLOW_TRACKING_PASSWORD=self.password,
        )

    def ask(
        self, path: str, *, password: str | None = None, body: object = None
    ) -> tuple[int, Any]:
        """Return status and JSON body of an answer of the gateway; a refusal has no body."""
        request = urllib.request.Request(f"{self.gateway_url}{path}")
        if password is not None:
            proof = base64.b64encode(f"{self.username}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {proof}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, None

    def said(self) -> str:
        return self.output.read_text()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.has_ended() or READY.search(self.said()), START_SECONDS)
        assert not self.has_ended(), self.report()

    def report(self) -> str:
        """Return all that it and its parts have written."""
        files = [self.output, *sorted(self.data.glob("logs/*.log"))]
        return "\n".join(f"--- {file.name}\n{file.read_text()}" for file in files if file.exists())

    def stop(self) -> None:
        """End it, and every process below it, whatever state they are in."""
        below = self.descendants()
        if not self.has_ended():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            for process in (*below, *self.descendants()):
                if process.is_running():
                    process.kill()
            self.process.kill()
            self.process.wait()

    def _announced(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self.said())
        assert found, self.report()
        return found[1]


def penstock(*arguments: str) -> list[str]:
    """Return the command line of a `penstock` command."""
    return [sys.executable, "-m", "penstock", *arguments]


def start_up(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Up:
    """Start `penstock up` on free ports with its data below a folder, and return at once."""
    data, output = folder / "data", folder / "output"
    ports = ("--port", "0", "--mlflow-port", "0", "--data", str(data))
    with output.open("wb") as stream:
        process = subprocess.Popen(
            penstock("up", *ports, *options),
            cwd=folder,
            env=dict(environment or clean_environment()),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    return Up(process, data, output)


@contextmanager
def running_up(
    folder: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[Up]:
    """Run `penstock up` until the block ends; it is ready when the block begins."""
    up = start_up(folder, *options, environment=environment)
    try:
        up.wait_until_ready()
        yield up
    finally:
        up.stop()


def refused_up(folder: Path, *options: str) -> str:
    """Run a `penstock up` that must fail before it starts anything; return its one line."""
    ended = subprocess.run(
        penstock("up", *options),
        cwd=folder,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (1, "") == (ended.returncode, ended.stdout), ended
    assert ended.stderr.startswith("penstock: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr
