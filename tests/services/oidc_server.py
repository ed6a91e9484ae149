"""A real OpenID Connect provider: the npm package `oidc-provider`, installed once and kept."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from penstock.gateway.oidc.metadata import WELL_KNOWN
from servers import START_SECONDS, STOP_SECONDS, free_port, wait_until

HERE = Path(__file__).resolve().parent / "oidc"
KEPT = HERE.parent.parent.parent / ".venvs" / "oidc-provider"
FILES = ("package.json", "package-lock.json", ".npmrc")


def install_provider() -> Path:
    """Return the provider's program, installed; skip without Node.js, but never in CI."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not os.environ.get("CI"), "CI needs node and npm for the provider of these tests"
        pytest.skip("the provider of these tests needs node and npm, which are not here")
    wanted = "".join((HERE / name).read_text() for name in FILES)
    stamp = KEPT / ".installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        for name in FILES:
            shutil.copy(HERE / name, KEPT)
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=KEPT, check=True)
        stamp.write_text(wanted)
    return Path(shutil.copy(HERE / "server.js", KEPT))


@dataclass
class ProviderServer:
    """The provider's server, which can be stopped and started again with other keys."""

    program: Path
    folder: Path
    clients: list[dict[str, Any]]
    accounts: dict[str, dict[str, Any]]
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, jwks: Mapping[str, Any]) -> None:
        """Start it with these private keys, and wait until it answers."""
        config, output = self.folder / "provider.json", self.folder / "provider.log"
        described = {"port": self.port, "jwks": jwks}
        described |= {"clients": self.clients, "accounts": self.accounts}
        config.write_text(json.dumps(described))
        with output.open("wb") as stream:
            self.process = subprocess.Popen(
                ["node", str(self.program), str(config)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: self._ended() or self._answers(), START_SECONDS)
        finally:
            assert not self._ended(), output.read_text()

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            finally:
                self.process.kill()
                self.process.wait()
            self.process = None

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _answers(self) -> bool:
        try:
            with urlopen(self.url + WELL_KNOWN, timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False


@contextmanager
def provider_server(
    folder: Path, clients: list[dict[str, Any]], accounts: dict[str, dict[str, Any]]
) -> Iterator[ProviderServer]:
    """Give a provider that is not started yet, and end it with the block."""
    server = ProviderServer(install_provider(), folder, clients, accounts, free_port())
    try:
        yield server
    finally:
        server.stop()
