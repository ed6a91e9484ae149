"""The client that the commands of `penstock rollout` work through."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from penstock.cli.server import find_place, named
from penstock.rest import MlflowClient

RETRIES: Final = 2
"""A change is several calls, so one that breaks off is repeated, but not for long."""


@contextmanager
def open_client(uri: str | None, *, retries: int = RETRIES) -> Iterator[MlflowClient]:
    """Open a client of the server of `--uri` or the settings. Raises ConfigurationError."""
    place = find_place(uri)
    with named(place.source), MlflowClient(place.address, retries=retries) as client:
        yield client
