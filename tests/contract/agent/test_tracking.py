"""Runs that the agent starts, by a stock server and through the gateway."""

import threading

import pytest
from sklearn.linear_model import LinearRegression

from penstock.agent import MLFlowAgent, MLFlowModelRegistry, MLFlowTracking, SingletonMeta
from penstock.errors import MlflowException, PermissionDenied, UnsuitableObject

pytestmark = pytest.mark.usefixtures("agent")


def run_of(active):
    return MLFlowAgent.mlflow_client.get_run(active.info.run_id)


def test_a_run_with_params_and_metrics(unique):
    """Started in an experiment that is made, logged to, and ended."""
    tracking = MLFlowTracking()
    active = tracking.start_run(unique, "first", tags={"team": "a"})
    tracking.log_param("depth", 3)
    tracking.log_params_many({"eta": 0.1, "täg": "ü"})
    tracking.log_metric("rmse", 0.5, step=1)
    tracking.log_metrics_many({"mae": 0.4, "r2": 0.9}, step=2)
    tracking.end_run()
    run = run_of(active)
    assert ("first", "FINISHED", "a") == (
        run.info.run_name,
        run.info.status,
        run.data.tags["team"],
    )
    assert {"depth": "3", "eta": "0.1", "täg": "ü"} == run.data.params
    assert {"rmse": 0.5, "mae": 0.4, "r2": 0.9} == run.data.metrics
    assert tracking.active_run() is None


def test_a_block_that_raises_leaves_a_failed_run(unique):
    """Of the run, and of the tracking itself."""
    with pytest.raises(ZeroDivisionError), MLFlowTracking.start_run(unique) as first:
        _ = 1 / 0
    with pytest.raises(ZeroDivisionError), MLFlowTracking() as tracking:
        _ = tracking.start_run(unique).info.start_time / 0
    assert "FAILED" == run_of(first).info.status
    experiment = MLFlowAgent.mlflow_client.get_experiment_by_name(unique)
    runs = MLFlowAgent.mlflow_client.search_runs([experiment.experiment_id])
    assert ["FAILED", "FAILED"] == [run.info.status for run in runs]


def test_one_run_at_a_time(unique):
    """A second one must be nested, and knows its parent."""
    with MLFlowTracking.start_run(unique) as outer:
        with pytest.raises(UnsuitableObject, match="is active"):
            MLFlowTracking.start_run(unique)
        with MLFlowTracking.start_run(unique, nested=True) as inner:
            MLFlowTracking.log_param("inner", 1)
    assert outer.info.run_id == run_of(inner).data.tags["mlflow.parentRunId"]
    assert {} == run_of(outer).data.params


def test_a_run_does_not_end_as_what_is_no_status(unique):
    """It stays active, and can be ended."""
    active = MLFlowTracking.start_run(unique)
    with pytest.raises(MlflowException, match="'DONE' is no status of a run"):
        MLFlowTracking.end_run("DONE")
    MLFlowTracking.end_run("KILLED")
    assert "KILLED" == run_of(active).info.status


def test_threads_have_runs_of_their_own(unique):
    """What one thread starts is not what another one logs to."""
    failures = []

    def log():
        try:
            MLFlowTracking.log_param("x", 1)
        except UnsuitableObject as error:
            failures.append(str(error))

    with MLFlowTracking.start_run(unique):
        thread = threading.Thread(target=log)
        thread.start()
        thread.join()
    assert ["no run is active in this thread: call start_run first"] == failures


def test_a_model_is_registered_once(unique):
    """In a run of its own, or in the active one; loaded again by number and by stage."""
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    made = MLFlowModelRegistry().register_model(model, unique)
    with MLFlowAgent.start_run(unique) as active:
        second = MLFlowAgent().register_model(model, unique, "sklearn", pip_requirements=["mlflow"])
    client = MLFlowAgent.mlflow_client
    versions = list(client.iter_model_versions(f"name='{unique}'"))
    assert {"1", "2"} == {one.version for one in versions}
    assert ("1", "2", active.info.run_id) == (made.version, second.version, second.run_id)
    assert "FINISHED" == client.get_run(made.run_id).info.status

    client.transition_model_version_stage(unique, "1", "Production")
    loaded = MLFlowAgent.load_original_model(unique, model_stage="Production")
    assert [4.0] == pytest.approx(loaded.predict([[2.0]]))
    wrapped = MLFlowAgent.load_pyfunc_model(unique, model_version="2")
    assert [4.0] == pytest.approx(wrapped.predict([[2.0]]))
    assert wrapped is MLFlowAgent.load_pyfunc_model(unique, 2)


def test_a_deleted_experiment_gets_no_run(unique):
    """What to do is said, by its name."""
    client = MLFlowAgent.mlflow_client
    client.delete_experiment(client.create_experiment(unique))
    with pytest.raises(MlflowException, match=f"experiment '{unique}' is deleted; restore it"):
        MLFlowTracking.start_run(unique)
    assert MLFlowTracking.active_run() is None


@pytest.mark.parametrize("server", ["gateway"], indirect=True)
def test_another_s_experiment_gets_no_run(unique, stack, monkeypatch):
    """One that may not be seen can neither be found nor made: that is said, and asked once."""
    MLFlowAgent.mlflow_client.create_experiment(unique)
    account = {"email": f"{unique}@example.com", "password": "as long as it must be"}
    status, _ = stack.ask("/v1/user", password=stack.password, body=account)
    assert 200 == status
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", account["email"])
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", account["password"])
    SingletonMeta.reset()
    with pytest.raises(PermissionDenied, match="that you may not see"):
        MLFlowTracking.start_run(unique)
