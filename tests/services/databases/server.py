"""A database server of a package of Debian's, in a folder and on a port of its own."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from servers import STOP_SECONDS, free_port, wait_until

NOBODY = "nobody"
START_SECONDS = 120
USER = "penstock"
PASSWORD = "p@ss:w/rd%41?#é日&\\'\" $"


class DatabaseServer(ABC):
    """One server, which can be killed, frozen and started again on what it has stored."""

    kind: str
    drivername: str
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make the files of an empty server."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line of the server."""

    @property
    @abstractmethod
    def home(self) -> str:
        """The database that is there from the beginning."""

    def arguments(self, password: str) -> dict[str, Any]:
        """Return what the driver has to be told besides the URL."""
        return {"password": password}

    def url(self, database: str | None = None, *, password: str = PASSWORD) -> str:
        """Return what `PENSTOCK_DATABASE_URL` says of a database here."""
        url = URL.create(self.kind, USER, password, "127.0.0.1", self.port, database or self.home)
        return url.render_as_string(hide_password=False)

    def make_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"penstock_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str, url: str | None = None) -> list[Any]:
        """Run a statement as its own transaction, and return its rows."""
        engine = self._engine(url or self.url())
        try:
            with engine.connect() as connection:
                result = connection.exec_driver_sql(statement)
                return list(result) if result.returns_rows else []
        finally:
            engine.dispose()

    def run(self, command: list[str]) -> None:
        """Run a program as the server's user, to its end."""
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, **self._as_nobody()
        )
        assert 0 == ended.returncode, ended.stdout + ended.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = self.folder / "server.log"
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                **self._as_nobody(),
            )
        try:
            wait_until(lambda: self._has_ended() or self._answers(), START_SECONDS)
            assert not self._has_ended()
        except AssertionError as error:
            error.add_note(log.read_text()[-2000:])
            raise

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it, if it runs."""
        self._end(self.stop_signal)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it accept connections, as its system does for it, and say nothing."""
        family = self._family()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        try:
            yield
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        family = self._family()
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait()
            self._process = None
        psutil.wait_procs(family, STOP_SECONDS)

    def _family(self) -> list[psutil.Process]:
        assert self._process is not None
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _answers(self) -> bool:
        with suppress(DBAPIError):
            return bool(self.execute("SELECT 1"))
        return False

    def _engine(self, url: str) -> Engine:
        # Not the gateway's own way to connect, which is what is tested.
        plain = make_url(url).set(drivername=self.drivername)
        return create_engine(
            plain,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args=self.arguments(plain.password or ""),
        )

    def _as_nobody(self) -> dict[str, Any]:
        return {"user": NOBODY, "group": "nogroup", "cwd": self.folder} if _is_root() else {}


@contextmanager
def running(kind: type[DatabaseServer], program: str | None) -> Iterator[DatabaseServer]:
    """Run a server until the block ends; skip where its program is missing, but never in CI."""
    if program is None:
        advice = "these tests need PostgreSQL and MariaDB: bash scripts/databases.sh, as root"
        assert not os.environ.get("CI"), advice
        pytest.skip(advice)
    # Not below the folder of pytest, which lets nobody but its owner in.
    folder = Path(tempfile.mkdtemp(prefix="penstock-database-"))
    if _is_root():
        shutil.chown(folder, NOBODY, "nogroup")
    server = kind(folder)
    try:
        server.prepare()
        server.start()
        yield server
    finally:
        try:
            server.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _is_root() -> bool:
    return os.geteuid() == 0
