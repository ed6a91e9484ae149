"""Versions before, deployed versions, winners and predictions, on a real server."""

import pytest

from penstock.errors import LineageError, UnknownResource


@pytest.fixture
def version(begin):
    """Make a finished version of `model` with a status; return its tracker."""

    def make(status=None):
        tracker = begin()
        model = tracker.create_resource("model", type="model_version")
        if status is not None:
            tracker.log_metadata(model, "status", status)
        tracker.stop()
        return tracker.run.info.run_id

    return make


def run_of(resource) -> str | None:
    return None if resource is None else resource[1].info.run_id


def test_the_version_before_is_never_the_run_itself(begin, version):
    """Nor one that came later."""
    first = version()
    tracker = begin()
    model = tracker.create_resource("model", type="model_version")
    tracker.stop()
    version()
    assert first == run_of(tracker.get_prev_resource_version(model))


def test_the_first_version_has_none_before(tracker):
    """None, and with more wanted an empty list."""
    model = tracker.create_resource("model")
    assert tracker.get_prev_resource_version(model) is None
    assert [] == tracker.get_prev_resource_version(model, num=3)
    with pytest.raises(LineageError, match="1 or more"):
        tracker.get_prev_resource_version(model, num=0)


def test_several_versions_before_come_newest_first(version, begin):
    """As a list of resources."""
    runs = [version() for _ in range(3)]
    now = begin()
    model = now.create_resource("model")
    found = now.get_prev_resource_version(model, num=2)
    assert [("model", run) for run in (runs[2], runs[1])] == [
        (name, run.info.run_id) for name, run in found
    ]


def test_other_runs_are_no_versions(begin, client, name):
    """Those of another MLflow experiment, of another resource, and those that no tracker began."""
    elsewhere, aside = begin(mlflow_experiment_name=f"{name}-other"), begin()
    elsewhere.create_resource("model", type="model_version")
    aside.create_resource("other", type="model_version")
    elsewhere.stop()
    aside.stop()
    stranger = client.create_run(aside.run.info.experiment_id, tags={"model.exists": "True"})
    client.set_terminated(stranger.info.run_id)
    tracker = begin()
    with pytest.raises(UnknownResource, match="no finished run"):
        tracker.get_resource("model", type="model_version")
    model = tracker.create_resource("model", type="model_version")
    assert [] == tracker.get_prev_resource_version(model, num=5)
    assert tracker.get_currently_deployed_model_version(model) is None


def test_further_conditions_choose_among_the_versions(begin, version):
    """Those of MLflow's searches."""
    first, _ = version("DEPLOYED"), version("DEMOTED")
    tracker = begin()
    model = tracker.create_resource("model", type="model_version")
    found = tracker.get_prev_resource_version(
        model, extra_filters=["tags.model.status = 'DEPLOYED'"]
    )
    assert first == run_of(found)
    assert tracker.get_prev_resource_version(model, ["tags.model.status = 'X'"]) is None


def test_history_needs_no_version_control(begin, version):
    """A resource is there because it was made, not because a commit was registered."""
    first = version()
    tracker = begin()
    assert first == run_of(tracker.get_prev_resource_version(tracker.create_resource("model")))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["DEPLOYED", "DEPLOYED", "PROMOTED", None], 1),
        (["PROMOTED", "REGISTERED", "DEMOTED"], 0),
        ([None, "REGISTERED"], 1),
        ([], None),
    ],
)
def test_the_deployed_version_is_the_newest_of_that_status(begin, version, statuses, expected):
    """Else the newest that is promoted, else the one before, else none."""
    runs = [version(status) for status in statuses]
    tracker = begin()
    model = tracker.create_resource("model", type="model_version")
    found = tracker.get_currently_deployed_model_version(model)
    assert (None if expected is None else runs[expected]) == run_of(found)


