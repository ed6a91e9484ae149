"""Deployments over the gateway, with a small program in the place of `penstock serve`."""

import json
from collections.abc import Iterator
from urllib.error import URLError

import pytest

from gateway.deployment_calls import Deploys, served
from gateway.grants import caller, granting_gateway, restore_grants
from gateway.running import Gateway
from gateway.tiny_models import RUNS, TinyModels, root_of, tiny_models
from penstock.gateway.db.deployments import Status
from servers import free_port, wait_until
from tiny_service import tiny_command


def settings() -> dict[str, object]:
    port = free_port()
    ports = f"{port}-{min(port + 30, 65_535)}"
    return {"command": tiny_command, "deployers": "users", "deploy_ports": ports}


@pytest.fixture(scope="module")
def _running(tmp_path_factory) -> Iterator[tuple[Gateway, TinyModels]]:
    mlflow = TinyModels()
    folder = tmp_path_factory.mktemp("deployments")
    with (
        tiny_models(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="m", **settings()) as gateway,
    ):
        yield gateway, mlflow


@pytest.fixture
def granting(_running) -> Gateway:
    return _running[0]


@pytest.fixture(autouse=True)
def mlflow(_running) -> TinyModels:
    gateway, mlflow = _running
    restore_grants(gateway, experiment="1", model="m")
    mlflow.reset()
    with gateway.app.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM deployments")
    services = gateway.app.parts.deployments.desk.services
    for service in services.list_services():
        services.stop(service)
    return mlflow


@pytest.fixture
def deploys(granting) -> Deploys:
    """The calls of one who may read the model."""
    return Deploys(caller(granting, "READ"))


@pytest.fixture
def other(granting) -> Deploys:
    """The calls of another one who may read the model."""
    return Deploys(caller(granting, "EDIT"))


def services(gateway: Gateway) -> list[str]:
    return gateway.app.parts.deployments.desk.services.list_services()


def test_a_deployed_model_answers_at_its_address(deploys):
    """The answer comes at once, with the address; the status tells when the model is loaded."""
    status, document = deploys.deploy(cores=2, memory=4, min_replicas=1, max_replicas=3)
    assert (200, "SUCCESS") == (status, document["status"])
    assert document["service_url"] == document["data"]["service_url"]
    running = deploys.wait_for("RUNNING")
    assert document["service_url"] == running["service_url"] == running["active"]["service_url"]
    assert "models:/m/1" == served(running["service_url"])[0]
    expected = {"cores": 2, "memory": 4, "min_replicas": 1, "max_replicas": 3, "target": "local"}
    assert expected == {name: running[name] for name in expected}
    assert ("read@example.org", "read@example.org") == (running["owner"], running["created_by"])


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("models:/m@champion", "models:/m/2"),
        ("models:/m/Production", "models:/m/3"),
        (f"runs:/{RUNS['1']}/model", f"runs:/{RUNS['1']}/model"),
        (f"mlflow-artifacts:/{root_of('3')}", f"mlflow-artifacts:/{root_of('3')}"),
    ],
)
def test_every_form_of_uri_is_understood(deploys, uri, meant):
    """What may move is bound to what it means now; the history keeps both."""
    running = deploys.deployed(uri)
    assert (uri, meant) == (running["model_uri"], running["resolved_uri"])
    assert meant == served(running["service_url"])[0]


@pytest.mark.parametrize(
    ("uri", "status", "words"),
    [
        ("models:/m/9", 404, "MLflow refuses it"),
        ("models:/m@nobody", 404, "MLflow refuses it"),
        ("models:/unknown/1", 404, "unknown"),
        ("models:/", 400, "model_uri"),
        ("/etc/passwd", 400, "not a model of the server"),
        ("s3://bucket/model", 400, "not a model of the server"),
        ("mlflow-artifacts://elsewhere/1/a", 400, "leave the server's address out"),
        (f"runs:/{'d' * 32}/model", 404, "not found"),
        (f"runs:/{RUNS['1']}/nothing", 404, "no files"),
    ],
)
def test_what_is_no_model_is_not_deployed(deploys, granting, uri, status, words):
    """The answer says why; nothing has started, nothing is in the history."""
    answer, document = deploys.deploy(uri)
    assert status == answer, document
    assert words in document["detail"]
    assert [] == services(granting)
    assert 404 == deploys.status()[0]


