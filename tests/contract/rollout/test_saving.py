"""Models that are saved as runs of a rollout."""

from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

from penstock.errors import PenstockError
from penstock.models import read_mlmodel
from penstock.rollout import list_runs, save_model
from penstock.rollout.mlflow_api import enable_run
from penstock.rollout.model_names import encode_model_name

MODEL = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])
QUICK = {"mlflow_subpackage": "mlflow.sklearn"}


def test_a_saved_model_is_a_new_run(place):
    """With all of it there: params, tags, model, registered version; FINISHED."""
    saved = save_model(
        MODEL,
        (1, 4, 2),
        experiment_id=place.experiment_id,
        submodel_name="team/churn:eu",
        immutable_metadata={"team": "it's `100%`"},
        mutable_metadata={"note": 7},
        client=place.client,
        **QUICK,
    )
    run = place.plain.get_run(saved.run_id)
    assert {
        "submodel_name": "team/churn:eu",
        "major_version": "1",
        "minor_version": "4",
        "micro_version": "2",
        "team": "it's `100%`",
    } == dict(run.data.params)
    assert ("FINISHED", "7") == (run.info.status, run.data.tags["note"])
    assert ("New", 0.0, "New", "0.0") == place.mirrored(saved.run_id)
    assert (f"runs:/{saved.run_id}/model", "1.4.2") == (saved.model_uri, str(saved.version))
    name = encode_model_name("team/churn:eu")
    version = place.plain.get_model_version(name, saved.registered_version.version)
    assert (saved.run_id, "team%2Fchurn%3Aeu") == (version.run_id, version.name)
    [listed] = list_runs(
        "1.4.2", place.experiment_id, "x", None, "team/churn:eu", client=place.client
    )
    assert (saved.run_id, "New", 0.0) == (listed.run_id, listed.status.name, listed.fraction)
    enable_run(saved.run_id, client=place.client)
    assert "Production" == place.stages("team/churn:eu")[saved.run_id]


@pytest.mark.filterwarnings("ignore:Operation with range")  # pandas, of what MLflow does with it
def test_a_saved_model_says_what_it_takes(place, tmp_path):
    """By a signature, or by a sample that it is read from."""
    rows = pd.DataFrame({"age": [20.0, 30.0]})
    model = LinearRegression().fit(rows, [1.0, 3.0])
    signature = infer_signature(rows, model.predict(rows))
    for given in ({"signature": signature}, {"input_example": rows}):
        saved = save_model(
            model,
            "1.4.0",
            experiment_id=place.experiment_id,
            client=place.client,
            **QUICK,
            **given,
        )
        folder = place.client.download_artifacts(saved.run_id, "model", str(tmp_path))
        found = read_mlmodel(Path(folder)).signature
        assert ["age"] == [column["name"] for column in found.inputs]


def test_the_model_is_found_where_it_is_said_to_be(place, mlflow_url):
    """By MLflow's own client as well; the experiment of a name is made, and names the submodel."""
    name = f"{place.name}-made"
    saved = save_model(MODEL, "0.1.0", experiment_name=name, client=place.client)
    experiment = place.plain.get_experiment_by_name(name)
    assert (experiment.experiment_id, name) == (saved.experiment_id, saved.submodel_name)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(mlflow_url)
    try:
        model = mlflow.pyfunc.load_model(saved.model_uri)
    finally:
        mlflow.set_tracking_uri(before)
    assert [1.0, 3.0] == pytest.approx(list(model.predict([[0.0], [1.0]])))


def test_a_save_that_fails_leaves_no_run_of_a_rollout(place, monkeypatch):
    """It is FAILED, no listing has it, and it cannot be enabled."""

    def refuse(*_: object, **__: object) -> None:
        raise PenstockError("the registry is full")

    monkeypatch.setattr("penstock.rollout.saving.register_version", refuse)
    with pytest.raises(PenstockError, match="the registry is full"):
        save_model(MODEL, "1.4.2", experiment_id=place.experiment_id, client=place.client, **QUICK)
    [run] = place.plain.iter_runs([place.experiment_id])
    assert ("FAILED", []) == (run.info.status, list_runs(**place.scope))
    with pytest.raises(ValueError, match="cannot take part in a rollout"):
        enable_run(run.info.run_id, client=place.client)


def test_what_is_no_model_leaves_no_run(place):
    """It is found before a run is made."""
    with pytest.raises(PenstockError):
        save_model(object(), "1.4.2", experiment_id=place.experiment_id, client=place.client)
    assert [] == list(place.plain.iter_runs([place.experiment_id]))


def test_the_client_may_come_from_the_environment(place, login, no_settings):
    """As in the document: no client is given."""
    names = {"username": "MLFLOW_TRACKING_USERNAME", "password": "MLFLOW_TRACKING_PASSWORD"}
    names["tracking_uri"] = "MLFLOW_TRACKING_URI"
    for name, value in login.items():
        no_settings.setenv(names[name], value)
    run_id = place.add_run()
    assert {run_id: 1.0} == enable_run(run_id).active
    assert [run_id] == [run.run_id for run in list_runs("1.4.2", place.experiment_id)]
