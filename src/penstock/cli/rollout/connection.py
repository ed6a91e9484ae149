"""The client that the commands of `penstock rollout` work through."""

from collections.abc import Iterator
from contextlib import contextmanager

from penstock.cli.server import find_place, named
from penstock.rest import MlflowClient


@contextmanager
def open_client(uri: str | None) -> Iterator[MlflowClient]:
    """Open a client of the server of `--uri` or the settings. Raises ConfigurationError.

    It does not repeat calls: a command says at once what is wrong.
    """
    place = find_place(uri)
    with named(place.source), MlflowClient(place.address, retries=0) as client:
        yield client
