"""The servers under measurement, each a process of its own on loopback."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

BIN = Path(sys.executable).parent
USERNAME = "bench@localhost"
PASSWORD = secrets.token_urlsafe(16)
START_SECONDS = 180


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    port: int
    pid: int
    seconds_to_start: float

    def resident_bytes(self) -> int:
        """Return the resident memory of the process and its descendants."""
        process = psutil.Process(self.pid)
        return sum(part.memory_info().rss for part in (process, *process.children(recursive=True)))


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def mlflow_server(
    folder: Path, *, basic_auth: bool = False, contents: Path | None = None
) -> Iterator[Server]:
    """Start a stock MLflow server, or one with MLflow's own login.

    With `contents`, a folder of `mlflow.db` and `auth.db`, it begins with a copy of these, and its
    login lets nobody do anything without a grant.
    """
    folder.mkdir()
    if contents is not None:
        for database in contents.iterdir():
            shutil.copy(database, folder)
    port = free_port()
    command = [str(BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    environment = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    if basic_auth:
        command += ["--app-name", "basic-auth"]
        default = "READ" if contents is None else "NO_PERMISSIONS"
        environment |= _auth_settings(folder, default_permission=default)
    with running(command, environment, folder / "log", port) as server:
        yield server


@contextmanager
def gateway(folder: Path, upstream_port: int) -> Iterator[Server]:
    """Start a Penstock gateway on a fresh database."""
    folder.mkdir()
    port = free_port()
    command = [str(BIN / "penstock"), "gateway", "--port", str(port)]
    command += ["--upstream", f"http://127.0.0.1:{upstream_port}"]
    command += ["--database-url", f"sqlite:///{folder / 'penstock.db'}"]
    environment = {"PENSTOCK_ADMIN_USERNAME": USERNAME, "PENSTOCK_ADMIN_PASSWORD": PASSWORD}
    with running(command, environment, folder / "log", port) as server:
        yield server


def _auth_settings(folder: Path, *, default_permission: str) -> dict[str, str]:
    settings = folder / "auth.ini"
    settings.touch(mode=0o600)
    settings.write_text(
        f"[mlflow]\ndefault_permission = {default_permission}\n"
        f"database_uri = sqlite:///{folder / 'auth.db'}\n"
        f"admin_username = {USERNAME}\nadmin_password = {PASSWORD}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(16),
    }


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], log: Path, port: int
) -> Iterator[Server]:
    """Run a server until the block ends; it answers `/health` when the block begins."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", **environment}
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            command, env={**os.environ, **quiet}, stdout=output, stderr=output, cwd=log.parent
        )
        try:
            _wait_until_healthy(process, port, log)
            yield Server(port, process.pid, time.monotonic() - started)
        finally:
            _end(process)


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"a server ended at its start:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit(f"a server did not start in time:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    tree = [process.pid]
    if psutil.pid_exists(process.pid):
        tree += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in tree[1:]:
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()
