"""Resources on a real server: made, found, ended."""

import os
from concurrent.futures import ThreadPoolExecutor

import mlflow
import pytest
from msgspec.structs import replace

from penstock.errors import ConfigurationError, LineageError, MlflowException, UnknownResource
from penstock.lineage import BaseMetadataTracker, MLFlowMetadataTracker
from servers import wait_until


def status_of(client, resource) -> str:
    return client.get_run(resource[1].info.run_id).info.status


def test_a_tracker_has_client_run_and_url(tracker, mlflow_url):
    """As its document says."""
    assert isinstance(tracker, BaseMetadataTracker)
    assert mlflow_url == tracker.url
    assert tracker.client.get_run(tracker.run.info.run_id).info == tracker.run.info
    assert tracker.run.info.run_id in repr(tracker)


def test_the_settings_may_stand_below_config(mlflow_url, name, client):
    """As a framework hands them over."""
    conf = {"mlflow_tracking_uri": mlflow_url, "mlflow_experiment_name": name}
    with MLFlowMetadataTracker(conf={"config": conf}) as tracker:
        experiment_id = tracker.run.info.experiment_id
    tracker.client.close()
    assert (mlflow_url, name) == (tracker.url, client.get_experiment(experiment_id).name)


def test_a_missing_setting_is_named():
    """Before anything is sent."""
    with pytest.raises(ConfigurationError, match="mlflow_experiment_name"):
        MLFlowMetadataTracker(conf={"mlflow_tracking_uri": "http://127.0.0.1:9"})


def test_a_deleted_experiment_is_said(begin, client, name):
    """With what to do about it."""
    client.delete_experiment(client.create_experiment(name))
    with pytest.raises(LineageError, match="deleted; restore it"):
        begin()


def test_resources_share_the_run_of_their_tracker(tracker):
    """Whatever else callers pass along."""
    dataset = tracker.create_resource("data", "dataset_version", None, 1, external=True)
    model = tracker.create_resource(id="model", type="model_version", prediction_count=3)
    assert tracker.run.info.run_id == dataset[1].info.run_id == model[1].info.run_id
    assert ("data", "model") == (dataset[0], model[0])


def test_experiments_are_runs_below_it(tracker, client):
    """Several at a time, each of which ends alone."""
    model = tracker.create_resource("my.model", type="model_version")
    first, second = (
        tracker.create_resource(id=None, type="experiment", parent=model) for _ in range(2)
    )
    assert f"{first[1].info.run_id}.my.model" == first[0]
    parent = client.get_parent_run(first[1].info.run_id)
    assert tracker.run.info.run_id == parent.info.run_id
    tracker.clean_resource(first, type="experiment")
    assert ("FINISHED", "RUNNING", "RUNNING") == tuple(
        status_of(client, resource) for resource in (first, second, model)
    )
    assert first[0] == tracker.get_resource(first[0], type="experiment")[0]
    assert ("my.model", None) == tuple(
        tracker.get_parent_id(resource, type=kind)
        for resource, kind in ((first, "experiment"), (model, "model_version"))
    )


def test_an_experiment_that_another_tracker_left_open_can_be_ended(begin, client):
    """And nothing but that ends."""
    first, second = begin(), begin()
    model = first.create_resource("model", type="model_version")
    left = first.create_resource(None, type="experiment", parent=model)
    second.clean_resource(second.get_resource(left[0], type="experiment"), type="experiment")
    assert ("FINISHED", "RUNNING", "RUNNING") == tuple(
        status_of(client, resource) for resource in (left, model, ("other", second.run))
    )


def test_an_experiment_needs_a_parent(tracker):
    """It has its id from it."""
    with pytest.raises(LineageError, match="parent="):
        tracker.create_resource(None, type="experiment")


@pytest.mark.parametrize("odd", [None, "", 3])
def test_other_resources_need_an_id(tracker, odd):
    """A text."""
    with pytest.raises(LineageError, match="id"):
        tracker.create_resource(odd, type="model_version")


