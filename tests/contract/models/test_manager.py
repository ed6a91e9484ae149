"""The manager registers models with their runs, and finds them again."""

import pytest

from contract.models.stations import NAME, Constant, constant
from penstock import ModelManager
from penstock.errors import MlflowException, ModelUnavailable, PenstockError, UnsuitableObject
from penstock.models import register_version, save_model

EXAMPLE = {"params": {"depth": 3}, "metrics": {"rmse": 0.25}, "version": "1.2.0"}


@pytest.fixture
def manager(client, unique, tmp_path):
    """A manager of a namespace of its own, with folders of its own."""
    folders = {"local_dir": tmp_path / "local", "cache_dir": tmp_path / "cache"}
    with ModelManager(unique, client=client, **folders) as manager:
        yield manager


def test_registering_logs_a_run_with_all_that_is_known(manager, client, unique):
    """In the experiment of the station, finished, with its tags, params and metrics."""
    made = manager.register_model_in_mlflow(1, NAME, constant(7, **EXAMPLE))
    assert f"{unique}-station-1-xgboost" == made.name
    assert ("1", f"models:/{made.name}/1") == (made.version, made.model_uri)
    run = client.get_run(made.run_id)
    assert f"{unique}-station-1" == client.get_experiment(run.info.experiment_id).name
    assert ({"depth": "3"}, {"rmse": 0.25}) == (run.data.params, run.data.metrics)
    tags = {"station_id": "1", "model_type": NAME, "version": "xgboost_v1.2.0_station_1"}
    assert tags.items() <= run.data.tags.items()
    assert tags == client.get_model_version(made.name, "1").tags
    assert "FINISHED" == run.info.status


def test_each_station_and_type_has_a_model_of_its_own(manager):
    """None overwrites another one's."""
    for number, (station, kind) in enumerate([(1, "a"), (1, "b"), (2, "a")]):
        manager.register_model_in_mlflow(station, kind, constant(number))
    assert [[0], [1], [2]] == [
        list(manager.predict(station, kind, [5]))
        for station, kind in [(1, "a"), (1, "b"), (2, "a")]
    ]


def test_the_next_version_follows_the_highest(manager, client):
    """By numbers, not by letters: 1.10.0 is after 1.9.0."""
    for version in ("1.9.0", "1.10.0", None):
        made = manager.register_model_in_mlflow(1, NAME, constant(1, version=version))
    assert "xgboost_v1.10.1_station_1" == client.get_model_version(made.name, "3").tags["version"]


def test_a_registered_model_is_found(manager, client):
    """The latest one, by number, alias or semantic version; None where there is none."""
    for version in ("1.0.0", "1.1.0"):
        made = manager.register_model_in_mlflow(1, NAME, constant(1, version=version))
    client.set_registered_model_alias(made.name, "prod", "1")
    wanted = {"latest": "2", 1: "1", "1": "1", "@prod": "1", "1.1.0": "2"}
    found = {wish: manager.get_model_from_mlflow(1, NAME, wish) for wish in wanted}
    assert wanted == {wish: one["version"] for wish, one in found.items()}
    assert {
        "model_name": made.name,
        "version": "2",
        "model_uri": made.model_uri,
        "run_id": made.run_id,
        "status": "READY",
    } == found["latest"]
    for wish in ("9", "@none", "9.9.9"):
        assert manager.get_model_from_mlflow(1, NAME, wish) is None
    assert manager.get_model_from_mlflow(2, NAME) is None


def test_loading_says_which_source_answered(manager):
    """First the server; then the memory, after asking which version is the latest."""
    manager.register_model_in_mlflow(1, NAME, constant(7))
    loaded = manager.load_model(1, NAME)
    assert ("mlflow", "1", False) == (loaded.source, loaded.version, loaded.is_fallback)
    assert [7, 7] == list(loaded.predict([1, 2]))
    assert "memory" == manager.load_model(1, NAME).source
    manager.register_model_in_mlflow(1, NAME, constant(8))
    loaded = manager.load_model(1, NAME)
    assert ("mlflow", "2", [8]) == (loaded.source, loaded.version, list(loaded.predict([1])))


def test_models_of_any_name_are_loaded(manager, client):
    """By number, alias, stage, and as the object itself."""
    made = manager.register_model_in_mlflow(1, NAME, constant(7))
    client.set_registered_model_alias(made.name, "prod", "1")
    client.transition_model_version_stage(made.name, "1", "Production")
    model = manager.model(made.name)
    assert ["1"] * 4 == [model.load(one).version for one in (1, "latest", "@prod", "Production")]
    assert isinstance(model.load(flavour="native").model, Constant)
    assert [7] == list(model.predict([0]))


def test_what_is_known_tells_its_source(manager):
    """The server as long as it can be asked."""
    made = manager.register_model_in_mlflow(1, NAME, constant(7))
    assert {
        "source": "mlflow",
        "name": made.name,
        "version": "1",
        "uri": made.model_uri,
        "run_id": made.run_id,
        "status": "READY",
    } == manager.get_model_info(1, NAME)
    with pytest.raises(ModelUnavailable) as caught:
        manager.get_model_info(2, NAME)
    assert {"mlflow", "cache", "local"} == set(caught.value.said)