def test_a_folder_without_a_model_is_not_deployed(deploys, mlflow, granting):
    """`MLmodel` is read before anything starts."""
    del mlflow.files[f"{root_of('1')}/MLmodel"]
    status, document = deploys.deploy()
    assert 400 == status
    assert "no readable MLmodel" in document["detail"]
    assert [] == services(granting)


def test_what_is_not_installed_is_listed(deploys, mlflow, granting):
    """Every shortfall at once, before anything starts; and it can be overruled."""
    mlflow.put("1", "requirements.txt", "pytest\nno-such-package==1.0\npytest==0.1\n")
    status, document = deploys.deploy()
    assert 400 == status
    assert "no-such-package==1.0 (is not installed)" in document["detail"]
    assert "pytest==0.1 (" in document["detail"]
    assert [] == services(granting)
    assert "models:/m/1" == deploys.deployed(ignore_requirements=True)["resolved_uri"]


def test_ray_is_asked_for_before_anything_starts(deploys, granting, monkeypatch):
    """A target whose library is missing is refused, with what to install."""
    monkeypatch.setattr("penstock.deployments.targets.ray_cluster.find_spec", lambda _name: None)
    status, document = deploys.deploy(target="ray")
    assert 400 == status
    assert "penstock[ray]" in document["detail"]
    assert [] == services(granting)


@pytest.mark.parametrize("name", ["RAY_ADDRESS", "PENSTOCK_SERVE_RAY_ADDRESS"])
@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://head:10001", "head", "head:99999"])
def test_a_ray_cluster_that_is_not_there_is_refused(deploys, granting, monkeypatch, name, address):
    """Before anything starts, with the name of the setting."""
    monkeypatch.setattr("penstock.deployments.targets.ray_cluster.find_spec", lambda _name: True)
    told = granting.app.parts.deployments.desk.services._environment
    monkeypatch.delitem(told, "PENSTOCK_SERVE_RAY_ADDRESS", raising=False)
    monkeypatch.setitem(told, name, address.format(port=free_port()))
    status, document = deploys.deploy(target="ray")
    assert 400 == status
    assert name in document["detail"]
    assert [] == services(granting)
    assert 404 == deploys.status()[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("serve_name", "Churn"),
        ("serve_name", "1churn"),
        ("serve_name", "churn-"),
        ("serve_name", "c" * 64),
        ("serve_name", "churn\n"),
        ("serve_name", "../churn"),
        ("env", "prod/eu"),
        ("env", ""),
        ("cores", 0),
        ("cores", 65),
        ("cores", 1.5),
        ("cores", True),
        ("memory", 0),
        ("memory", 513),
        ("node_capacity", "cheap"),
        ("min_replicas", 0),
        ("max_replicas", 101),
        ("target", "kubernetes"),
        ("model_uri", "models:/m/1\x00"),
        ("unknown", 1),
    ],
)
def test_a_value_out_of_bounds_is_refused(deploys, mlflow, field, value):
    """With the name of the field; nothing is asked of MLflow."""
    status, document = (
        deploys.deploy(**{"uri": "models:/m/1", field: value})
        if (field not in {"serve_name", "env", "model_uri"})
        else deploys.call(
            "POST",
            "deploy-model",
            {"serve_name": "churn", "env": "prod", "model_uri": "models:/m/1", field: value},
        )
    )
    assert 422 == status, document
    assert field in document["detail"]
    assert not [path for path in mlflow.calls if "model" in path]


def test_fewer_replicas_at_most_than_at_least_are_refused(deploys):
    """Each is within its bounds, but not both together."""
    status, document = deploys.deploy(min_replicas=3, max_replicas=2)
    assert (400, True) == (status, "min_replicas (3)" in document["detail"])


def test_a_new_deployment_takes_over_when_it_is_ready(deploys):
    """Until then the one before answers; after that it ends."""
    first = deploys.deployed("models:/m/1")
    second = deploys.deployed("models:/m/2")
    assert first["service_url"] != second["service_url"]
    assert "models:/m/2" == served(second["service_url"])[0]
    wait_until(lambda: _is_gone(first["service_url"]), what="the end of the first")
    statuses = [one["status"] for one in deploys.history()["data"]]
    assert ["RUNNING", "REPLACED"] == statuses


def _is_gone(url: str) -> bool:
    try:
        served(url)
    except (URLError, ConnectionError):
        return True
    return False


