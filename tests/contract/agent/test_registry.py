"""What the agent says of registered models, by a stock server and through the gateway."""

import pytest

from penstock.agent import (
    MLFlowAgent,
    MLFlowClient,
    MLFlowClientModelAgent,
    MLFlowClientModelLoader,
    MLFlowConfiguration,
)
from penstock.errors import ConfigurationError, MlflowException, TransportError
from penstock.rest.entities import Dataset, DatasetInput, InputTag

pytestmark = pytest.mark.usefixtures("agent")


@pytest.fixture
def model(unique):
    """A model with eleven versions: 3 and 9 in Production, 10 in Staging, of one run with data."""
    client = MLFlowClient.init_mlflow_client()
    run = client.create_run(client.create_experiment(unique))
    client.log_param(run.info.run_id, "depth", 3)
    client.log_metric(run.info.run_id, "rmse", 0.5)
    data = Dataset("wells", "abc123", "local", "{}")
    tag = InputTag("mlflow.data.context", "training")
    client.log_inputs(run.info.run_id, [DatasetInput(data, [tag])])
    client.create_registered_model(unique)
    for _ in range(11):
        client.create_model_version(unique, f"{run.info.artifact_uri}/model", run.info.run_id)
    for number, stage in (("3", "Production"), ("9", "Production"), ("10", "Staging")):
        client.transition_model_version_stage(unique, number, stage)
    return unique


def test_the_latest_version_is_the_highest_number(model):
    """10 comes after 9; a stage counts its own versions alone."""
    agent = MLFlowClientModelAgent()
    assert "11" == agent.get_model_latest_version(model)
    assert "9" == agent.get_model_latest_version(model, "Production")
    assert "10" == MLFlowClientModelAgent.get_model_latest_version(model, stage="Staging")
    assert "11" == agent.get_model_latest_version(model, "None")


@pytest.mark.parametrize("stage", ["production", "Live", "", 1])
def test_a_stage_that_is_none_is_refused(model, stage):
    """The message names those there are."""
    with pytest.raises(ValueError, match="The model stage should be in"):
        MLFlowClientModelAgent.get_model_latest_version(model, stage)


def test_a_stage_without_a_version_is_told(model):
    """No IndexError, no None."""
    with pytest.raises(ValueError, match="with stage: Archived is not registered"):
        MLFlowClientModelAgent.get_model_latest_version(model, "Archived")
    with pytest.raises(ValueError, match="'nothing' is not registered"):
        MLFlowClientModelAgent.get_model_latest_version("nothing")


def test_an_alias_of_a_rollout_answers_for_a_stage(model):
    """Where no version has the stage, as on servers where nobody uses stages."""
    client = MLFlowClient.init_mlflow_client()
    for number in ("3", "9"):
        client.transition_model_version_stage(model, number, "None")
    client.set_registered_model_alias(model, "active", "4")
    assert "4" == MLFlowClientModelAgent.get_model_latest_version(model, "Production")
    assert f"models:/{model}/4" == MLFlowClientModelAgent.compose_model_uri(
        model, 4, model_stage="Production"
    )


def test_model_uris(model):
    """A version as number or text, a stage, both where they agree, or the latest."""
    compose = MLFlowClientModelLoader.compose_model_uri
    assert f"models:/{model}/11" == compose(model)
    assert f"models:/{model}/3" == compose(model, 3)
    assert f"models:/{model}/3" == compose(model, "3")
    assert f"models:/{model}/9" == compose(model, model_stage="Production")
    assert f"models:/{model}/3" == compose(model, "3", "Production")


@pytest.mark.parametrize(
    ("version", "stage", "told"),
    [
        (12, None, "has no version 12"),
        ("12", None, "has no version 12"),
        ("latest", None, "not 'latest'"),
        ("03", None, "not '03'"),
        (True, None, "not True"),
        (1.0, None, "not 1.0"),
        (0, None, "not 0"),
        ("10", "Production", "version 10 is not at stage Production, version 9 is"),
        ("10", "Archived", "version 10 is not at stage Archived, no version is"),
    ],
)
def test_a_version_that_is_none_is_refused(model, version, stage, told):
    """Never silently the latest."""
    with pytest.raises(ValueError, match=told):
        MLFlowClientModelAgent.compose_model_uri(model, version, stage)


