"""The gateway in processes of its own, as `penstock gateway` runs it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.running import ADMIN, ADMIN_PASSWORD
from gateway.threads import Address
from servers import clean_environment, wait_until

STOP_SECONDS = 20
PROGRAM = """
import sys
from penstock.config import load_config
from penstock.errors import PenstockError
from penstock.gateway.server import run
from penstock.gateway.settings import GatewaySettings
try:
    run(GatewaySettings.from_config(load_config()))
except PenstockError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


@dataclass
class Started:
    """A gateway's process and what it has written."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def address(self) -> Address:
        """Wait until it listens, and return where."""
        said = wait_until(self._listening, what="the gateway's start")
        return Address(said["host"], said["port"])

    def failure(self) -> tuple[int, str]:
        """Wait for its end, and return its exit code and what it wrote."""
        return self.process.wait(STOP_SECONDS), self.said()

    def memory(self) -> int:
        """Return the memory that it has now, in bytes."""
        return self._memory("VmRSS:")

    def most_memory(self) -> int:
        """Return the most memory that it has had so far, in bytes."""
        return self._memory("VmHWM:")

    def _memory(self, name: str) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        raise AssertionError("the process is gone")

    def _listening(self) -> dict[str, str] | None:
        assert not self.has_ended(), self.said()
        lines = [json.loads(line) for line in self.said().splitlines() if line.endswith("}")]
        return next((line for line in lines if line["event"] == "gateway is listening"), None)


@contextmanager
def started_gateway(folder: Path, **settings: str) -> Iterator[Started]:
    """Start a gateway whose data lie in a folder; end it with the block, if it has not ended."""
    folder.mkdir(parents=True, exist_ok=True)
    variables = {
        "DATA_DIR": str(folder),
        "ADMIN_USERNAME": ADMIN,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "PORT": "0",
        **settings,
    }
    environment = clean_environment(
        **{f"PENSTOCK_{name}": value for name, value in variables.items()}
    )
    log = folder / f"log-{len(list(folder.iterdir()))}"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stderr=stream,
        )
    started = Started(process, log)
    try:
        yield started
    finally:
        ended_by_itself = started.has_ended()
        process.terminate()
        code = process.wait(STOP_SECONDS)
    assert ended_by_itself or code == 0, started.said()
