"""Models that the light client uploads and registers are MLflow's own to every other client."""

import json

import mlflow
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from penstock.errors import MlflowException, PenstockError, UnsuitableObject
from penstock.models import (
    read_mlmodel,
    register_version,
    save_model,
    upload_model,
    upload_saved_model,
)
from penstock.models.mlmodel import read_document

ROWS = np.arange(6.0).reshape(3, 2)
QUICK = {"pip_requirements": ["mlflow"]}


@pytest.fixture
def model() -> LinearRegression:
    return LinearRegression().fit(ROWS, [1.0, 2.0, 3.0])


@pytest.fixture
def stock(mlflow_url):
    """MLflow's own client."""
    mlflow.set_tracking_uri(mlflow_url)
    return mlflow.MlflowClient(mlflow_url)


def downloaded(client, uri, folder):
    return read_document(type(folder)(client.download_model(uri, str(folder))))


@pytest.mark.usefixtures("stock")
def test_mlflow_loads_what_was_uploaded(client, run_id, model):
    """By the URI that was returned, and by the run's own."""
    made = upload_model(client, run_id, model, **QUICK)
    assert f"models:/{made.model_id}" == made.model_uri
    for uri in (made.model_uri, f"runs:/{run_id}/model"):
        loaded = mlflow.pyfunc.load_model(uri)
        assert model.predict(ROWS).tolist() == loaded.predict(ROWS).tolist()


def test_the_files_say_what_mlflows_own_say(client, run_id, stock, model, tmp_path):
    """Field by field, but for ids and times; so that everybody who reads them finds the run."""
    ours = upload_model(client, run_id, model, input_example=ROWS, **QUICK)
    with mlflow.start_run(run_id=run_id):
        theirs = mlflow.sklearn.log_model(model, name="model", input_example=ROWS, **QUICK)
    own = downloaded(client, ours.model_uri, tmp_path / "ours")
    other = downloaded(client, theirs.model_uri, tmp_path / "theirs")
    differing = {"artifact_path", "model_id", "model_uuid", "utc_time_created", "model_size_bytes"}
    assert set(other) == set(own)
    assert {key: other[key] for key in other if key not in differing} == {
        key: own[key] for key in own if key not in differing
    }
    assert ours.model_id == own["model_id"] == own["model_uuid"]
    assert stock.get_logged_model(ours.model_id).artifact_location == own["artifact_path"]


def test_the_run_and_the_model_know_each_other(client, run_id, stock, model):
    """MLflow's pages show the one beside the other."""
    client.log_param(run_id, "depth", 3)
    made = upload_model(client, run_id, model, name="regression", model_type="demo", **QUICK)
    outputs = stock.get_run(run_id).outputs.model_outputs
    logged = stock.get_logged_model(made.model_id)
    assert [made.model_id] == [output.model_id for output in outputs]
    assert (run_id, "regression", "demo", "READY") == (
        logged.source_run_id,
        logged.name,
        logged.model_type,
        str(logged.status),
    )
    assert {"depth": "3"} == logged.params


def test_a_folder_that_was_saved_before_can_be_uploaded(client, run_id, model, tmp_path):
    """Saving may have happened elsewhere, with a machine in between."""
    save_model(model, tmp_path / "saved", **QUICK)
    made = upload_saved_model(client, run_id, tmp_path / "saved")
    assert run_id == read_mlmodel(tmp_path / "saved").run_id
    assert ("python_function", "sklearn") == made.flavours


def test_what_cannot_be_saved_leaves_nothing_on_the_server(client, run_id):
    """It is saved before anything is made there."""
    with pytest.raises(UnsuitableObject):
        upload_model(client, run_id, object(), flavour="sklearn")
    experiment_id = client.get_run(run_id).info.experiment_id
    assert [] == client.search_logged_models([experiment_id])


def test_an_upload_that_breaks_off_is_marked_as_failed(client, run_id, model, tmp_path):
    """Nobody takes it for a model."""
    save_model(model, tmp_path / "saved", **QUICK)
    (tmp_path / "saved" / "gone").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PenstockError):
        upload_saved_model(client, run_id, tmp_path / "saved")
    experiment_id = client.get_run(run_id).info.experiment_id
    assert ["FAILED"] == [
        str(logged.status) for logged in client.search_logged_models([experiment_id])
    ]


@pytest.mark.parametrize("by", ["model", "run", "run alone"])
def test_a_version_is_registered(client, run_id, stock, model, by):
    """By the model's URI, by the run's, or by the run's id; the version is ready at once."""
    unique = f"registered-{run_id}"
    made = upload_model(client, run_id, model, **QUICK)
    given = {
        "model": {"source": made.model_uri},
        "run": {"source": f"runs:/{run_id}/model"},
        "run alone": {"run_id": run_id},
    }[by]
    version = register_version(client, unique, tags={"by": by}, **given)
    assert (unique, "1", run_id, f"models:/{unique}/1") == (
        version.name,
        version.version,
        version.run_id,
        version.model_uri,
    )
    found = stock.get_model_version(unique, "1")
    assert ("READY", {"by": by}) == (found.status, found.tags)
    loaded = mlflow.pyfunc.load_model(version.model_uri)
    assert model.predict(ROWS).tolist() == loaded.predict(ROWS).tolist()


def test_the_next_version_has_the_next_number(client, run_id, model, unique):
    """And the logged model names both."""
    made = upload_model(client, run_id, model, **QUICK)
    versions = [register_version(client, unique, source=made.model_uri) for _ in range(2)]
    assert ["1", "2"] == [version.version for version in versions]
    told = json.loads(client.get_logged_model(made.model_id).tags["mlflow.modelVersions"])
    assert [{"name": unique, "version": 1}, {"name": unique, "version": 2}] == [
        {**one, "version": int(one["version"])} for one in told
    ]


@pytest.mark.parametrize("given", [{}, {"source": "runs:/{}/nothing"}, {"source": "models:/"}])
def test_what_is_not_there_is_not_registered(client, run_id, unique, given):
    """Nor is the model made for it."""
    with pytest.raises(MlflowException):
        register_version(client, unique, **{k: v.format(run_id) for k, v in given.items()})
    assert [] == client.search_registered_models(f"name = '{unique}'")
