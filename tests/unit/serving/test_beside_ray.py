"""A server whose models alone are on a cluster looks after them."""

import signal
import threading

import pytest

from penstock.errors import ClusterUnavailable
from penstock.serving import beside_ray
from penstock.serving.aim import Aim
from penstock.serving.on_ray import make_server
from penstock.serving.settings import ServeSettings


class TinyServer:
    """Finds on its cluster what it is told, look after look, and the last of it for ever."""

    name = "penstock-churn-1"

    def __init__(self, *looks: list[str] | ClusterUnavailable) -> None:
        self._looks = list(looks)
        self.cluster = self

    def list_names(self) -> list[str]:
        found = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if isinstance(found, ClusterUnavailable):
            raise found
        return found


class TinyKeeper:
    """Has ended what it is told to have ended."""

    def __init__(self, *ended: str) -> None:
        self.ended = frozenset(ended)


@pytest.fixture
def told(monkeypatch):
    """Set once this process is told to end."""
    monkeypatch.setattr(beside_ray, "WATCH_SECONDS", 0.001)
    monkeypatch.setattr(beside_ray, "MOST_SILENCE", 0.05)
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    yield told
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        (([], ["a model"], []), "somebody has ended the models of 'penstock-churn-1'"),
        ((["a model"], ClusterUnavailable("it does not answer")), "it does not answer"),
    ],
)
def test_a_server_without_its_models_ends(told, looks, words):
    """Whoever watches it starts it again, and its models with it."""
    watcher = beside_ray._Watcher(TinyServer(*looks), TinyKeeper("another"))
    watcher.start()
    assert told.wait(10)
    watcher.stop()
    assert words in str(watcher.error)


def test_a_cluster_may_be_silent_for_a_moment(told):
    """As while it replaces what has died."""
    server = TinyServer(["a model"], ClusterUnavailable("not now"), ["a model"])
    watcher = beside_ray._Watcher(server, TinyKeeper())
    watcher.start()
    assert not told.wait(0.2)
    watcher.stop()
    assert watcher.error is None


def test_a_server_that_has_ended_its_models_itself_goes_on(told):
    """As one that could not be loaded: it is tried again."""
    server = TinyServer([], ["a model"], [])
    watcher = beside_ray._Watcher(server, TinyKeeper("a model"))
    watcher.start()
    assert not told.wait(0.2)
    watcher.stop()
    assert watcher.error is None


def test_servers_of_one_model_in_different_places_have_different_names():
    """The successor of a deployed model is on the cluster beside it."""
    aim, settings = Aim("models:/churn/1"), ServeSettings()
    names = {make_server(aim, settings, place=place).name for place in ("a", "b", "")}
    assert 3 == len(names)
