"""What the client reads is what MLflow's client reads."""

import math
import pickle

import mlflow
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput
from mlflow.entities import Metric as StockMetric

from contract.rest.likeness import plain
from penstock.errors import MlflowException, PenstockError
from penstock.rest.entities import PagedList

NASTY = ["é/%'\" 日本", "a&b=c?d#e+f", "100%25", "back\\slash", " space "]


@pytest.fixture(scope="module")
def experiment(stock, request) -> str:
    name = f"reading {NASTY[0]} {request.node.name} {mlflow.utils.time.get_current_time_millis()}"
    return stock.create_experiment(name, tags={"tägs": "välue", "empty": ""})


@pytest.fixture(scope="module")
def run(stock, experiment):
    """A run with everything that MLflow knows of runs."""
    run = stock.create_run(
        experiment, run_name="näme/%", tags={"empty": "", "long": "x" * 5000, "mlflow.user": "ü"}
    )
    run_id = run.info.run_id
    values = [0.0, -1.5, 1e-300, 1e300, math.nan, math.inf, -math.inf, float(2**60)]
    stock.log_batch(
        run_id,
        metrics=[
            StockMetric(f"m/{number} é", value, 1_700_000_000_000 + step, step)
            for number, value in enumerate(values)
            for step in (-3, 0, 2**40)
        ],
        params=[mlflow.entities.Param("empty", ""), mlflow.entities.Param("p/ä", "1" * 6000)],
    )
    model = stock.create_logged_model(
        experiment, "model", run_id, tags={"a": ""}, params={"p": "ü"}, model_type="kind"
    )
    dataset = Dataset("data", "digest", "local", '{"uri": "x"}', schema="{}", profile=None)
    stock.log_inputs(
        run_id,
        [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])],
        [LoggedModelInput(model.model_id)],
    )
    stock.log_outputs(run_id, [LoggedModelOutput(model.model_id, 7)])
    stock.log_metric(
        run_id,
        "on data",
        0.5,
        dataset_name="data",
        dataset_digest="digest",
        model_id=model.model_id,
    )
    stock.set_terminated(run_id, "FAILED")
    return run_id


@pytest.fixture(scope="module")
def registered(stock, run) -> str:
    """A registered model with versions in several stages, aliases and tags."""
    name = f"reading {NASTY[0].replace('/', '')} {run[:8]}"
    stock.create_registered_model(name, tags={"täg": "", "b": "c"}, description="")
    for number, description in enumerate([None, "", "däscription"]):
        stock.create_model_version(
            name, f"runs:/{run}/model{number}", run, tags={"n": number}, description=description
        )
    with pytest.warns(FutureWarning):
        stock.transition_model_version_stage(name, "1", "Production")
    stock.set_registered_model_alias(name, "chämpion", "2")
    stock.set_registered_model_alias(name, "other", "2")
    return name


def same(expected, found) -> None:
    assert plain(expected) == plain(found)


def test_an_experiment(stock, client, experiment):
    """By id and by name, also with an id that is a number."""
    expected = stock.get_experiment(experiment)
    same(expected, client.get_experiment(experiment))
    same(expected, client.get_experiment(int(experiment)))
    same(expected, client.get_experiment_by_name(expected.name))


def test_an_experiment_that_is_not_there(client):
    """None by name, an error by id."""
    assert client.get_experiment_by_name("no such experiment é") is None
    with pytest.raises(MlflowException, match="No Experiment with id=987654321 exists") as refusal:
        client.get_experiment("987654321")
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
    assert 404 == refusal.value.get_http_status_code()


def test_a_deleted_experiment(stock, client, unique):
    """It is found by name and in the view of the deleted."""
    experiment_id = stock.create_experiment(unique)
    stock.delete_experiment(experiment_id)
    same(stock.get_experiment_by_name(unique), client.get_experiment_by_name(unique))
    for view in (1, 2, 3):
        arguments = {"view_type": view, "filter_string": f"name = '{unique}'"}
        same(stock.search_experiments(**arguments), client.search_experiments(**arguments))


@pytest.mark.parametrize("name", NASTY)
def test_any_name_finds_its_experiment(stock, client, unique, name):
    """In a query as well as in a filter."""
    experiment_id = client.create_experiment(f"{unique}{name}")
    assert f"{unique}{name}" == stock.get_experiment(experiment_id).name
    assert experiment_id == client.get_experiment_by_name(f"{unique}{name}").experiment_id


def test_pages_of_experiments(stock, client, unique):
    """Token by token, and all at once."""
    for number in range(5):
        stock.create_experiment(f"{unique}-{number}")
    wanted = {"filter_string": f"name LIKE '{unique}%'", "order_by": ["name DESC"]}
    expected = stock.search_experiments(max_results=2, **wanted)
    found = client.search_experiments(max_results=2, **wanted)
    assert isinstance(found, PagedList)
    assert (expected.token, 2) == (found.token, len(found))
    same(expected, found)
    following = client.search_experiments(max_results=2, page_token=found.token, **wanted)
    assert [f"{unique}-2", f"{unique}-1"] == [one.name for one in following]
    everything = list(client.iter_experiments(**wanted, page_size=2))
    same(stock.search_experiments(**wanted), everything)


