"""Calls of what lives in another process: an error that is ours comes back as what it was."""

from collections.abc import Awaitable
from typing import Any, NamedTuple, Protocol

from penstock import errors
from penstock.errors import PenstockError


class PeerLost(Exception):
    """Whoever was asked has died, or cannot be reached; another may answer."""


class Peer(Protocol):
    """Somebody in another process whose methods can be called."""

    async def ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever it answers
        """Return what a method answers. Raises PenstockError that it raised, or PeerLost."""


class Failed(NamedTuple):
    """An error of our own as a value: raised over there, it would fill the logs of the cluster."""

    kind: str
    message: str


async def answer(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever is called
    """Return what a call returns, or how it failed."""
    try:
        return await call
    except PenstockError as error:
        return Failed(type(error).__name__, str(error))


def unwrap(answered: object) -> Any:  # noqa: ANN401 - whatever was answered
    """Return what was answered. Raises the error that it stands for."""
    if isinstance(answered, Failed):
        kind: type[PenstockError] = getattr(errors, answered.kind, errors.ServingError)
        raise kind(answered.message)
    return answered
