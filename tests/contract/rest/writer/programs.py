"""Programs that log, and the command that sends what they left."""

import subprocess
import sys
from pathlib import Path

from servers import clean_environment, penstock

KILLED = """
import os, signal, sys
from penstock import MlflowClient

client = MlflowClient(sys.argv[1], spool=sys.argv[2])
for step in range(int(sys.argv[3]), int(sys.argv[4])):
    client.log_metric("r", "m", step, step=step, synchronous=False)
os.kill(os.getpid(), signal.SIGKILL)
"""
"""Logs to a server, with a spool, from a step to a step, and dies."""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return _run([sys.executable, "-c", program, *map(str, arguments)])


def sync(spool: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `penstock sync`."""
    return _run(penstock("sync", str(spool), *options), **environment)


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def _run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