def test_iteration_is_lazy(client, unique):
    """Nothing is asked before the first item is wanted."""
    runs = client.iter_runs(["987654321"], f"params.x = '{unique}'")
    client.close()
    with pytest.raises(PenstockError, match="closed"):
        next(runs)


def test_a_run(stock, client, run):
    """Every attribute of every part."""
    same(stock.get_run(run), client.get_run(run))


def test_a_run_as_dictionary(stock, client, run):
    """As MLflow writes it."""
    same(stock.get_run(run).to_dictionary(), client.get_run(run).to_dictionary())


def test_a_bare_run(stock, client, experiment):
    """Nothing but what every run has."""
    run_id = stock.create_run(experiment).info.run_id
    same(stock.get_run(run_id), client.get_run(run_id))
    same(stock.get_run(run_id).to_dictionary(), client.get_run(run_id).to_dictionary())


def test_a_run_that_is_not_there(client):
    """As in MLflow, and the message tells the call."""
    with pytest.raises(MlflowException, match=r"GET /api/2\.0/mlflow/runs/get: 404 RESOURCE"):
        client.get_run("0" * 32)


def test_the_parent_of_a_run(stock, client, experiment):
    """Or None."""
    parent = stock.create_run(experiment).info.run_id
    child = stock.create_run(experiment, tags={"mlflow.parentRunId": parent}).info.run_id
    same(stock.get_parent_run(child), client.get_parent_run(child))
    assert client.get_parent_run(parent) is None


def test_a_search_of_runs(stock, client, experiment, run):
    """With filter, order, and names that need quotes."""
    arguments = {
        "experiment_ids": [experiment],
        "filter_string": "attributes.status = 'FAILED' and tags.empty = ''",
        "order_by": ["metrics.`m/0 é` DESC"],
    }
    expected = stock.search_runs(**arguments)
    assert [run] == [one.info.run_id for one in expected]
    same(expected, client.search_runs(**arguments))
    same(expected, client.search_runs(experiment, arguments["filter_string"]))


def test_pages_of_runs(stock, client, unique):
    """Token by token, and all at once; the view of the deleted included."""
    experiment_id = stock.create_experiment(unique)
    ids = [stock.create_run(experiment_id, start_time=n).info.run_id for n in range(1, 6)]
    stock.delete_run(ids[0])
    assert ids[:0:-1] == [one.info.run_id for one in client.iter_runs([experiment_id], page_size=3)]
    assert ids[::-1] == [
        one.info.run_id for one in client.iter_runs(experiment_id, run_view_type=3, page_size=2)
    ]
    expected = stock.search_runs([experiment_id], max_results=3)
    found = client.search_runs([experiment_id], max_results=3)
    assert expected.token == found.token
    same(expected, found)


def test_a_search_that_mlflow_refuses(client, experiment):
    """Its message comes through."""
    with pytest.raises(MlflowException, match="Invalid") as refusal:
        client.search_runs([experiment], "nonsense ===")
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


@pytest.mark.parametrize("number", range(8))
def test_the_history_of_a_metric(stock, client, run, number):
    """NaN, infinities, negative and huge steps."""
    key = f"m/{number} é"
    same(stock.get_metric_history(run, key), client.get_metric_history(run, key))


def test_the_history_of_a_metric_on_a_dataset(stock, client, run):
    """With the names of the dataset and the model."""
    same(stock.get_metric_history(run, "on data"), client.get_metric_history(run, "on data"))


def test_the_history_of_no_metric(client, run):
    """An empty list, as in MLflow."""
    assert [] == client.get_metric_history(run, "never logged")


def test_a_long_history(stock, client, experiment):
    """All pages of it."""
    run_id = stock.create_run(experiment).info.run_id
    for start in range(0, 3000, 1000):
        metrics = [StockMetric("m", step, step, step) for step in range(start, start + 1000)]
        stock.log_batch(run_id, metrics=metrics)
    assert list(range(3000)) == [metric.step for metric in client.get_metric_history(run_id, "m")]


def test_a_registered_model(stock, client, registered):
    """With latest versions, aliases and tags."""
    same(stock.get_registered_model(registered), client.get_registered_model(registered))


def test_a_registered_model_that_is_not_there(client):
    """As in MLflow."""
    with pytest.raises(MlflowException, match="not found") as refusal:
        client.get_registered_model("no such model")
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code


def test_a_prompt_is_no_registered_model(stock, client, unique):
    """MLflow keeps prompts among the models, and does not show them as such."""
    stock.register_prompt(unique, "Hello {{name}}")
    for ask in (
        lambda: client.get_registered_model(unique),
        lambda: client.get_model_version(unique, "1"),
    ):
        with pytest.raises(MlflowException) as refusal:
            ask()
        assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
    found = client.search_registered_models(f"name = '{unique}'")
    same(stock.search_registered_models(f"name = '{unique}'"), found)


