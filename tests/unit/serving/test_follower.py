"""A plan changes: models come and go, and no request notices."""

import asyncio
import threading

import pytest

from penstock.errors import NothingToServe, ServerUnreachable
from penstock.serving.follower import Follower
from penstock.serving.lineup_memory import LineupMemory
from unit.serving.tiny_models import TinyEngine, TinySource, lineup, until


def follow(source, engine, folder, story):
    """Run a story with a follower."""

    async def tell():
        follower = Follower(source, engine, LineupMemory(folder), poll_seconds=0.01)
        await follower.refresh()
        return await story(follower)

    return asyncio.run(tell())


def shares(follower):
    return dict(follower.table.choice.fractions)


def test_a_change_of_fractions_loads_nothing(tmp_path):
    """The table is another one at once, with the same models."""
    source, engine = TinySource(lineup(a=0.5, b=0.5)), TinyEngine()

    async def story(follower):
        before = follower.table
        source.lineup = lineup(a=0.9, b=0.1, revision=2)
        await follower.refresh()
        assert {"a": 0.9, "b": 0.1} == shares(follower)
        assert {"a": 0.5, "b": 0.5} == dict(before.choice.fractions)
        assert 2 == follower.table.lineup.revision
        assert ["a", "b"] == engine.loads

    follow(source, engine, tmp_path, story)


def test_the_old_run_answers_until_the_new_one_is_loaded(tmp_path):
    """Then it is let go."""
    source, engine = TinySource(lineup(a=1.0)), TinyEngine()

    async def story(follower):
        engine.gate = asyncio.Event()
        source.lineup = lineup(b=1.0, revision=2)
        change = asyncio.create_task(follower.refresh())
        await until(lambda: follower.table.lineup.revision == 2)
        assert {"a": 1.0} == shares(follower)
        assert not follower.table.is_complete
        engine.gate.set()
        await change
        assert {"b": 1.0} == shares(follower)
        await follower.close()
        assert engine.models["a"].is_closed

    follow(source, engine, tmp_path, story)


def test_fractions_follow_while_a_model_is_being_loaded(tmp_path):
    """A large model that takes its time holds up no other change."""
    source, engine = TinySource(lineup(a=0.5, b=0.5)), TinyEngine()

    async def story(follower):
        engine.gate = asyncio.Event()
        source.lineup = lineup(a=0.4, b=0.4, c=0.2, revision=2)
        await follower.step()
        assert {"a": 0.4, "b": 0.4} == shares(follower)
        source.lineup = lineup(a=0.1, b=0.7, c=0.2, revision=3)
        await follower.step()
        assert {"a": 0.1, "b": 0.7} == shares(follower)
        engine.gate.set()
        await follower.refresh()
        assert {"a": 0.1, "b": 0.7, "c": 0.2} == shares(follower)
        assert ["a", "b", "c"] == engine.loads

    follow(source, engine, tmp_path, story)


def test_a_run_that_cannot_be_loaded_leaves_its_traffic_to_the_others(tmp_path):
    """It is named with the reason, and tried again until it can."""
    source, engine = TinySource(lineup(a=0.5, b=0.5)), TinyEngine()
    engine.broken["b"] = "its files are damaged"

    async def story(follower):
        assert {"a": 0.5} == shares(follower)
        assert {"b": "its files are damaged"} == dict(follower.table.missing)
        del engine.broken["b"]
        await follower.refresh()
        assert {"a": 0.5, "b": 0.5} == shares(follower)
        assert follower.table.is_complete

    follow(source, engine, tmp_path, story)


def test_without_anybody_to_ask_the_last_plan_holds(tmp_path):
    """Also after a restart: the plan last seen is on disk."""
    source, engine = TinySource(lineup(a=1.0, canaries=("c",))), TinyEngine()

    async def outage(follower):
        source.lineup = ServerUnreachable("nothing listens there")
        await follower.refresh()
        assert {"a": 1.0} == shares(follower)
        assert "nothing listens there" == follower.failure

    follow(source, engine, tmp_path, outage)

    async def restarted(follower):
        assert {"a": 1.0} == shares(follower)
        assert ["c"] == [route.run_id for route in follower.table.canaries]

    follow(source, TinyEngine(), tmp_path, restarted)


class SilentSource(TinySource):
    """Takes a question, and answers when it is let."""

    def __init__(self, lineup):
        super().__init__(lineup)
        self.speaks = threading.Event()

    def read(self):
        assert self.speaks.wait(10)
        return super().read()


