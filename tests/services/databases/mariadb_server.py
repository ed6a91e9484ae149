"""MariaDB for tests."""

import shutil
from typing import Any

from services.databases.server import PASSWORD, USER, DatabaseServer


class MariadbServer(DatabaseServer):
    kind = "mysql"
    drivername = "mysql+pymysql"
    home = "mysql"

    def arguments(self, password: str) -> dict[str, Any]:
        return {"password": password.encode()}  # PyMySQL would take a text for Latin-1

    def prepare(self) -> None:
        self.run(
            [
                *("mariadb-install-db", "--no-defaults", f"--datadir={self.folder / 'data'}"),
                *("--auth-root-authentication-method=normal", "--skip-test-db"),
            ]
        )
        password = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        (self.folder / "first.sql").write_text(
            "SET NAMES utf8mb4;\n"
            f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1';\n"
        )

    def command(self) -> list[str]:
        settings = {
            "datadir": self.folder / "data",
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "init-file": self.folder / "first.sql",
            "port": self.port,
            "bind-address": "127.0.0.1",
            "character-set-server": "latin1",
            "innodb-buffer-pool-size": "32M",
            "debug-no-sync": 1,
        }
        named = [f"--{name}={value}" for name, value in settings.items()]
        return [str(find_program()), "--no-defaults", "--skip-name-resolve", *named]


def find_program() -> str | None:
    """Return the server's program, or None."""
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