def test_a_deployment_that_fails_leaves_the_one_before(deploys, mlflow):
    """Its last words are the reason."""
    first = deploys.deployed("models:/m/1")
    mlflow.files[f"1/{RUNS['1']}/artifacts/crash/MLmodel"] = b"flavors: {python_function: {}}"
    assert 200 == deploys.deploy(f"runs:/{RUNS['1']}/crash")[0]
    failed = deploys.wait_for("FAILED")
    assert "this model cannot be loaded" in failed["reason"]
    assert first["deployment_id"] == failed["active"]["deployment_id"]
    assert "models:/m/1" == served(first["service_url"])[0]


def test_what_is_undeployed_ends(deploys, granting):
    """At once; and there is nothing to undeploy any more."""
    running = deploys.deployed()
    assert 200 == deploys.undeploy()[0]
    assert _is_gone(running["service_url"])
    assert [] == services(granting)
    stopped = deploys.status()[1]["data"]
    assert ("STOPPED", None) == (stopped["status"], stopped["active"])
    assert stopped["ended_at"] >= stopped["created_at"]
    assert 404 == deploys.undeploy()[0]


def test_a_rollback_deploys_the_very_version_again(deploys, mlflow):
    """Also when the alias that was deployed has moved on meanwhile."""
    first = deploys.deployed("models:/m@champion")
    mlflow.champion = "3"
    deploys.deployed("models:/m@champion")
    status, document = deploys.roll_back(first["deployment_id"])
    assert 200 == status, document
    running = deploys.wait_for("RUNNING")
    assert "models:/m/2" == served(running["service_url"])[0]
    assert first["deployment_id"] == running["restores"]


def test_environments_are_apart(deploys):
    """The same name in another environment is another service, with its own rollbacks."""
    prod = deploys.deployed("models:/m/1")
    staging = Deploys(deploys.caller, env="staging")
    assert 404 == staging.roll_back(prod["deployment_id"])[0]
    staging.deployed("models:/m/2")
    assert 200 == staging.undeploy()[0]
    assert "models:/m/1" == served(prod["service_url"])[0]
    assert 2 == deploys.history()["total"]


def test_the_history_comes_in_pages(deploys):
    """The newest first, by status where one is asked for."""
    ids = [deploys.deployed(f"models:/m/{version}")["deployment_id"] for version in "123"]
    page = deploys.history("?page=2&limit=1")
    assert ([ids[1]], 3, 2, 1) == (
        [one["deployment_id"] for one in page["data"]],
        page["total"],
        page["page"],
        page["limit"],
    )
    wait_until(lambda: deploys.history("?status=REPLACED")["total"] == 2, what="two replaced")
    assert [ids[2]] == [one["deployment_id"] for one in deploys.history("?status=RUNNING")["data"]]
    for wrong in ("?status=GONE", "?page=0", "?limit=101", "?since=1"):
        assert 400 == deploys.call("GET", f"churn/deployments{wrong}")[0]


def test_who_may_not_read_the_model_deploys_nothing(granting):
    """It is as if there were no such model; by its run and by its files just as well."""
    stranger = Deploys(caller(granting, "NONE"))
    for uri in ("models:/m/1", f"runs:/{RUNS['1']}/model", f"mlflow-artifacts:/{root_of('1')}"):
        assert 404 == stranger.deploy(uri)[0]
    assert [] == services(granting)


def test_who_may_not_read_the_model_any_more_rolls_nothing_back(granting, deploys):
    """A rollback is a deployment, and takes what one takes."""
    first = deploys.deployed()
    with granting.app.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM grants")
    granting.app.parts.watch.changed()
    assert 404 == deploys.roll_back(first["deployment_id"])[0]
    assert 200 == deploys.undeploy()[0]


def test_a_name_belongs_to_who_deployed_first(deploys, other):
    """To others it is taken, and nothing more is told of it."""
    first = deploys.deployed()
    status, document = other.deploy()
    assert (409, True) == (status, "choose another" in document["detail"])
    for answer in (
        other.status(),
        other.undeploy(),
        other.roll_back(first["deployment_id"]),
        other.call("GET", "churn/deployments"),
    ):
        assert 404 == answer[0]
        assert "read@example.org" not in json.dumps(answer[1])
    assert "RUNNING" == deploys.status()[1]["data"]["status"]