def test_a_name_must_be_a_text():
    """A TypeError says so."""
    with pytest.raises(TypeError, match="must be a text, not 5"):
        MLFlowClientModelAgent.compose_model_uri(5)


def test_whether_a_version_is_registered(model):
    """No only where the server says so."""
    agent = MLFlowClientModelAgent()
    assert agent.is_model_version_registered(model, "11")
    assert not agent.is_model_version_registered(model, 12)
    assert not agent.is_model_version_registered("nothing", 1)


def test_a_server_that_is_away_is_no_answer(monkeypatch):
    """A version is not called unregistered because nobody could be asked."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    MLFlowConfiguration.set_tracking_uri("http://127.0.0.1:1")
    with pytest.raises(TransportError):
        MLFlowClientModelAgent.is_model_version_registered("any", 1)


def test_where_the_files_are(model):
    """The source of the version that was meant."""
    source = MLFlowClientModelLoader.get_download_model_uri(model, model_stage="Production")
    assert source.endswith("/artifacts/model")
    assert source == MLFlowClient().get_model_download_source_uri(model, 9)


def test_all_models_are_listed(unique):
    """Not the first hundred alone."""
    client = MLFlowClient.init_mlflow_client()
    names = {f"{unique}-{number:03}" for number in range(101)}
    for name in names:
        client.create_registered_model(name)
    listed = {one.name for one in MLFlowAgent().list_all_registered_models()}
    assert names <= listed
    for name in names:
        client.delete_registered_model(name)


def test_a_registered_model_is_told(model):
    """With its aliases; an unknown one is an error of the server."""
    assert model == MLFlowClientModelAgent().get_mlflow_registered_model(model).name
    with pytest.raises(MlflowException, match="nothing"):
        MLFlowClientModelAgent().get_mlflow_registered_model("nothing")


def test_details_and_comparison(model):
    """Params, metrics and data of the run; what differs is named."""
    details = MLFlowAgent.get_model_details(model, "3")
    assert ("Production", {"depth": "3"}, {"rmse": 0.5}) == (
        details["stage"],
        details["params"],
        details["metrics"],
    )
    (data,) = MLFlowAgent.get_training_data_info(details["run_id"])
    assert ("wells", "abc123", "training") == (data["name"], data["digest"], data["context"])
    same = MLFlowAgent.compare_models(model, "3", model, "9")
    assert [f"{model}/3", f"{model}/9"] == same["models"]
    assert {"depth": ["3", "3"]} == same["params"]
    assert {"params": [], "metrics": [], "data": []} == same["different"]


def test_one_client_for_all_classes():
    """Whichever class is asked, and whether the class or an instance."""
    client = MLFlowClientModelLoader.init_mlflow_client()
    assert client is MLFlowClientModelAgent().mlflow_client
    assert client is MLFlowAgent.mlflow_client
    assert isinstance(MLFlowClient(), MLFlowClientModelLoader)
    assert MLFlowClient() is MLFlowClientModelLoader()


def test_a_later_address_is_followed(server):
    """By classes that were used before."""
    before = MLFlowClient.mlflow_client
    MLFlowConfiguration.set_tracking_uri("http://127.0.0.1:1")
    assert "http://127.0.0.1:1" == MLFlowClient.mlflow_client.tracking_uri
    MLFlowConfiguration().set_tracking_uri(server)
    assert before is MLFlowClient.mlflow_client


def test_without_an_address_the_setting_is_named():
    """As long as nobody has set one."""
    MLFlowConfiguration.set_tracking_uri(None)
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_URI"):
        MLFlowClientModelAgent().init_mlflow_client()
    with pytest.raises(ConfigurationError, match="set_tracking_uri"):
        _ = MLFlowConfiguration().mlflow_connect_tracking_server_uri


def test_the_environment_names_the_server(server, monkeypatch):
    """Where the setter was not used."""
    MLFlowConfiguration.set_tracking_uri(None)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    assert server == MLFlowConfiguration.mlflow_connect_tracking_server_uri
