"""Where a command works: on a gateway, or on the database of a data folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from penstock.cli.database import open_database
from penstock.cli.server import Server, open_server
from penstock.errors import ConfigurationError

if TYPE_CHECKING:
    from penstock.gateway.db.database import Database

T = TypeVar("T")


@contextmanager
def open_workplace(
    data: Path | None,
    uri: str | None,
    *,
    remote: Callable[[Server], T],
    local: "Callable[[Database], T]",
) -> Iterator[T]:
    """Open what a command works with: in `--data`, or at the gateway of `--uri` or the settings.

    Raises ConfigurationError for both at once, and for neither.
    """
    if data is None:
        with open_server(uri) as server:
            yield remote(server)
        return
    if uri is not None:
        raise ConfigurationError("pass either --data or --uri, not both")
    with open_database(data) as database:
        yield local(database)
