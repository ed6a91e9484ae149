"""The keeper starts the deployment of a model when it is asked for, and ends it when nobody is."""

import asyncio
from typing import Any

import pytest

from penstock.errors import ModelUnavailable
from penstock.serving.engines.calls import Failed, PeerLost, unwrap
from penstock.serving.engines.distant import DistantEngine
from penstock.serving.engines.engine import ModelFacts, TypedRows
from penstock.serving.engines.keeper import Keeper, State
from penstock.serving.engines.local import Limits

FACTS = ModelFacts("runs:/1/model", ("sklearn",))


class TinyCluster:
    """Deployments that are ready, or have failed, at the second look."""

    def __init__(self, *, broken: bool = False, running: tuple[str, ...] = ()) -> None:
        self.states = dict.fromkeys(running, State(is_ready=True))
        self.started: list[str] = []
        self.ended: list[str] = []
        self._broken = broken

    def name_of(self, uri: str) -> str:
        return f"app of {uri}"

    def list_names(self) -> list[str]:
        return list(self.states)

    def find_state(self, name: str) -> State | None:
        return self.states.get(name)

    def start(self, uri: str) -> None:
        self.started.append(uri)
        state = (
            State(has_failed=True, message="no such file") if self._broken else State(is_ready=True)
        )
        self.states[self.name_of(uri)] = state

    def end(self, name: str) -> None:
        self.ended.append(name)
        del self.states[name]


class TinyPeer:
    """Answers what it is told to, one after the other, and then the last one for ever."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, tuple[object, ...]]] = []
        self.was_asked = asyncio.Event()

    async def ask(self, method: str, *arguments: object) -> Any:
        self.asked.append((method, arguments))
        self.was_asked.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wait_for(self, method: str, *arguments: object) -> None:
        while (method, arguments) not in self.asked:
            self.was_asked.clear()
            await self.was_asked.wait()


def test_a_model_is_started_once():
    """Several routers that ask for it at the same time get the same deployment."""
    cluster = TinyCluster()

    async def ask():
        keeper = Keeper(cluster, lease_seconds=60, poll_seconds=0.001)
        return await asyncio.gather(*(keeper.load("a") for _ in range(3)))

    assert ["app of a"] * 3 == asyncio.run(ask())
    assert ["a"] == cluster.started


def test_what_has_failed_is_told_and_tried_anew_the_next_time():
    """The failure names the model and the reason; nothing remains of it."""
    cluster = TinyCluster(broken=True)

    async def ask():
        keeper = Keeper(cluster, lease_seconds=60, poll_seconds=0.001)
        return await keeper.load("a"), await keeper.load("a")

    failed, again = asyncio.run(ask())
    with pytest.raises(ModelUnavailable, match="a cannot be loaded on the cluster: no such file"):
        unwrap(failed)
    assert isinstance(again, Failed)
    assert (["a", "a"], {}) == (cluster.started, cluster.states)


def test_what_nobody_holds_ends():
    """What is held stays; so does what a keeper finds that has only just begun."""
    cluster = TinyCluster(running=("app of old",))

    async def ask():
        keeper = Keeper(cluster, lease_seconds=0.2, poll_seconds=0.001)
        await keeper.sweep()
        assert [] == cluster.ended
        await keeper.load("a")
        while not cluster.ended:
            await keeper.hold(["a"])
            await asyncio.sleep(0.01)
        assert ["app of old"] == cluster.ended

    asyncio.run(ask())


def test_it_is_known_what_the_keeper_has_ended_itself():
    """Until it is ready again: else it would seem that somebody else had ended it."""
    cluster = TinyCluster(broken=True)

    async def ask():
        keeper = Keeper(cluster, lease_seconds=60, poll_seconds=0.001)
        await keeper.load("a")
        assert {"app of a"} == keeper.ended
        cluster.states["app of a"] = State(is_ready=True)
        assert "app of a" == await keeper.load("a")
        assert set() == keeper.ended
        cluster.states["app of a"] = State(has_failed=True)
        await keeper.load("a")
        assert {"app of a"} == keeper.ended

    asyncio.run(ask())


def test_what_has_ended_although_it_is_held_is_started_again():
    """A router that was silent for too long gets its models back."""
    cluster = TinyCluster()

    async def ask():
        keeper = Keeper(cluster, lease_seconds=60, poll_seconds=0.001)
        await keeper.hold(["a"])
        await keeper.load("a")

    asyncio.run(ask())
    assert ["a"] == cluster.started


def test_a_call_that_a_dying_replica_had_is_made_again():
    """Whoever asked hears nothing of it."""
    peer = TinyPeer(FACTS, PeerLost("gone"), PeerLost("gone"), [7])

    async def ask():
        engine = DistantEngine(TinyPeer("app"), lambda _: peer, Limits(), renew_seconds=60)
        model = await engine.load("a")
        answers = await model.predict(TypedRows([(1.0,)]))
        await model.close()
        await engine.close()
        return answers

    assert [7] == asyncio.run(ask())
    assert ["facts", "predict", "predict", "predict"] == [method for method, _ in peer.asked]


def test_what_is_in_use_is_told_to_the_keeper():
    """For as long as it is, and no longer."""
    keeper = TinyPeer("app", None)

    async def ask():
        engine = DistantEngine(keeper, lambda _: TinyPeer(FACTS), Limits(), renew_seconds=0.01)
        model = await engine.load("a")
        await keeper.wait_for("hold", ["a"])
        await model.close()
        await keeper.wait_for("hold", [])
        await engine.close()

    asyncio.run(asyncio.wait_for(ask(), 10))
