"""The tracker inside the real framework lolpop: a whole pipeline, twice, and what it leaves."""

import json
import subprocess
import uuid
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from penstock import MlflowClient
from penstock.lineage import MLFlowMetadataTracker
from services.lolpop_environment import PROJECT, make_environment

pytestmark = pytest.mark.timeout(600)

SEEN = 400
"""How many samples there are to train on; the others are for predictions."""


def write_samples(folder: Path) -> None:
    samples = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "benign"})
    samples.iloc[:SEEN].to_csv(folder / "train.csv", index=False)
    samples.iloc[SEEN:].to_csv(folder / "eval.csv", index=False)


@pytest.fixture(scope="module")
def experiment() -> str:
    return f"clinic-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def pipelines(stack, experiment, tmp_path_factory):
    """What two pipelines in a row, each in a process of its own, say of what they made."""
    folder = tmp_path_factory.mktemp("clinic")
    write_samples(folder)
    environment = {**stack.environment, "PYTHONPATH": str(PROJECT), "GIT_PYTHON_REFRESH": "quiet"}
    command = [str(make_environment()), str(PROJECT / "pipeline.py"), str(folder), experiment]
    told = []
    for _ in range(2):
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert 0 == ended.returncode, ended.stdout[-3000:] + ended.stderr[-3000:]
        told.append(json.loads(ended.stdout.splitlines()[-1]))
    return told


@pytest.fixture(scope="module")
def tracker(stack, experiment, pipelines):
    """A tracker of ours that asks about them."""
    assert pipelines
    conf = {"mlflow_tracking_uri": stack.gateway_url, "mlflow_experiment_name": experiment}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.environment.items():
            if name.startswith("MLFLOW_TRACKING"):
                patch.setenv(name, value)
        with MLFlowMetadataTracker(conf=conf) as tracker:
            yield tracker


@pytest.fixture
def model(tracker):
    return tracker.create_resource("tumours", type="model_version")


def test_lolpop_takes_the_tracker_for_its_own(pipelines):
    """It finds the class by its name; its components ask it, and get what they can parse."""
    for told in pipelines:
        assert ("PenstockMetadataTracker", True) == (told["tracker"], told["is_lolpops"])
        assert "str" == told["importance"]
        assert told["left_active"] is False
        assert told["leaves_alone"] is True


def test_a_trainer_is_loaded_as_its_experiment_recorded(tracker, pipelines):
    """With the winner's params and fitted transformer, whatever those of the reference are."""
    for told in pipelines:
        winner = tracker.get_resource(told["winner"], type="experiment")
        assert ("LogisticTrainer", "ScalesTransformer") == (told["trainer"], told["transformer"])
        assert tracker.get_metadata(winner, "training_params") == told["trained_with"]
        assert told["answers_alike"] is True


def test_the_second_version_was_compared_to_the_first(tracker, pipelines):
    """The first one had none before it."""
    first, second = pipelines
    assert (True, False) == (first["is_new"], second["is_new"])
    run = tracker.client.get_run(second["version"][1])
    assert "tumours.deployed_model_perf_metric_diff" in run.data.metrics
    version = ("tumours", run)
    assert "answers differ" in Path(tracker.get_artifact(version, "model_drift_report")).read_text()


@pytest.mark.usefixtures("pipelines")
def test_every_run_has_ended(tracker):
    """Those of the experiments as well, which lolpop does not end itself."""
    runs = tracker.client.search_runs([tracker.run.info.experiment_id])
    ended = [run for run in runs if run.info.run_id != tracker.run.info.run_id]
    assert 2 * (1 + 3) == len(ended)
    assert {"FINISHED"} == {run.info.status for run in ended}


def test_the_questions_of_lineage_are_answered(tracker, model, pipelines):
    """Versions, deployment, winner, data, predictions: of the second pipeline."""
    first, second = pipelines
    run_of = {told["version"][1]: told for told in pipelines}
    deployed = tracker.get_currently_deployed_model_version(model)
    assert second["version"][1] == deployed[1].info.run_id
    versions = tracker.get_prev_resource_version(model, num=5)
    assert [second["version"][1], first["version"][1]] == [run.info.run_id for _, run in versions]
    winner = tracker.get_winning_experiment(deployed)
    assert run_of[deployed[1].info.run_id]["winner"] == winner[0]
    assert "LogisticTrainer" == tracker.get_metadata(winner, "model_trainer")
    assert {"C"} == set(tracker.get_metadata(winner, "training_params"))
    job = tracker.get_latest_model_resource(model, type="prediction_job")
    assert second["job"] == [job[0], job[1].info.run_id]
    used = tracker.get_prediction_job_model_version("tumours_predictions")
    assert second["version"] == [used[0], used[1].info.run_id]


def test_data_have_commits_profiles_and_checks(tracker, model):
    """Each can be fetched again."""
    data = tracker.get_resource("train_data", type="dataset_version")
    commit = tracker.get_vc_info(data)["hexsha"]
    deployed = tracker.get_currently_deployed_model_version(model)
    (made_from,) = tracker.get_metadata(deployed, "dataset_lineage")
    assert ("train_data", commit) == (made_from["id"], made_from["hexsha"])
    assert "mean radius" in Path(tracker.get_data_profile(data)).read_text()
    assert "0 gaps in 400 rows" == Path(tracker.get_data_checks(data, "gaps")).read_text()
    assert 40 == len(tracker.get_vc_info(deployed, "X_train")["hexsha"])


def test_the_graph_shows_the_whole_pipeline(stack, tracker, model, pipelines):
    """With the registered version, which lolpop made by MLflow itself."""
    deployed = tracker.get_currently_deployed_model_version(model)
    tree = tracker.lineage(deployed).to_text()
    with MlflowClient(stack.mlflow_url) as client:
        # Other tests of this server may have registered models of the same name.
        found = list(client.iter_model_versions(f"run_id = '{deployed[1].info.run_id}'"))
    assert [("tumours_reg", "Production")] == [(one.name, one.current_stage) for one in found]
    for line in (
        "made from: dataset train_data",
        f"winner: experiment {pipelines[1]['winner']}",
        f"registered as: registered version tumours_reg version {found[0].version}",
        "deployed as: deployment tumours",
        "predicted by: prediction job tumours_predictions",
    ):
        assert line in tree
