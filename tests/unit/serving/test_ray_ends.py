"""What is taken from a Ray cluster at the end, and a cluster that does not answer then."""

from types import SimpleNamespace

import pytest

from penstock.errors import ClusterUnavailable
from penstock.serving import on_ray
from penstock.serving.aim import Aim
from penstock.serving.engines import ray
from penstock.serving.engines.keeper import State
from penstock.serving.on_ray import end_all, make_server
from penstock.serving.settings import ServeSettings


class TinyRay:
    """Applications that are gone as soon as they are ended."""

    def __init__(self, *names: str, error: Exception | None = None) -> None:
        self.names = list(names)
        self.ended: list[str] = []
        self._error = error

    def list_names(self) -> list[str]:
        if self._error is not None:
            raise self._error
        return self.names

    def find_state(self, name: str) -> State | None:
        return State(is_ready=True) if name in self.list_names() else None

    def end(self, name: str) -> None:
        self.ended.append(name)
        self.names.remove(name)


@pytest.fixture
def on_cluster(monkeypatch):
    """Put applications on a cluster."""

    def put(*names: str, error: Exception | None = None) -> TinyRay:
        cluster = TinyRay(*names, error=error)
        monkeypatch.setattr(ray, "find_state", cluster.find_state)
        monkeypatch.setattr(ray, "end", cluster.end)
        monkeypatch.setattr(ray.RayCluster, "list_names", lambda _: cluster.list_names())
        return cluster

    return put


def test_what_is_there_ends(on_cluster):
    """What has gone before is no error."""
    cluster = on_cluster("a", "b", "c")
    end_all(["a", "gone", "c"])
    assert (["a", "c"], ["b"]) == (cluster.ended, cluster.names)


def test_a_silent_cluster_is_not_told_to_end_anything(on_cluster):
    """It would never return from that."""
    cluster = on_cluster("a", error=ClusterUnavailable("it does not answer"))
    with pytest.raises(ClusterUnavailable, match="it does not answer"):
        end_all(["a"])
    assert [] == cluster.ended


def test_the_models_of_a_server_that_somebody_ended_end_too(on_cluster, monkeypatch):
    """Its keeper was ended with it."""
    monkeypatch.setattr(on_ray, "WATCH_SECONDS", 0.001)
    cluster = on_cluster("a model")
    server = make_server(Aim("models:/churn/1"), ServeSettings())
    with pytest.raises(ClusterUnavailable, match=f"somebody has ended '{server.name}'"):
        on_ray._watch(server)
    assert ["a model"] == cluster.ended


@pytest.mark.parametrize("error", [RuntimeError("no controller"), OSError("reset"), KeyError("x")])
def test_whatever_a_cluster_says_it_does_not_answer(monkeypatch, error):
    """Those who look after it know what to do then."""

    def fail() -> None:
        raise error

    library = SimpleNamespace(), SimpleNamespace(status=fail)
    monkeypatch.setattr(ray, "_library", lambda: library)
    with pytest.raises(ClusterUnavailable, match="does not answer"):
        ray.find_state("penstock-churn")
