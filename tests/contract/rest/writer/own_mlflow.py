"""A real MLflow server of one test, that can be killed and started again."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from servers import START_SECONDS, clean_environment, free_port, wait_until


class OwnMlflow:
    """MLflow on a database file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def begin(self) -> None:
        """Start it, and return at once."""
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
        command += ["--port", str(self._port), "--workers", "1"]
        command += ["--backend-store-uri", f"sqlite:///{self._folder / 'mlflow.db'}"]
        command += ["--artifacts-destination", str(self._folder / "artifacts")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=clean_environment(MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false"),
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )

    def start(self) -> None:
        """Start it if that has not begun, and return when it answers."""
        if self._process is None:
            self.begin()
        wait_until(self._answers, START_SECONDS, what="MLflow answers")

    def kill(self) -> None:
        """Kill it with all its workers, whatever they are doing."""
        if self._process is None:
            return
        tree = psutil.Process(self._process.pid)
        for process in (*tree.children(recursive=True), tree):
            process.kill()
        self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()[-4000:]
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def own_mlflow(folder: Path) -> Iterator[OwnMlflow]:
    """Have one that ends with the block; it may take a while after its beginning to answer."""
    server = OwnMlflow(folder)
    try:
        server.begin()
        yield server
    finally:
        server.kill()
