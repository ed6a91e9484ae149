"""What an authorised call costs: statements of SQL, password hashes, questions to MLflow."""

import json
from collections.abc import Iterator

import pytest

from gateway.grants import PASSWORD, grant, granting_gateway
from gateway.running import Gateway
from gateway.statements import counted_statements
from gateway.tiny_mlflow import CALLER, GRANTED, TinyMlflow, tiny_mlflow
from gateway.wire import Caller, basic
from penstock.gateway.db.policy import Part
from penstock.gateway.permissions.level import Level

API = "/api/2.0/mlflow"
EMAIL = "edit@example.org"
HEADERS = {"user-agent": CALLER, "content-type": "application/json"}
ARTIFACT = f"/api/2.0/mlflow-artifacts/artifacts/{GRANTED['root']}/f"
CALLS = {
    "a run": ("GET", f"{API}/runs/get?run_id={GRANTED['run']}", None),
    "a model": ("GET", f"{API}/registered-models/get?name=model-1", None),
    "an artifact": ("GET", ARTIFACT, None),
    "a metric": ("POST", f"{API}/runs/log-metric", {"run_id": GRANTED["run"], "key": "k"}),
    "a search of experiments": ("POST", f"{API}/experiments/search", {"max_results": 5}),
    "a search of runs": ("POST", f"{API}/runs/search", {"experiment_ids": ["1"]}),
    "a search of models": ("GET", f"{API}/registered-models/search?max_results=5", None),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture(scope="module")
def mlflow() -> TinyMlflow:
    return TinyMlflow()


@pytest.fixture(scope="module")
def granting(mlflow: TinyMlflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("costs")
    with (
        tiny_mlflow(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="model-1") as gateway,
    ):
        for number in range(200):
            grant(gateway, EMAIL, "experiment", f"team-{number}/*", Level.READ)
        gateway.wait_for_a_look()
        yield gateway


@pytest.fixture
def by_password(granting: Gateway) -> Caller:
    return Caller(granting.address, authorization=basic(EMAIL, PASSWORD))


@pytest.fixture
def by_token(granting: Gateway, by_password: Caller) -> Caller:
    made = by_password.call("POST", "/v1/token", b'{"name": "t"}', headers=HEADERS)
    token = json.loads(made.body)["data"]["token"]
    return Caller(granting.address, authorization=f"Bearer {token}")


def make(caller: Caller, call: tuple[str, str, object]) -> None:
    method, target, document = call
    body = None if document is None else json.dumps(document).encode()
    assert 200 == caller.call(method, target, body, headers=HEADERS).status


def cost(gateway: Gateway, caller: Caller, call: tuple[str, str, object]) -> tuple[list[str], int]:
    """Make a call, and return its statements and password hashes."""
    gateway.passwords.reset()
    with counted_statements(gateway.app.parts.database.engine) as statements:
        make(caller, call)
    return statements, gateway.passwords.verifications


def forget(gateway: Gateway) -> None:
    """Let the gateway forget who has proven themselves, what they may do, and all names."""
    for part in Part:
        gateway.app.parts.watch.changed(part)


@each_call
def test_a_warm_call_costs_neither_sql_nor_a_hash(granting, by_password, by_token, call):
    """By password or token, also where the caller holds many grants."""
    for caller in (by_password, by_token):
        make(caller, call)
        for _ in range(3):
            assert ([], 0) == cost(granting, caller, call)


@each_call
def test_a_cold_call_costs_two_statements_and_a_hash(granting, by_password, call):
    """One for the account and one for the grants."""
    forget(granting)
    statements, hashes = cost(granting, by_password, call)
    assert (2, 1) == (len(statements), hashes), statements


@each_call
def test_a_cold_call_by_token_costs_two_statements(granting, by_token, call):
    """One for the token and its owner, and one for the grants; no password hash."""
    forget(granting)
    statements, hashes = cost(granting, by_token, call)
    assert (2, 0) == (len(statements), hashes), statements


def test_a_change_of_grants_costs_one_statement(granting, by_password):
    """Proofs of identity outlive it."""
    make(by_password, CALLS["a run"])
    granting.app.parts.watch.changed()
    statements, hashes = cost(granting, by_password, CALLS["a run"])
    assert (1, 0) == (len(statements), hashes), statements


def test_a_warm_call_asks_mlflow_nothing_of_its_own(mlflow, by_password):
    """The call itself is all that reaches MLflow."""
    make(by_password, CALLS["a run"])
    mlflow.reset()
    make(by_password, CALLS["a run"])
    assert 1 == len(mlflow.calls)
    assert [] == [one for one in mlflow.questions if "server-info" not in one]
