"""Models are deployed by command, with the login of the settings."""

import json
import os
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import yaml

from gateway.deployment_calls import served
from gateway.grants import granting_gateway
from gateway.running import ADMIN, ADMIN_PASSWORD, Gateway
from gateway.tiny_models import RUNS, TinyModels, tiny_models
from penstock.cli.app import app
from penstock.cli.outcome import run
from servers import free_port
from tiny_service import tiny_command

CHURN = ["--serve-name", "churn", "--env", "prod"]


@pytest.fixture(scope="module")
def _running(tmp_path_factory) -> Iterator[tuple[Gateway, TinyModels]]:
    mlflow, port = TinyModels(), free_port()
    folder = tmp_path_factory.mktemp("deploy-commands")
    with (
        tiny_models(mlflow) as address,
        granting_gateway(
            folder,
            address.url,
            experiment="1",
            model="m",
            command=tiny_command,
            deploy_ports=f"{port}-{min(port + 30, 65_535)}",
        ) as gateway,
    ):
        yield gateway, mlflow


@pytest.fixture(autouse=True)
def mlflow(_running, monkeypatch, tmp_path) -> TinyModels:
    """Run commands as the administrator of the gateway."""
    gateway, mlflow = _running
    mlflow.reset()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENSTOCK_URL", gateway.address.url)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", ADMIN)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", ADMIN_PASSWORD)
    with gateway.app.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM deployments")
    services = gateway.app.parts.deployments.desk.services
    for service in services.list_services():
        services.stop(service)
    return mlflow


def command(capsys, *words: str) -> tuple[int, str, str]:
    """Run a command; return its exit code and what it said."""
    capsys.readouterr()
    code = run(app, list(words))
    said = capsys.readouterr()
    return code, said.out, said.err


def document(capsys, *words: str) -> tuple[int, dict]:
    code, out, err = command(capsys, *words, "--json")
    assert "" == err
    return code, json.loads(out)


def test_a_model_is_deployed_looked_at_and_undeployed(capsys):
    """The whole life of a service, as a script sees it."""
    code, made = document(capsys, "deploy-model", *CHURN, "--model-uri", "models:/m@champion")
    assert (0, "RUNNING", "models:/m/2") == (code, made["status"], made["resolved_uri"])
    assert "models:/m/2" == served(made["service_url"])[0]
    assert (0, "RUNNING") == (
        (answer := document(capsys, "get-serve-status", *CHURN))[0],
        answer[1]["status"],
    )
    assert (0, "churn is no longer deployed in prod\n", "") == command(
        capsys, "undeploy-model", *CHURN
    )
    code, stopped = document(capsys, "get-serve-status", *CHURN)
    assert (1, "STOPPED") == (code, stopped["status"])


def test_people_see_the_progress_and_the_address(capsys):
    """And, of a second deployment, nothing of the first."""
    code, out, _ = command(capsys, "deploy-model", *CHURN, "--model-uri", "models:/m/1")
    assert 0 == code
    for words in ("Starting churn with models:/m/1", "The model answers", "churn in prod: RUNNING"):
        assert words in out
    code, out, _ = command(capsys, "list-deployments", "--serve-name", "churn")
    assert (0, 2) == (code, len(out.splitlines()))


def test_a_model_that_cannot_be_loaded_fails_the_command(capsys, mlflow):
    """With the end of its log."""
    mlflow.files[f"1/{RUNS['1']}/artifacts/crash/MLmodel"] = b"flavors: {python_function: {}}"
    uri = f"runs:/{RUNS['1']}/crash"
    code, _, err = command(capsys, "deploy-model", *CHURN, "--model-uri", uri)
    assert (1, True) == (code, "this model cannot be loaded" in err)
    code, out, _ = command(capsys, "get-serve-status", *CHURN)
    assert (1, True) == (code, "this model cannot be loaded" in out)


def test_a_model_that_takes_longer_goes_on_starting(capsys, mlflow):
    """The command says how to look again."""
    mlflow.files[f"1/{RUNS['1']}/artifacts/slow/MLmodel"] = b"flavors: {python_function: {}}"
    words = ["--model-uri", f"runs:/{RUNS['1']}/slow", "--timeout", "1"]
    code, _, err = command(capsys, "deploy-model", *CHURN, *words)
    assert (1, True) == (code, "penstock get-serve-status --serve-name churn" in err)
    code, out, _ = command(capsys, "deploy-model", *CHURN, *words[:2], "--no-wait")
    assert (0, True) == (code, "churn in prod: STARTING" in out)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--model-uri", "models:/m/9"], 1, "MLflow refuses it"),
        (["--model-uri", "/etc"], 1, "not a model of the server"),
        (["--model-uri", "models:/m/1", "--cores", "65"], 2, "64"),
        (["--model-uri", "models:/m/1", "--min-replicas", "2", "--max-replicas", "1"], 1, "exceed"),
        (["--model-uri", "models:/m/1", "--target", "kubernetes"], 2, "--output"),
        (["--model-uri", "models:/m/1", "--output", "x"], 2, "--target kubernetes"),
        (["--model-uri", "models:/m/1", "--image", "x"], 2, "--target kubernetes"),
        ([], 2, "--model-uri"),
    ],
)
def test_what_cannot_be_deployed_fails_with_the_reason(capsys, words, code, expected):
    """Nothing has started then."""
    answer, _, err = command(capsys, "deploy-model", *CHURN, *words)
    assert (code, True) == (answer, expected in err), err
    assert 1 == command(capsys, "get-serve-status", *CHURN)[0]
    assert 1 == command(capsys, "undeploy-model", *CHURN)[0]


def test_an_earlier_deployment_comes_back_by_command(capsys):
    """The version that it was."""
    first = document(capsys, "deploy-model", *CHURN, "--model-uri", "models:/m/1")[1]
    document(capsys, "deploy-model", *CHURN, "--model-uri", "models:/m/2")
    which = ["--deployment-id", str(first["deployment_id"])]
    code, back = document(capsys, "rollback-model", *CHURN, *which)
    assert (0, "models:/m/1") == (code, served(back["service_url"])[0])


def test_manifests_are_written_for_the_version_that_is_meant(capsys, tmp_path):
    """With what the model needs, and nobody's login."""
    code, made = document(
        capsys,
        "deploy-model",
        *CHURN,
        "--model-uri",
        "models:/m@champion",
        "--target",
        "kubernetes",
        "--output",
        "out",
        "--gateway-url",
        "http://penstock.mlops:8000",
    )
    assert (0, "models:/m/2") == (code, made["model_uri"])
    first = next(iter(yaml.safe_load_all((tmp_path / "out" / "service.yaml").read_text())))
    assert "prod" == first["metadata"]["namespace"]
    assert "models:/m/2" in first["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "pytest\n" == (tmp_path / "out" / "requirements.txt").read_text()
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert ADMIN_PASSWORD not in written


def test_manifests_do_not_hold_the_login_of_an_address(capsys, tmp_path, monkeypatch):
    """An address may hold one; what goes into files does not."""
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.delenv(name)
    login = f"http://{quote(ADMIN, safe='')}:{quote(ADMIN_PASSWORD, safe='')}@"
    address = os.environ["PENSTOCK_URL"].replace("http://", login)
    words = ["--target", "kubernetes", "--output", "out", "--uri", address]
    code, _, err = command(capsys, "deploy-model", *CHURN, "--model-uri", "models:/m/1", *words)
    assert (0, "") == (code, err)
    written = (tmp_path / "out" / "service.yaml").read_text()
    assert os.environ["PENSTOCK_URL"] in written
    assert "@127.0.0.1" not in written
