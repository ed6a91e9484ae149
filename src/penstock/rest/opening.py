"""The client that a call speaks through."""

from collections.abc import Iterator
from contextlib import contextmanager

from penstock.rest.client import MlflowClient


@contextmanager
def opened(client: MlflowClient | None) -> Iterator[MlflowClient]:
    """Yield the caller's client, or one of the settings for the length of the block."""
    if client is not None:
        yield client
        return
    with MlflowClient() as made:
        yield made
