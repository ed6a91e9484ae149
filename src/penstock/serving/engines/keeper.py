"""Who starts and ends the deployments of models: one for each, for as long as somebody holds it."""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from penstock.errors import ModelUnavailable
from penstock.serving.engines.calls import answer

log = logging.getLogger("penstock.serving")


class State(NamedTuple):
    """Where a deployment has got to; the message is the cluster's."""

    is_ready: bool = False
    has_failed: bool = False
    is_going: bool = False
    message: str = ""


class Cluster(Protocol):
    """Where deployments are. Its methods may block."""

    def name_of(self, uri: str) -> str:
        """Return the name of the deployment of a model."""

    def list_names(self) -> list[str]:
        """Return the names of all deployments of models that this server has."""

    def find_state(self, name: str) -> State | None:
        """Return where a deployment has got to, or None where there is none."""

    def start(self, uri: str) -> None:
        """Begin a deployment, unless it is there already."""

    def end(self, name: str) -> None:
        """Begin to end a deployment: it is gone when its last requests are answered."""


class Keeper:
    """Starts a deployment when its model is asked for; ends it when nobody has held it for long.

    What holds is remembered by those who hold: a keeper that starts anew finds the deployments
    that there are, and waits for their holders to say so. Errors are answers, see `calls.Failed`.
    """

    def __init__(
        self, cluster: Cluster, *, lease_seconds: float, poll_seconds: float = 0.5
    ) -> None:
        self._cluster = cluster
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._held = dict.fromkeys(cluster.list_names(), time.monotonic())
        self._ended: frozenset[str] = frozenset()
        self._one_at_a_time = asyncio.Lock()
        self._sweeping: asyncio.Task[None] | None = None
        self._reviving: set[asyncio.Task[Any]] = set()

    @property
    def ended(self) -> frozenset[str]:
        """The names of what it has ended itself, and not seen ready again; for any thread."""
        return self._ended

    async def load(self, uri: str) -> Any:  # noqa: ANN401 - a name, or a failure
        """Return the name of a model's deployment, once a replica has loaded the model."""
        self._begin_sweeping()
        return await answer(self._load(uri))

    async def hold(self, uris: Iterable[str]) -> None:
        """Keep the deployments of these models for another while; start those that have ended."""
        self._begin_sweeping()
        for uri in uris:
            name = self._cluster.name_of(uri)
            if name not in self._held:
                # Whoever holds it was silent for longer than its lease.
                task = asyncio.get_running_loop().create_task(self.load(uri))
                self._reviving.add(task)
                task.add_done_callback(self._reviving.discard)
            self._touch(name)

    async def sweep(self) -> None:
        """End the deployments that nobody has held for a while."""
        async with self._one_at_a_time:
            bound = time.monotonic() - self._lease_seconds
            for name in [name for name, at in self._held.items() if at < bound]:
                log.info("nobody holds %s any more; it ends", name)
                await self._end(name)

    async def _load(self, uri: str) -> str:
        name = self._cluster.name_of(uri)
        while True:
            self._touch(name)
            async with self._one_at_a_time:
                state = await asyncio.to_thread(self._cluster.find_state, name)
                if state is None:
                    await asyncio.to_thread(self._cluster.start, uri)
            if state is not None and state.is_ready:
                self._ended -= {name}
                return name
            if state is not None and state.has_failed:
                await self._give_up(name)
                raise ModelUnavailable(f"{uri} cannot be loaded on the cluster: {state.message}")
            await asyncio.sleep(self._poll_seconds)

    async def _give_up(self, name: str) -> None:
        """End what has failed, so that it is tried anew when it is asked for again."""
        async with self._one_at_a_time:
            await self._end(name)

    async def _end(self, name: str) -> None:
        self._ended |= {name}  # before it is gone, for those who would wonder
        await asyncio.to_thread(self._cluster.end, name)
        self._held.pop(name, None)

    def _touch(self, name: str) -> None:
        self._held[name] = time.monotonic()

    def _begin_sweeping(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().create_task(self._sweep_often())

    async def _sweep_often(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 4)
            try:
                await self.sweep()
            except Exception:
                # A cluster that is away for a moment must not end the sweeping.
                log.exception("deployments that nobody holds could not be ended")
