"""Names that rollouts alone write: nobody else does, by whatever route and in whatever spelling."""

import json
from collections.abc import Iterator

import pytest

from gateway.grants import caller, granting_gateway, restore_grants
from gateway.running import Gateway
from gateway.tiny_mlflow import CALLER, GRANTED, TinyMlflow, tiny_mlflow
from gateway.wire import Answer

RUN, MODEL = GRANTED["run"], GRANTED["model"]
V2 = "2.0/mlflow"
TAG = {"key": "penstock.status", "value": "Active"}
STATE = {"key": "active_state", "value": 2, "timestamp": 1, "step": 9}
VERSION = {"name": "model-1", "version": "1"}
SOURCE = {"name": "model-1", "source": f"runs:/{RUN}/model", "run_id": RUN}

CALLS = [
    ("POST", f"{V2}/runs/set-tag", {"run_id": RUN, **TAG}),
    ("POST", f"{V2}/runs/set-tag", {"run_uuid": RUN, **TAG}),
    ("POST", f"{V2}/runs/delete-tag", {"run_id": RUN, "key": TAG["key"]}),
    ("POST", f"{V2}/runs/create", {"experiment_id": "1", "tags": [{"key": "k"}, TAG]}),
    ("POST", f"{V2}/runs/log-batch", {"run_id": RUN, "tags": [{"key": "k"}, TAG]}),
    ("POST", f"{V2}/runs/log-batch", {"run_id": RUN, "metrics": [{"key": "m"}, STATE]}),
    ("POST", f"{V2}/runs/log-metric", {"run_id": RUN, **STATE}),
    ("POST", f"{V2}/runs/log-metric", {"run_id": RUN, **STATE, "model_id": MODEL}),
    ("POST", f"{V2}/runs/log-metric", {"run_id": RUN, **STATE, "key": "test_fraction"}),
    ("POST", f"{V2}/runs/log-inputs", {"run_id": RUN, "datasets": [{"tags": [TAG]}]}),
    ("POST", f"{V2}/experiments/create", {"name": "new", "tags": [TAG]}),
    ("POST", f"{V2}/experiments/set-experiment-tag", {"experiment_id": "1", **TAG}),
    ("POST", f"{V2}/experiments/set-experiment-tag", {"experimentId": "1", **TAG}),
    ("POST", f"{V2}/experiments/delete-experiment-tag", {"experiment_id": "1", **TAG}),
    ("POST", f"{V2}/registered-models/create", {"name": "new", "tags": [TAG]}),
    ("POST", f"{V2}/registered-models/set-tag", {"name": "model-1", **TAG}),
    ("DELETE", f"{V2}/registered-models/delete-tag", {"name": "model-1", **TAG}),
    ("POST", f"{V2}/model-versions/create", {**SOURCE, "tags": [TAG]}),
    ("POST", f"{V2}/model-versions/set-tag", {**VERSION, **TAG}),
    ("DELETE", f"{V2}/model-versions/delete-tag", {**VERSION, **TAG}),
    ("POST", f"{V2}/logged-models", {"experiment_id": "1", "tags": [TAG]}),
    ("PATCH", f"{V2}/logged-models/{MODEL}/tags", {"tags": [TAG]}),
    ("DELETE", f"{V2}/logged-models/{MODEL}/tags/penstock.status", None),
    ("DELETE", f"{V2}/logged-models/{MODEL}/tags/%50enstock.status", None),
]
ROOTS = ["api", "ajax-api"]
TARGETS = [(method, f"/{root}/{path}", body) for root in ROOTS for method, path, body in CALLS]
OTHERS = [
    ("POST", f"/ajax-api/{V2}/runs/create-promptlab-run", {"experiment_id": "1", "tags": [TAG]}),
    ("POST", "/v1/experiment/1/run", {"tags": [TAG]}),
    ("POST", f"/v1/run/{RUN}/log-data", {"metrics": {"key": "active_state", "value": 2}}),
    ("POST", f"/v1/run/{RUN}/log-data", {"metrics": [{"key": "test_fraction", "value": 1}]}),
]


@pytest.fixture(scope="module")
def _running(tmp_path_factory) -> Iterator[tuple[Gateway, TinyMlflow]]:
    mlflow, folder = TinyMlflow(), tmp_path_factory.mktemp("protected")
    with (
        tiny_mlflow(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="model-1") as gateway,
    ):
        yield gateway, mlflow


@pytest.fixture
def mlflow(_running) -> TinyMlflow:
    gateway, mlflow = _running
    restore_grants(gateway, experiment="1", model="model-1")
    mlflow.reset()
    return mlflow


@pytest.fixture
def granting(_running) -> Gateway:
    return _running[0]


def ask(gateway: Gateway, held: str, method: str, target: str, body: object) -> Answer:
    content = None if body is None else json.dumps(body).encode()
    headers = {"user-agent": CALLER, "content-type": "application/json"}
    return caller(gateway, held).call(method, target, content, headers=headers)


