"""PostgreSQL for tests."""

import signal
from pathlib import Path

from services.databases.server import PASSWORD, USER, DatabaseServer

PROGRAMS = Path("/usr/lib/postgresql")


class PostgresqlServer(DatabaseServer):
    kind = "postgresql"
    drivername = "postgresql+psycopg"
    home = "postgres"
    stop_signal = signal.SIGINT  # SIGTERM waits for clients to leave

    def prepare(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self.run(
            [
                *(program("initdb"), "--pgdata", str(self.folder / "data")),
                *("--username", USER, "--pwfile", str(password), "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ]
        )

    def command(self) -> list[str]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
        }
        named = [f"--{name}={value}" for name, value in settings.items()]
        return [program("postgres"), "-D", str(self.folder / "data"), *named]


def program(name: str) -> str:
    """Return the path of a program of the newest version that is here."""
    return str(max(PROGRAMS.glob(f"*/bin/{name}")))


def find_program() -> str | None:
    """Return the server's program, or None."""
    return next((str(found) for found in PROGRAMS.glob("*/bin/initdb")), None)
