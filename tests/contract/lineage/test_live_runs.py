"""Lineage follows what rollout plans hold live, on a stock server and through the gateway."""

import pytest

from penstock import MlflowClient
from penstock.lineage import MLFlowMetadataTracker
from penstock.rest.entities import Param
from penstock.rollout import disable_run, enable_run, update_active_runs
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store
from penstock.semver import SemVer


@pytest.fixture(params=["direct", "gateway"])
def mlflow_url(request, stack, monkeypatch) -> str:
    """A stock server, and a gateway in front of it."""
    if request.param == "direct":
        return stack.mlflow_url
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", stack.username)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", stack.password)
    return stack.gateway_url


@pytest.fixture
def made(begin):
    """Make a finished version of `churn`, with one experiment; return its tracker."""

    def make(status: str = "REGISTERED") -> tuple[MLFlowMetadataTracker, str]:
        tracker = begin()
        model = tracker.create_resource("churn", type="model_version")
        experiment = tracker.create_resource(None, type="experiment", parent=model)
        tracker.log_metadata(model, "status", status)
        tracker.stop()
        return tracker, experiment[1].info.run_id

    return make


def declare(client: MlflowClient, run_id: str, number: int = 1) -> str:
    """Let a run take part in the rollout of a version."""
    values = ("churn", str(number), "0", "0")
    names = ("submodel_name", "major_version", "minor_version", "micro_version")
    params = [Param(*pair) for pair in zip(names, values, strict=True)]
    client.log_batch(run_id, params=params, synchronous=True)
    experiment_id = client.get_run(run_id).info.experiment_id
    find_store(client).declare_new(Scope(experiment_id, "churn", SemVer(number, 0, 0)), run_id)
    return run_id


def saved(client: MlflowClient, tracker: MLFlowMetadataTracker) -> str:
    """Make a run that names the one that its model came from."""
    info = tracker.run.info
    tags = {"churn.parent_run_id": info.run_id}
    return client.create_run(info.experiment_id, tags=tags).info.run_id


def deployed(tracker: MLFlowMetadataTracker) -> str:
    return tracker.get_currently_deployed_model_version(("churn", tracker.run))[1].info.run_id


@pytest.mark.parametrize("kind", ["itself", "experiment", "saved"])
def test_an_active_run_is_deployed_whatever_statuses_say(made, client, kind):
    """The run that made the version, its experiment, or one that names it."""
    (live, experiment), (newest, _) = made(), made("DEPLOYED")
    assert newest.run.info.run_id == deployed(newest)
    of_kind = {"itself": live.run.info.run_id, "experiment": experiment}
    run_id = declare(client, of_kind.get(kind) or saved(client, live))
    assert newest.run.info.run_id == deployed(newest)
    enable_run(run_id, client=client)
    assert live.run.info.run_id == deployed(newest)
    disable_run(run_id, client=client)
    assert newest.run.info.run_id == deployed(newest)


def test_the_largest_share_of_the_highest_version_counts(made, client):
    """Several Active runs share the traffic of a version."""
    trackers = [made()[0] for _ in range(3)]
    first, second, third = (
        declare(client, tracker.run.info.run_id, number)
        for tracker, number in zip(trackers, (1, 1, 2), strict=True)
    )
    scope = {"experiment_id": trackers[0].run.info.experiment_id, "submodel_name": "churn"}
    update_active_runs({first: 0.25, second: 0.75}, "1.0.0", **scope, client=client)
    assert second == deployed(trackers[0])
    enable_run(third, client=client)
    assert third == deployed(trackers[0])


def test_the_live_run_of_another_model_is_not_followed(made, client):
    """A plan covers the models whose runs it names."""
    tracker, _ = made("DEPLOYED")
    info = tracker.run.info
    for tags in ({"other.exists": "True"}, {"churn.parent_run_id": "0" * 32}):
        stranger = client.create_run(info.experiment_id, tags=tags).info.run_id
        enable_run(declare(client, stranger), client=client)
        assert info.run_id == deployed(tracker)
        disable_run(stranger, client=client)


def test_the_graph_tells_which_revision_put_it_live(made, client):
    """And since when; later changes of the others' shares leave that as it is."""
    tracker, _ = made()
    run_id, other = (declare(client, saved(client, tracker)) for _ in range(2))
    scope = {"experiment_id": tracker.run.info.experiment_id, "submodel_name": "churn"}
    enable_run(other, client=client)
    update_active_runs({run_id: 0.5, other: 0.5}, "1.0.0", **scope, client=client)
    update_active_runs({run_id: 0.25, other: 0.75}, "1.0.0", **scope, client=client)
    graph = tracker.lineage(("churn", tracker.run))
    nodes = {node.run_id: node for node in graph.nodes if node.kind == "deployment"}
    assert {run_id: (2, 0.25), other: (1, 0.75)} == {
        found: (node.attributes["live_since_revision"], node.attributes["fraction"])
        for found, node in nodes.items()
    }
    assert ("churn 1.0.0", "Active") == (nodes[run_id].name, nodes[run_id].attributes["status"])
    assert f"deployed as: deployment churn 1.0.0 · run {run_id} · status Active" in graph.to_text()
    assert "live since revision 2" in graph.to_text()