def test_deleting_removes_it_everywhere(manager):
    """And says whether there was anything."""
    manager.register_model_in_mlflow(1, NAME, constant(7))
    manager.load_model(1, NAME)
    assert manager.delete_model(1, NAME)
    assert not manager.delete_model(1, NAME)
    assert manager.get_model_from_mlflow(1, NAME) is None
    with pytest.raises(ModelUnavailable):
        manager.load_model(1, NAME)


def test_a_name_that_was_given_away_again_means_the_new_model(manager):
    """Version 1 of a model that was deleted is not version 1 of the next one."""
    name = manager.register_model_in_mlflow(1, NAME, constant(7)).name
    assert [7] == list(manager.model(name).load(1).predict([0]))
    manager.client.delete_registered_model(name)
    manager.register_model_in_mlflow(1, NAME, constant(8))
    assert [8] == list(manager.load_model(1, NAME).predict([0]))
    assert [8] == list(manager.model(name).load(1).predict([0]))


def test_a_registration_that_fails_leaves_nothing_visible(manager, client, unique):
    """The run tells of it, as FAILED."""
    with pytest.raises(UnsuitableObject):
        manager.register_model_in_mlflow(
            1, NAME, {**constant(1), "model": object(), "flavor": "sklearn"}
        )
    experiment = client.get_experiment_by_name(f"{unique}-station-1")
    runs = client.search_runs([experiment.experiment_id])
    assert ["FAILED"] == [run.info.status for run in runs]
    assert [] == client.search_registered_models(f"name LIKE '{unique}%'")


def test_a_version_that_cannot_be_registered_is_undone(manager, client, unique, monkeypatch):
    """Also the model that was made for it, and the files that were uploaded."""

    def refuse(*_: object, **__: object) -> None:
        raise MlflowException("no room for more versions")

    monkeypatch.setattr(client, "create_model_version", refuse)
    with pytest.raises(MlflowException, match="no room"):
        manager.register_model_in_mlflow(1, NAME, constant(1))
    assert [] == client.search_registered_models(f"name LIKE '{unique}%'")
    experiment = client.get_experiment_by_name(f"{unique}-station-1")
    assert [] == client.search_logged_models([experiment.experiment_id])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "'model'"),
        ({"model": 1, "metric": {}}, r"no place for \['metric'\]"),
        ({"model": 1, "params": [1]}, "'params' in model_data must be a dictionary"),
        ({"model": 1, "version": "1.0"}, "version: "),
    ],
)
def test_what_is_given_wrongly_is_told_before_anything_is_made(
    manager, client, unique, given, problem
):
    """A misspelt key would lose what it holds."""
    with pytest.raises(MlflowException, match=problem):
        manager.register_model_in_mlflow(1, NAME, given)
    assert client.get_experiment_by_name(f"{unique}-station-1") is None


def test_any_call_of_the_api_can_be_made(manager):
    """As with the client."""
    answer = manager.mlflow_api_call("mlflow/experiments/get", data={"experiment_id": "0"})
    assert "Default" == answer["experiment"]["name"]


def test_making_a_manager_needs_no_server_and_no_settings(tmp_path):
    """Only what needs the server says that there is none."""
    manager = ModelManager(local_dir=tmp_path / "l", cache_dir=tmp_path / "c")
    assert [] == list(tmp_path.iterdir())
    with pytest.raises(ModelUnavailable, match="MLFLOW_TRACKING_URI"):
        manager.load_model(1, NAME)
    with pytest.raises(PenstockError, match="MLFLOW_TRACKING_URI"):
        manager.register_model_in_mlflow(1, NAME, constant(1))


def test_folders_runs_and_logged_models_are_loaded_too(manager, client, tmp_path):
    """Whatever a URI or a path names."""
    made = manager.register_model_in_mlflow(1, NAME, constant(7))
    source = client.get_model_version(made.name, "1").source
    folder = manager.model(made.name).download(tmp_path / "copy")
    places = [source, f"runs:/{made.run_id}/model", client.find_model_artifacts(source), folder]
    loaded = [manager.load(place) for place in places]
    assert ["mlflow", "mlflow", "mlflow", "local"] == [one.source for one in loaded]
    assert [[7]] * 4 == [list(one.predict([0])) for one in loaded]


def test_a_version_of_a_folder_of_a_run_is_loaded(manager, client, run_id, tmp_path):
    """As older clients register them."""
    save_model(Constant(7), tmp_path / "saved", pip_requirements=["mlflow"])
    client.log_artifacts(run_id, tmp_path / "saved", "old/model")
    made = register_version(client, f"old-{run_id}", source=f"runs:/{run_id}/old/model")
    assert [7] == list(manager.model(made.name).load().predict([0]))
    assert [7] == list(manager.load(f"runs:/{run_id}/old/model").predict([0]))