def test_a_resource_made_here_is_found_here(tracker, begin):
    """And one made elsewhere where it was made last."""
    other = begin()
    other.create_resource("model", type="model")
    other.stop()
    found = tracker.get_resource("model", type="model")
    assert other.run.info.run_id == found[1].info.run_id
    mine = tracker.create_resource("model", type="model")
    assert mine == tracker.get_resource("model", type="model")


def test_a_run_that_has_not_ended_is_nobodys_answer(tracker, begin):
    """What is half done, or has failed, is no version."""
    half = begin()
    half.create_resource("model")
    half.client.flush()
    with pytest.raises(UnknownResource, match="no finished run"):
        tracker.get_resource("model", type="model")
    half.stop(status="FAILED")
    with pytest.raises(UnknownResource, match="no finished run"):
        tracker.get_resource("model", type="model")


def test_what_nobody_made_is_said(tracker):
    """For each kind of question."""
    model = tracker.create_resource("model")
    for ask in (
        lambda: tracker.get_resource("nothing", "model"),
        lambda: tracker.get_resource("f" * 32 + ".model", "experiment"),
        lambda: tracker.get_winning_experiment(model),
        lambda: tracker.get_latest_model_resource("nothing", "prediction_job"),
        lambda: tracker.get_prediction_job_model_version("nothing_predictions"),
        lambda: tracker.get_artifact(model, "nothing"),
        lambda: tracker.get_data_profile(model),
        lambda: tracker.get_data_checks(model, "nothing"),
        lambda: tracker.load_model(None, model, None),
    ):
        with pytest.raises(UnknownResource):
            ask()


def test_wrong_arguments_are_said(tracker):
    """At once, as errors of lineage, and nothing is written."""
    model = tracker.create_resource("model")
    for call in (
        lambda: tracker.log_metadata(model, 3, 1),
        lambda: tracker.log_metadata(model, "", 1),
        lambda: tracker.log_metadata(None, "a", 1),
        lambda: tracker.log_tag(model, "a", "\ud800"),
        lambda: tracker.get_metadata("model", "a"),
        lambda: tracker.log_artifact(model, "a", None),
        lambda: tracker.log_artifact(model, None, "/etc/hostname"),
        lambda: tracker.update_resource(model, None),
        lambda: tracker.register_vc_resource(model, "abc"),
        lambda: tracker.get_prev_resource_version(model, num="2"),
        lambda: tracker.create_resource("x" * 6000),
    ):
        with pytest.raises(LineageError):
            call()
    assert tracker.get_tag(model, "a") is None


def test_stop_ends_the_runs_of_this_tracker_once(tracker, begin, client):
    """And no other's; what is read after that opens nothing again."""
    other = begin()
    model = tracker.create_resource("model")
    experiment = tracker.create_resource(None, type="experiment", parent=model)
    tracker.stop()
    ended = client.get_run(tracker.run.info.run_id).info
    tracker.stop()
    assert ("FINISHED", "FINISHED", "RUNNING") == (
        ended.status,
        status_of(client, experiment),
        client.get_run(other.run.info.run_id).info.status,
    )
    tracker.get_metadata(model, "x")
    tracker.get_resource("model", "model")
    tracker.log_metadata(model, "late", 1)
    tracker.clean_resource(model, None)
    tracker.client.flush()
    assert ended == client.get_run(tracker.run.info.run_id).info
    for kind in ("experiment", "model_version"):
        with pytest.raises(LineageError, match="stopped"):
            tracker.create_resource("again", type=kind, parent=model)