def test_the_winner_is_the_experiment_that_the_version_names(tracker):
    """With its own run, and its id with dots."""
    model = tracker.create_resource("my.model", type="model_version")
    tried = [tracker.create_resource(None, type="experiment", parent=model) for _ in range(3)]
    tracker.log_metadata(model, "winning_experiment_id", tried[1][0])
    winner = tracker.get_winning_experiment(model)
    assert (tried[1][0], tried[1][1].info.run_id) == (winner[0], run_of(winner))


def test_predictions_lead_to_the_version_they_used(begin, version):
    """Also from another run, by the job or by its id; else to the version of the same run."""
    trained = version()
    tracker = begin()
    model = tracker.get_resource("model", type="model")
    job = tracker.create_resource("model_predictions", type="prediction_job", parent=model)
    assert ("model", trained) == (
        tracker.get_prediction_job_model_version(job)[0],
        run_of(tracker.get_prediction_job_model_version(job)),
    )
    tracker.stop()
    later = begin()
    assert trained == run_of(later.get_prediction_job_model_version("model_predictions"))
    newest = later.get_latest_model_resource(model, type="prediction_job")
    assert ("model_predictions", tracker.run.info.run_id) == (newest[0], run_of(newest))
    assert trained == run_of(later.get_latest_model_resource(model, type="model"))
    bare = later.create_resource("model_predictions")
    assert later.run.info.run_id == run_of(later.get_prediction_job_model_version(bare))


def test_lineage_keeps_datasets_with_runs_and_commits(begin):
    """A version without any has those of the version before."""
    first = begin()
    data = first.create_resource("/d/x.train.csv", type="dataset_version")
    first.register_vc_resource(data, {"hexsha": "abc", "uri": "s3://b/x"})
    model = first.create_resource("model", type="model_version")
    first.build_model_lineage(model, [data])
    first.stop()

    second = begin()
    again = second.create_resource("model", type="model_version")
    second.build_model_lineage(again, [])
    assert ["x_train"] == second.get_metadata(again, "dataset_versions")
    run_id = first.run.info.run_id
    expected = [{"id": "x_train", "run_id": run_id, "hexsha": "abc", "uri": "s3://b/x"}]
    assert expected == second.get_metadata(again, "dataset_lineage")


def test_lineage_of_an_older_tracker_is_read(begin, client):
    """One that kept nothing but ids."""
    first = begin()
    first.create_resource("model", type="model_version")
    client.set_tag(first.run.info.run_id, "model.dataset_versions", '["train"]')
    first.stop()
    second = begin()
    model = second.create_resource("model", type="model_version")
    second.build_model_lineage(model, [])
    expected = [{"id": "train", "run_id": first.run.info.run_id}]
    assert expected == second.get_metadata(model, "dataset_lineage")


@pytest.mark.parametrize("key", ["X_train", "X_train_hexsha"])
def test_a_commit_with_a_key_comes_back_with_it(tracker, key):
    """Given with `_hexsha` or without."""
    model = tracker.create_resource("model")
    told = {"hexsha": "0123456", "uri": "git://x", "branch": "main"}
    tracker.register_vc_resource(model, told, key="X_train", file_type="csv")
    tracker.register_vc_resource(model, {"hexsha": "fff"}, additional_metadata={"rows": 3})
    assert told == tracker.get_vc_info(model, key)
    assert {"hexsha": "fff"} == tracker.get_vc_info(model)
    assert 3 == tracker.get_metadata(model, "rows")
    assert ("0123456", "git://x", "fff") == tuple(
        tracker.get_tag(model, tag) for tag in ("X_train_hexsha", "X_train_uri", "hexsha")
    )


@pytest.mark.parametrize("nothing", [None, {}])
def test_nothing_to_register_is_nothing(tracker, nothing):
    """Version control need not have answered."""
    model = tracker.create_resource("model")
    tracker.register_vc_resource(model, nothing)
    assert {} == tracker.get_vc_info(model) == tracker.get_vc_info(model, "X_train")
