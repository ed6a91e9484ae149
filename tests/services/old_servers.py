"""MLflow servers of older versions, each in an environment of its own that is kept."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from servers import START_SECONDS, STOP_SECONDS, clean_environment, free_port, wait_until

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
PYTHONS = {"2.12.2": ("3.10", "3.9"), "2.22.2": ("3.11", "3.10", "3.9")}
"""The versions, and the Pythons that they run on."""


def find_python(version: str) -> str | None:
    """Return an interpreter that this version of MLflow runs on, or None."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for wanted in PYTHONS[version]:
        candidates = [shutil.which(f"python{wanted}")]
        candidates += sorted(str(path) for path in versions.glob(f"{wanted}.*/bin/python3"))
        for path in filter(None, candidates):
            if says(path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])") == wanted:
                return path
    return None


def says(*command: str) -> str:
    """Return what a command writes; nothing if it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def make_environment(version: str, python: str) -> Path:
    """Make the environment of one version, once, and return its folder of programs."""
    environment = ROOT / ".venvs" / f"mlflow-{version}"
    pins = HERE / f"mlflow-{version}.txt"
    stamp = environment / ".set-up"
    if not stamp.exists() or stamp.stat().st_mtime < pins.stat().st_mtime:
        uv = [str(UV), "--quiet"]
        subprocess.run([*uv, "venv", "--clear", "--python", python, str(environment)], check=True)
        target = ["--python", str(environment / "bin" / "python")]
        # Packages of that time expect the setuptools of that time beside them.
        wanted = [f"mlflow=={version}", "setuptools", "--constraint", str(pins)]
        subprocess.run([*uv, "pip", "install", *target, *wanted], check=True)
        stamp.touch()
    return environment / "bin"


@contextmanager
def running_server(programs: Path, folder: Path) -> Iterator[str]:
    """Run a server until the block ends, and give its address; it may not be ready yet."""
    port, output = free_port(), folder / "output"
    command = [
        *(str(programs / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", str(folder / "artifacts")),
    ]
    # It starts its web server by name.
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(PATH=path),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def wait_until_ready(version: str, url: str, folder: Path) -> None:
    """Return when a server tells the version that it should be."""
    try:
        wait_until(lambda: told_version(url) == version, START_SECONDS)
    except AssertionError as error:
        raise AssertionError((folder / "output").read_text()) from error


def told_version(url: str) -> str | None:
    try:
        with urlopen(f"{url}/version", timeout=30) as answer:
            return answer.read().decode().strip()
    except (URLError, OSError):
        return None


def stop(process: subprocess.Popen[bytes]) -> None:
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    finally:
        for one in below:
            if one.is_running():
                one.kill()
        process.kill()
        process.wait()
