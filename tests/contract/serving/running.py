"""The real `penstock serve`, as a process, and callers of it."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from servers import STOP_SECONDS, clean_environment, free_port, penstock, wait_until

START_SECONDS = 120


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Serve:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(
        self,
        path: str,
        body: bytes | object | None = None,
        *,
        content_type: str = "application/json",
        key: str | None = None,
        seconds: float = 30,
    ) -> Answer:
        """POST a body, as JSON if it is no bytes; without one, GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        with contextlib.closing(connection):
            headers = {"Content-Type": content_type} | ({"X-Penstock-Key": key} if key else {})
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            if body is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, content, headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return 200 == self.ask("/ping").status
        except OSError:
            return False

    def workers(self) -> list[int]:
        return self._children("worker-")

    def dispatchers(self) -> list[int]:
        return self._children("dispatcher")

    def _children(self, name: str) -> list[int]:
        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if child.name().startswith(name)]


@contextmanager
def running_serve(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Serve]:
    """Run `penstock serve` until the block ends; it may still be loading when the block begins."""
    folder.mkdir(exist_ok=True)
    port, log = free_port(), folder / "serve.log"
    options = ("--port", str(port), "--data", str(folder / "serving"))
    place = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "share")}
    with log.open("ab") as output:
        process = subprocess.Popen(
            penstock("serve", *arguments, *options),
            cwd=folder,
            env={**(environment or clean_environment()), **place},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Serve(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()


@contextmanager
def ready_serve(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Serve]:
    """Do the same, and begin when all models are loaded."""
    with running_serve(folder, *arguments, environment=environment) as serve:
        wait_until(serve.is_ready, START_SECONDS, what="/ping answers 200")
        yield serve


@contextmanager
def mlflow_serve(folder: Path, model: Path) -> Iterator[Serve]:
    """Run `mlflow models serve` on a saved model until the block ends."""
    folder.mkdir(exist_ok=True)
    port, log = free_port(), folder / "mlflow.log"
    command = ["-m", "mlflow", "models", "serve", "-m", str(model), "-p", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*penstock()[:1], *command, "--env-manager", "local", "-h", "127.0.0.1"],
            env=clean_environment(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}"),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    serve = Serve(process, port, log)
    try:
        wait_until(serve.is_ready, START_SECONDS, what="mlflow answers")
        yield serve
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()
