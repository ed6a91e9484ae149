"""URLs of databases on a server: what they must name, and their driver."""

from importlib.util import find_spec
from typing import Final

from sqlalchemy.engine import URL

from penstock.errors import ConfigurationError
from penstock.gateway.db.backend import SETTING

ADVICE: Final = (
    "check that the server runs, that the database is there (it is not made), and the address "
    f"and login in {SETTING}"
)
"""What to do where a database on a server cannot be opened."""


def check_named(url: URL, example: str) -> None:
    """Raise ConfigurationError for a URL that names no database."""
    if not url.database:
        raise ConfigurationError(f"{SETTING} must name a database: {example}")


def check_driver(url: URL, module: str, *, extra: str) -> None:
    """Raise ConfigurationError for a URL with another driver than ours, or where it is missing."""
    kind, _, driver = url.drivername.partition("+")
    if driver not in {"", module}:
        raise ConfigurationError(
            f"{SETTING}: the driver '{driver}' is not supported; write {kind}://… without one"
        )
    if find_spec(module) is None:
        raise ConfigurationError(
            f"{SETTING} names a {kind} database, which needs {module}; "
            f"install it: pip install 'penstock[{extra}]'"
        )