def test_a_name_stays_its_owners_when_an_administrator_deploys(granting, deploys, other):
    """Administrators manage what others deploy, and take nothing away."""
    deploys.deployed()
    administrator = Deploys(granting.admin)
    running = administrator.deployed("models:/m/2")
    assert ("read@example.org", "admin@localhost") == (running["owner"], running["created_by"])
    assert 200 == deploys.undeploy()[0]
    assert 409 == other.deploy()[0]


def test_the_name_of_a_deleted_account_is_for_administrators(granting, other):
    """Whoever gets the account's name later has not what was deployed before."""
    granting.accounts.add("gone@example.org", password="a long and common secret")
    (user,) = [one for one in granting.accounts.list_users() if one.email == "gone@example.org"]
    deploys = Deploys(granting.admin, name="orphan")
    deploys.deployed()
    with granting.app.parts.database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE deployments SET owner = 'gone@example.org', owner_id = {user.id}"  # noqa: S608 - a number
        )
    granting.accounts.delete("gone@example.org")
    assert "gone@example.org" == deploys.status()[1]["data"]["owner"]
    assert 409 == Deploys(other.caller, name="orphan").deploy()[0]
    assert 200 == deploys.undeploy()[0]


def test_nobody_deploys_without_a_login(granting):
    """Not even a status is told."""
    anonymous = Deploys(granting.anonymous)
    for answer in (anonymous.deploy(), anonymous.undeploy(), anonymous.status()):
        assert 401 == answer[0]


def test_what_was_done_and_refused_is_in_the_audit(granting, deploys, other):
    """Who, what, which model; without a login's secret."""
    deploys.deployed()
    other.deploy()
    deploys.undeploy()

    def records() -> list[dict]:
        answer = granting.admin.call("GET", "/v1/audit?action=POST%20/api/v1/serve/deploy-model")
        return json.loads(answer.body)["data"]

    found = wait_until(
        lambda: [one for one in records() if one["result"] in {"200", "409"}][:2], what="records"
    )
    assert {("read@example.org", "200"), ("edit@example.org", "409")} == {
        (one["actor"], one["result"]) for one in found
    }
    assert {"/api/v1/serve/deploy-model churn"} == {one["target"] for one in found}
    assert "models:/m/1" == found[0]["detail"]["model_uri"]


def test_by_default_only_administrators_deploy(tmp_path):
    """A model is a program: it runs as the gateway's own user."""
    mlflow = TinyModels()
    chosen = settings()
    del chosen["deployers"]
    with (
        tiny_models(mlflow) as address,
        granting_gateway(tmp_path, address.url, experiment="1", model="m", **chosen) as gateway,
    ):
        status, document = Deploys(caller(gateway, "MANAGE")).deploy()
        assert (403, True) == (status, "PENSTOCK_DEPLOYERS=users" in document["detail"])
        assert "RUNNING" == Deploys(gateway.admin).deployed()["status"]


def test_services_come_back_with_the_gateway(tmp_path):
    """At the same address; one that was undeployed does not, nor one that nobody has written."""
    mlflow, chosen = TinyModels(), settings()
    with tiny_models(mlflow) as address:
        with granting_gateway(
            tmp_path, address.url, experiment="1", model="m", **chosen
        ) as gateway:
            deploys = Deploys(caller(gateway, "READ"))
            url = deploys.deployed()["service_url"]
            Deploys(deploys.caller, name="gone").deployed()
            Deploys(deploys.caller, name="gone").undeploy()
        assert _is_gone(url)
        with granting_gateway(
            tmp_path, address.url, experiment="1", model="m", **chosen
        ) as gateway:
            deploys = Deploys(caller(gateway, "READ"))
            assert url == deploys.wait_for("RUNNING")["service_url"]
            assert "models:/m/1" == served(url)[0]
            assert 1 == len(services(gateway))


def test_a_gateway_that_ended_before_the_start_says_so(granting, deploys):
    """A row that no service belongs to is no deployment that starts for ever."""
    deploys.deployed()
    desk = granting.app.parts.deployments.desk
    (service,) = services(granting)
    desk.services.stop(service)
    wait_until(lambda: deploys.status()[1]["data"]["status"] == "FAILED", what="its end")
    assert "deploy the model again" in deploys.status()[1]["data"]["reason"]


def test_every_status_is_one_of_the_table(deploys):
    """What is written down is what can be asked for."""
    deploys.deployed()
    for status in Status:
        assert 200 == deploys.call("GET", f"churn/deployments?status={status}")[0]
