"""Servers of older MLflow versions: what they have works, what they lack is told as such."""

import json
from contextlib import ExitStack

import mlflow
import pytest
from sklearn.linear_model import LinearRegression

from contract.rest import test_same_experiments as experiments
from contract.rest import test_same_logging as logging
from contract.rest import test_same_model_versions as versions
from contract.rest import test_same_registered_models as models
from contract.rest import test_same_runs as runs
from contract.rest.side_by_side import compare, direct_sides
from penstock import MlflowClient
from penstock.errors import MlflowException, ServerTooOld
from penstock.models import register_version, upload_model
from penstock.rest.entities import LoggedModelInput, LoggedModelOutput
from services.old_servers import (
    PYTHONS,
    find_python,
    make_environment,
    running_server,
    wait_until_ready,
)

SCENARIOS = {
    "experiments": (
        experiments.MAKE,
        experiments.READ,
        experiments.CHANGE,
        experiments.SEARCH,
        experiments.DELETE,
    ),
    "runs": (runs.MAKE, runs.READ, runs.LOG, runs.SEARCH, runs.END),
    "logging": (logging.MAKE, logging.METRICS, logging.LABELS, logging.BATCHES, logging.INPUTS),
    "registered models": (models.MAKE, models.READ, models.CHANGE, models.DELETE, models.RENAME),
    "versions": (
        versions.MAKE,
        versions.VERSIONS,
        versions.TAGS,
        versions.STAGES,
        versions.ALIASES,
        versions.COPIES,
        versions.SEARCH,
        versions.DELETE,
    ),
}
OTHERWISE = {
    # Names that older servers take: the second corner would meet what the first one made.
    "blanks",
    "dots",
    "to a name that is none",
    # Logged models: MLflow's client lets an old server drop them in silence.
    "a model as input",
    "an unknown model",
    "a model as output",
    "an unknown one",
    "an output of no run",
    "nor outputs",
}
REFUSED_AS_TOO_OLD = {
    "create_logged_model": ("1", "m"),
    "get_logged_model": ("m-1",),
    "search_logged_models": (["1"],),
    "finalize_logged_model": ("m-1", "READY"),
    "delete_logged_model": ("m-1",),
    "log_model_params": ("m-1", {"p": "1"}),
    "set_logged_model_tags": ("m-1", {"k": "v"}),
    "delete_logged_model_tag": ("m-1", "k"),
    "list_logged_model_artifacts": ("m-1",),
    "log_outputs": ("0" * 32, [LoggedModelOutput("m-1", 0)]),
    "log_inputs": ("0" * 32, None, [LoggedModelInput("m-1")]),
}


@pytest.fixture(scope="session")
def old_servers(tmp_path_factory):
    """The address of a server of each version that a Python of this machine can run."""
    pythons = {version: find_python(version) for version in PYTHONS}
    with ExitStack() as running:
        servers = {}
        for version, python in pythons.items():
            if python is not None:
                folder = tmp_path_factory.mktemp(f"mlflow-{version}")
                programs = make_environment(version, python)
                url = running.enter_context(running_server(programs, folder))
                servers[version] = url, folder
        for version, (url, folder) in servers.items():
            wait_until_ready(version, url, folder)
        yield {version: url for version, (url, _) in servers.items()}


@pytest.fixture(params=PYTHONS)
def version(request):
    return request.param


@pytest.fixture
def url(old_servers, version):
    if version not in old_servers:
        wanted = " or ".join(PYTHONS[version])
        pytest.skip(f"MLflow {version} needs Python {wanted}, which is not on this machine")
    return old_servers[version]


@pytest.fixture
def client(url):
    with MlflowClient(url) as client:
        yield client


@pytest.mark.parametrize("family", SCENARIOS)
def test_what_there_is_works(url, family):
    """The same as with MLflow's own client, refusals included."""
    with direct_sides(url) as sides:
        for side in sides:
            side.keep("model", "m-1")
            side.keep("logged", "m-1")
        for scenario in SCENARIOS[family]:
            assert {} == compare(sides, scenario, without=OTHERWISE)