def renamed(body: object, old: str, new: str) -> object:
    """Return a body in which a key is spelled in another way."""
    return json.loads(json.dumps(body).replace(json.dumps(old), json.dumps(new)))


@pytest.mark.parametrize("held", ["MANAGE", "ADMINISTRATOR"])
@pytest.mark.parametrize(("method", "target", "body"), [*TARGETS, *OTHERS])
def test_nobody_writes_what_rollouts_write(granting, mlflow, method, target, body, held):  # noqa: PLR0917 - fixtures
    """403 that says where to go, to administrators too; nothing of it reaches MLflow."""
    if "/v1/" in target:
        mlflow.answer = {
            "experiment": {"name": "e"},
            "run": {"info": {"experiment_id": "1"}, "data": {}},
        }
    answer = ask(granting, held, method, target, body)
    document = json.loads(answer.body)
    said = document.get("detail") or document["message"]
    assert (403, True) == (answer.status, "/v1/rollout" in said), answer
    assert [] == [call for call in mlflow.calls if call[0] != "GET"]


@pytest.mark.parametrize(("method", "target", "body"), TARGETS)
def test_other_names_pass(granting, mlflow, method, target, body):
    """The same calls with names that only look similar."""
    if "%50" in target:
        return
    target = target.replace("penstock.status", "penstocks.status")
    for old, new in (
        ("penstock.status", "penstocks.status"),
        ("active_state", "active_states"),
        ("test_fraction", "test/fraction"),
    ):
        body = renamed(body, old, new)
    assert 200 == ask(granting, "MANAGE", method, target, body).status
    assert 1 == len(mlflow.calls)


SPELLINGS = [
    "penstock.",
    "PENSTOCK.status",
    "Penstock.Status",
    "penstock.plan.0123",
    "penstock.anything/else",
    " penstock.status",
    "penstock.status ",
    "\tpenstock.status",
    "\uff50enstock.status",
    "p\u00e9nstock.status",
    "pe\u0301nstock.status",
    "pen\u017ftock.status",
    "penstock\uff0estatus",
]


@pytest.mark.parametrize("key", SPELLINGS)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "runs/set-tag", {"run_id": RUN}),
        ("POST", "runs/delete-tag", {"run_id": RUN}),
        ("POST", "experiments/set-experiment-tag", {"experiment_id": "1"}),
        ("DELETE", "model-versions/delete-tag", VERSION),
    ],
)
def test_no_spelling_of_a_tag_gets_through(granting, mlflow, method, path, body, key):  # noqa: PLR0917 - fixtures
    """Databases take some of them for one; none is worth a difference."""
    document = {**body, "key": key, "value": "v"}
    assert 403 == ask(granting, "MANAGE", method, f"/api/{V2}/{path}", document).status
    batch = {"run_id": RUN, "tags": [{"key": key, "value": "v"}]}
    assert 403 == ask(granting, "MANAGE", "POST", f"/api/{V2}/runs/log-batch", batch).status
    assert [] == mlflow.calls


@pytest.mark.parametrize(
    "key", ["Active_State", "TEST_FRACTION", "active_state ", "\uff41ctive_state"]
)
def test_no_spelling_of_a_metric_gets_through(granting, mlflow, key):
    """Alone or in a batch."""
    metric = {"key": key, "value": 1, "timestamp": 1, "step": 99}
    for path, body in (("log-metric", metric), ("log-batch", {"metrics": [metric]})):
        document = {"run_id": RUN, **body}
        assert 403 == ask(granting, "MANAGE", "POST", f"/api/{V2}/runs/{path}", document).status
    assert [] == mlflow.calls


def test_a_tag_that_is_spelled_twice_is_no_way_around(granting, mlflow):
    """What MLflow would read in two ways is refused before it is judged."""
    body = b'{"run_id": "%s", "key": "k", "key": "penstock.status", "value": "v"}' % RUN.encode()
    headers = {"user-agent": CALLER, "content-type": "application/json"}
    target = f"/api/{V2}/runs/set-tag"
    assert 400 == caller(granting, "MANAGE").call("POST", target, body, headers=headers).status
    hidden = {"run_id": RUN, "key": "k", "value": "v"}
    target += "?key=penstock.status"
    assert 200 == ask(granting, "MANAGE", "POST", target, hidden).status
    assert b"penstock" not in mlflow.calls[0][2]


def test_a_mutation_by_graphql_is_for_administrators(granting, mlflow):
    """MLflow has none that writes tags or metrics; an unknown one is refused to all others."""
    query = 'mutation { mlflowSetTag(input: {runId: "x"}) { apiError { code } } }'
    assert 403 == ask(granting, "MANAGE", "POST", "/graphql", {"query": query}).status
    assert [] == mlflow.calls


def test_the_tags_can_be_read(granting):
    """Protected is who writes them."""
    search = {"experiment_ids": ["1"], "filter": "tags.`penstock.status` = 'Active'"}
    assert 200 == ask(granting, "READ", "POST", f"/api/{V2}/runs/search", search).status