def test_a_tracker_knows_at_once_what_it_has_ended(tracker):
    """Though it had looked at the runs a moment before."""
    model = tracker.create_resource("model", type="model_version")
    experiment = tracker.create_resource(None, type="experiment", parent=model)
    for resource in (model, experiment):
        assert tracker.get_metadata(resource, "missing") is None
    tracker.clean_resource(experiment, type="experiment")
    found = tracker.get_resource(experiment[0], type="experiment")
    assert "FINISHED" == found[1].info.status
    assert tracker.get_metadata(model, "missing") is None
    tracker.stop()
    graph = tracker.lineage(model)
    assert "FINISHED" == graph.node(graph.roots[0]).attributes["run_status"]


def test_a_block_that_fails_leaves_a_failed_run(begin, client):
    """Which is nobody's previous version."""

    def fail(tracker):
        with tracker:
            tracker.create_resource("model")
            raise ValueError("training went wrong")

    tracker = begin()
    with pytest.raises(ValueError, match="went wrong"):
        fail(tracker)
    assert "FAILED" == client.get_run(tracker.run.info.run_id).info.status
    with begin() as whole:
        pass
    assert "FINISHED" == client.get_run(whole.run.info.run_id).info.status


def test_two_trackers_do_not_disturb_each_other(begin):
    """Nothing is shared in the process; each ends its own."""
    first, second = begin(), begin()
    ours, theirs = first.create_resource("model"), second.create_resource("model")
    first.log_metadata(ours, "who", "first")
    second.log_metadata(theirs, "who", "second")
    first.stop()
    assert ("first", "second") == (
        second.get_metadata(ours, "who"),
        first.get_metadata(theirs, "who"),
    )
    second.log_metadata(theirs, "who", "still second")
    assert "still second" == second.get_metadata(theirs, "who")


def test_what_another_tracker_writes_is_seen(begin):
    """At most half a second later."""
    first, second = begin(), begin()
    model = first.create_resource("model")
    first.log_metadata(model, "status", "NEW")
    first.client.flush()
    assert "NEW" == first.get_metadata(model, "status")
    second.log_metadata(model, "status", "DEMOTED")
    second.client.flush()
    assert wait_until(lambda: first.get_metadata(model, "status") == "DEMOTED", 5)


def test_the_state_of_mlflow_in_this_process_stays_as_it_is(begin, mlflow_url):
    """Neither its address, its experiment, nor the run that somebody has active is touched."""
    mlflow.set_tracking_uri(f"{mlflow_url}/")
    mlflow.set_experiment("somebody-elses")
    with mlflow.start_run() as active:
        before, environment = mlflow.get_tracking_uri(), dict(os.environ)
        tracker = begin()
        model = tracker.create_resource("model")
        tracker.clean_resource(tracker.create_resource(None, "experiment", model), "experiment")
        tracker.clean_resource(model, None)
        tracker.stop()
        assert (before, active) == (mlflow.get_tracking_uri(), mlflow.active_run())
        assert environment == dict(os.environ)
        found = tracker.client.get_run(active.info.run_id)
        assert "RUNNING" == found.info.status
        assert not [tag for tag in found.data.tags if tag.startswith("model")]
    with mlflow.start_run() as again:
        assert active.info.experiment_id == again.info.experiment_id


def test_several_may_begin_in_a_new_experiment_at_once(begin):
    """One of them makes it, the others find it."""
    with ThreadPoolExecutor(8) as pool:
        trackers = list(pool.map(lambda _: begin(), range(8)))
    assert 1 == len({tracker.run.info.experiment_id for tracker in trackers})
    assert 8 == len({tracker.run.info.run_id for tracker in trackers})


def test_the_errors_of_the_server_come_as_they_are(tracker):
    """Not as a bare Exception that hides what happened."""
    with pytest.raises(MlflowException) as raised:
        tracker.get_metadata(("model", ghost(tracker)), "x")
    assert "RESOURCE_DOES_NOT_EXIST" == raised.value.error_code


def ghost(tracker):
    info = replace(tracker.run.info, run_id="f" * 32)
    return replace(tracker.run, info=info)