@pytest.mark.parametrize("version", ["1", "2", 3])
def test_a_version(stock, client, registered, version):
    """With and without description, in a stage or none, with aliases or none."""
    expected = stock.get_model_version(registered, version)
    same(expected, client.get_model_version(registered, version))


def test_a_version_by_alias(stock, client, registered):
    """Whatever letters the alias has."""
    expected = stock.get_model_version_by_alias(registered, "chämpion")
    same(expected, client.get_model_version_by_alias(registered, "chämpion"))
    with pytest.raises(MlflowException, match="alias nobody not found"):
        client.get_model_version_by_alias(registered, "nobody")


def test_the_latest_versions(stock, client, registered):
    """Of all stages, or of some."""
    for stages in (None, ["Production"], ["None", "Staging"]):
        with pytest.warns(FutureWarning):
            expected = stock.get_latest_versions(registered, stages)
        same(expected, client.get_latest_versions(registered, stages))


def test_the_stages_of_a_version(stock, client, registered):
    """They are the same for all."""
    with pytest.warns(FutureWarning):
        expected = stock.get_model_version_stages(registered, "1")
    assert expected == client.get_model_version_stages(registered, "1")


def test_where_a_version_lies(stock, client, registered):
    """The URI from which its files come."""
    expected = stock.get_model_version_download_uri(registered, "1")
    assert expected == client.get_model_version_download_uri(registered, "1")


def test_a_search_of_versions(stock, client, registered):
    """Page by page, and all at once."""
    arguments = {"filter_string": f"run_id = '{stock.get_model_version(registered, '1').run_id}'"}
    expected = stock.search_model_versions(**arguments, max_results=2)
    found = client.search_model_versions(**arguments, max_results=2)
    assert (expected.token, 2) == (found.token, len(found))
    same(expected, found)
    everything = list(client.iter_model_versions(**arguments, page_size=2))
    same(stock.search_model_versions(**arguments), everything)


def test_a_search_of_registered_models(stock, client, unique):
    """Page by page, and all at once; several orders are several parameters."""
    for number in range(5):
        stock.create_registered_model(f"{unique}-{number}")
    arguments = {
        "filter_string": f"name LIKE '{unique}%'",
        "order_by": ["name DESC", "timestamp ASC"],
    }
    expected = stock.search_registered_models(**arguments, max_results=2)
    found = client.search_registered_models(**arguments, max_results=2)
    assert (expected.token, 2) == (found.token, len(found))
    same(expected, found)
    everything = list(client.iter_registered_models(**arguments, page_size=2))
    same(stock.search_registered_models(**arguments), everything)
    assert client.search_registered_models(**arguments).token is None


def test_a_logged_model(stock, client, run):
    """With tags, params, metrics and status."""
    model_id = client.get_run(run).inputs.model_inputs[0].model_id
    expected = stock.get_logged_model(model_id)
    same(expected, client.get_logged_model(model_id))
    same(expected.to_dictionary(), client.get_logged_model(model_id).to_dictionary())


def test_a_search_of_logged_models(stock, client, experiment):
    """Page by page, ordered."""
    arguments = {
        "experiment_ids": [experiment],
        "filter_string": "name = 'model'",
        "order_by": [{"field_name": "creation_timestamp", "ascending": False}],
    }
    same(stock.search_logged_models(**arguments), client.search_logged_models(**arguments))


@pytest.mark.parametrize("model_id", ["m-nowhere", "../runs", "é/ü"])
def test_a_logged_model_that_is_not_there(client, model_id):
    """Whatever the id is made of, it stays one part of the path."""
    with pytest.raises(MlflowException):
        client.get_logged_model(model_id)


def test_a_client_that_has_been_used_can_be_sent_to_another_process(client, run):
    """It connects anew there."""
    before = client.get_run(run)
    copy = pickle.loads(pickle.dumps(client))  # noqa: S301 - made here
    assert plain(before) == plain(copy.get_run(run))
    copy.close()


def test_a_call_of_ones_own(stock, client, experiment):
    """Any endpoint, in any spelling."""
    expected = stock.get_experiment(experiment).name
    for endpoint in (
        "mlflow/experiments/get",
        "/mlflow/experiments/get",
        "api/2.0/mlflow/experiments/get",
        "/api/2.0/mlflow/experiments/get/",
    ):
        answer = client.mlflow_api_call(endpoint, data={"experiment_id": experiment})
        assert expected == answer["experiment"]["name"]


def test_a_call_of_ones_own_by_every_method(stock, client, unique):
    """GET asks, the others send JSON."""
    client.mlflow_api_call("mlflow/registered-models/create", "POST", {"name": unique})
    changed = {"name": unique, "description": "new"}
    client.mlflow_api_call("mlflow/registered-models/update", "patch", changed)
    assert "new" == stock.get_registered_model(unique).description
    client.mlflow_api_call("mlflow/registered-models/delete", "DELETE", {"name": unique})
    with pytest.raises(MlflowException) as refusal:
        client.mlflow_api_call("mlflow/registered-models/get", "GET", {"name": unique})
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
    with pytest.raises(MlflowException, match="no such HTTP method"):
        client.mlflow_api_call("mlflow/registered-models/get", "FETCH")