def test_a_silent_source_holds_up_no_start(tmp_path, monkeypatch, caplog):
    """The last plan answers meanwhile, and is left once there is a newer one."""
    monkeypatch.setattr("penstock.serving.follower.SILENCE_SECONDS", 0.05)
    LineupMemory(tmp_path).keep(lineup(a=1.0))
    source, engine = SilentSource(lineup(a=0.5, b=0.5, revision=2)), TinyEngine()

    async def tell():
        follower = Follower(source, engine, LineupMemory(tmp_path), poll_seconds=0.01)
        beginning = asyncio.create_task(follower.refresh())
        await asyncio.wait_for(follower.has_tried.wait(), 5)
        await until(lambda: engine.silences > 1)
        assert {"a": 1.0} == shares(follower)
        assert "the last plan holds until it comes" in caplog.text
        source.speaks.set()
        await beginning
        told = engine.silences
        assert {"a": 0.5, "b": 0.5} == shares(follower)
        await follower.refresh()
        assert told == engine.silences

    asyncio.run(tell())


def test_without_a_plan_a_start_waits_for_a_silent_source(tmp_path, monkeypatch):
    """There is nothing that could answer."""
    monkeypatch.setattr("penstock.serving.follower.SILENCE_SECONDS", 0.05)
    source = SilentSource(lineup(a=1.0))

    async def tell():
        follower = Follower(source, TinyEngine(), LineupMemory(tmp_path), poll_seconds=0.01)
        beginning = asyncio.create_task(follower.refresh())
        await asyncio.sleep(0.2)
        assert not follower.has_tried.is_set()
        assert follower.table is None
        source.speaks.set()
        await beginning
        assert {"a": 1.0} == shares(follower)

    asyncio.run(tell())


def test_a_rollout_without_active_runs_keeps_the_last_one_that_had(tmp_path):
    """Nobody is left without an answer by a mistake."""
    source, engine = TinySource(lineup(a=1.0)), TinyEngine()

    async def story(follower):
        source.lineup = NothingToServe("no run is Active")
        await follower.refresh()
        assert {"a": 1.0} == shares(follower)

    follow(source, engine, tmp_path, story)


@pytest.mark.parametrize("content", [b'{"origin": 1}', b'{"origin": "\xff"}', b"{"])
def test_a_damaged_memory_is_as_none(tmp_path, content):
    """A file that somebody has edited stops nobody."""
    memory = LineupMemory(tmp_path)
    (tmp_path / "lineup.json").write_bytes(content)
    assert memory.find() is None
    memory.keep(lineup(a=1.0))
    assert lineup(a=1.0) == memory.find()


def test_a_load_that_hangs_is_given_up_when_its_run_leaves_the_plan(tmp_path):
    """Others wait for their turn: they would never be loaded."""
    source, engine = TinySource(lineup(a=1.0)), TinyEngine()

    async def story(follower):
        engine.gate = asyncio.Event()
        source.lineup = lineup(a=0.5, b=0.5, revision=2)
        await follower.step()
        await asyncio.sleep(0)
        engine.gate, source.lineup = None, lineup(a=0.5, c=0.5, revision=3)
        async with asyncio.timeout(10):
            await follower.refresh()
        assert {"a": 0.5, "c": 0.5} == shares(follower)
        assert ["a", "c"] == engine.loads

    follow(source, engine, tmp_path, story)


def test_a_plan_that_could_not_be_kept_is_kept_later(tmp_path, caplog):
    """A disk that was full for a moment must not bring an old plan back after a restart."""
    source, folder = TinySource(lineup(a=1.0)), tmp_path / "not yet there"

    async def story(follower):
        await follower.refresh()
        assert 1 == caplog.text.count("after a restart")
        folder.mkdir()
        await follower.refresh()
        assert lineup(a=1.0) == LineupMemory(folder).find()

    with caplog.at_level("WARNING", "penstock.serving"):
        follow(source, TinyEngine(), folder, story)


@pytest.mark.parametrize("version", ["1.4.1"])
def test_each_run_is_told_with_its_own_version(tmp_path, version):
    """Also while the runs of the version before still answer."""
    source, engine = TinySource(lineup(a=1.0)), TinyEngine()

    async def story(follower):
        engine.broken["b"] = "not yet"
        source.lineup = lineup(b=1.0, version=version, revision=9)
        await follower.refresh()
        route = follower.table.at(0.5)
        assert ("a", "1.4.0") == (route.run_id, route.version)

    follow(source, engine, tmp_path, story)


@pytest.mark.parametrize("has_been_there", [True, False])
def test_whether_an_earlier_plan_holds_is_told(tmp_path, caplog, has_been_there):
    """Where there was none, nothing is said to hold."""
    if has_been_there:
        LineupMemory(tmp_path).keep(lineup(a=1.0))

    async def story(_follower):
        assert has_been_there == ("the last one holds" in caplog.text)
        assert "cannot be read" in caplog.text

    with caplog.at_level("WARNING", "penstock.serving"):
        follow(TinySource(ServerUnreachable("away")), TinyEngine(), tmp_path, story)