def test_registered_models_are_found(client, version):
    """MLflow's own client finds none on servers that know no prompts: it asks for other tags."""
    names = [f"found-{version}-{number}" for number in range(3)]
    for name in names:
        client.create_registered_model(name, {"n": "1"})
    condition = f"name LIKE 'found-{version}%' AND tags.n = '1'"
    page = client.search_registered_models(condition, 2, ["name DESC"])
    assert (names[:0:-1], False) == ([model.name for model in page], page.token is None)
    found = client.iter_registered_models(condition, page_size=1)
    assert names == [model.name for model in found]


def test_artifacts_come_and_go(client, tmp_path):
    """A text, a file and a folder up; a listing; a folder down."""
    run_id = client.create_run(client.create_experiment(tmp_path.name)).info.run_id
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "ü.txt").write_text("in a folder")
    client.log_text(run_id, "a text", "a/text.txt")
    client.log_artifact(run_id, str(folder / "ü.txt"))
    client.log_artifacts(run_id, str(folder), "b")
    assert ["a", "b", "ü.txt"] == [file.path for file in client.list_artifacts(run_id)]
    assert ["b/ü.txt"] == [file.path for file in client.list_artifacts(run_id, "b")]
    place = client.download_artifacts(run_id, "", str(tmp_path / "down"))
    assert "a text" == (tmp_path / "down" / "a" / "text.txt").read_text()
    assert (tmp_path / "down" / "b" / "ü.txt").exists(), place


def test_logging_in_the_background_works(client, version):
    """Metrics, params and tags by the batch."""
    run_id = client.create_run(client.create_experiment(f"background {version}")).info.run_id
    operations = [
        client.log_metric(run_id, "m", step, step, step, synchronous=False) for step in range(200)
    ]
    operations.append(client.log_param(run_id, "p", 1, synchronous=False))
    operations.append(client.set_tag(run_id, "t", 1, synchronous=False))
    for operation in operations:
        operation.wait()
    assert list(range(200)) == [metric.step for metric in client.get_metric_history(run_id, "m")]
    data = client.get_run(run_id).data
    assert ({"p": "1"}, "1") == (data.params, data.tags["t"])


@pytest.fixture
def stock_url(url):
    """The address that MLflow's own functions speak to for the time of a test."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(url)
    yield url
    mlflow.set_tracking_uri(before)


@pytest.mark.usefixtures("stock_url")
def test_models_are_uploaded_and_registered(client, version):
    """As a folder of the run, which the run's history of models names; MLflow's client loads it."""
    run_id = client.create_run(client.create_experiment(f"models {version}")).info.run_id
    rows = [[0.0], [1.0]]
    model = LinearRegression().fit(rows, [1.0, 3.0])
    made = upload_model(client, run_id, model, pip_requirements=["mlflow"])
    assert (f"runs:/{run_id}/model", None) == (made.model_uri, made.model_id)
    history = json.loads(client.get_run(run_id).data.tags["mlflow.log-model.history"])
    assert [(run_id, "model")] == [(one["run_id"], one["artifact_path"]) for one in history]
    registered = register_version(client, f"uploaded {version}", run_id=run_id)
    assert (run_id, "1") == (registered.run_id, registered.version)
    for uri in (made.model_uri, registered.model_uri):
        assert [1.0, 3.0] == pytest.approx(list(mlflow.pyfunc.load_model(uri).predict(rows)))


@pytest.mark.parametrize("method", REFUSED_AS_TOO_OLD)
def test_what_came_with_mlflow_3_is_told(client, version, method):
    """One clear error with both versions; MLflow's code for an unknown endpoint."""
    has = version.rpartition(".")[0]
    with pytest.raises(ServerTooOld, match=rf"runs MLflow {has}, and .* came with 3\.0;") as error:
        getattr(client, method)(*REFUSED_AS_TOO_OLD[method])
    assert ("ENDPOINT_NOT_FOUND", 404) == (
        error.value.error_code,
        error.value.get_http_status_code(),
    )


def test_what_came_later_is_told(client):
    """Whichever version it was, and for calls of one's own as well."""
    with pytest.raises(ServerTooOld, match=r"removing a tag of an experiment came with 3\.2;"):
        client.delete_experiment_tag("0", "k")
    with pytest.raises(ServerTooOld, match=r"presigned URLs of proxied artifacts .* 3\.11;"):
        client.mlflow_api_call("mlflow-artifacts/presigned/x")
    with pytest.raises(MlflowException) as error:
        client.mlflow_api_call("mlflow/no/such/thing")
    assert not isinstance(error.value, ServerTooOld)
