"""Who may call what, against a real MLflow: its own ids, and its own answers."""

import json
import os
import re
import uuid
from collections.abc import Iterator

import pytest

from contract.access.things import Mlflow, make_things
from gateway.grants import caller, granting_gateway, restore_grants
from gateway.matrix import LEVELS, Line, expected, lines
from gateway.running import Gateway
from gateway.wire import Answer
from penstock.gateway.proxy.routes import route_table

TABLE = route_table()
IDS = dict.fromkeys(
    ("root", "model", "trace", "dataset", "issue", "schema", "queue", "registered"), "x"
)
LINES = [
    line for line in lines() if TABLE.find(line.method, line.filled(IDS).target.partition("?")[0])
]
# A scorer without a configuration hides nothing; MLflow has none to show of it.
GUARDED = [one for one in LINES if one.level in LEVELS and "online-configs" not in one.target]


@pytest.fixture(scope="session")
def mlflow_url(request: pytest.FixtureRequest) -> str:
    """The server that PENSTOCK_TEST_MLFLOW_URL names, else the one of the shared stack."""
    named = os.environ.get("PENSTOCK_TEST_MLFLOW_URL")
    return named or request.getfixturevalue("stack").mlflow_url


@pytest.fixture(scope="module")
def mlflow(mlflow_url: str) -> Mlflow:
    return Mlflow(mlflow_url)


@pytest.fixture(scope="module")
def mine(mlflow: Mlflow) -> dict[str, str]:
    return make_things(mlflow)


@pytest.fixture(scope="module")
def theirs(mlflow: Mlflow) -> dict[str, str]:
    return make_things(mlflow)


@pytest.fixture(scope="module")
def granting(
    mlflow_url: str, mine: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("granting")
    names = {"experiment": mine["experiment"], "model": mine["registered"]}
    with granting_gateway(folder, mlflow_url, **names) as gateway:
        yield gateway


def call(gateway: Gateway, held: str | None, line: Line, ids: dict[str, str]) -> Answer:
    """Make one call about some things as the user of a level."""
    filled = line.filled(ids)
    body = None if filled.body is None else filled.body.encode()
    return caller(gateway, held).call(
        filled.method, filled.target, body, headers=filled.headers(ids)
    )


def is_refused(answer: Answer) -> bool:
    """Return whether the gateway itself has refused a call; it lets nobody store that."""
    return answer.status >= 400 and answer.all("cache-control") == ["no-store"]


def test_what_is_not_granted_is_refused(granting, mine):
    """Every call, at both roots, by every kind of caller whose level is too low."""
    wrong = {}
    for line in GUARDED:
        for held in (None, "NONE", "READ", "EDIT"):
            status = expected(line.level, held)
            if status:
                answer = call(granting, held, line, mine)
                if not is_refused(answer) or answer.status != status:
                    wrong[str(line), held] = answer
    assert {} == wrong


def test_another_s_things_do_not_exist(granting, theirs):
    """Whoever has all grants on one experiment sees nothing of another."""
    wrong = {}
    for line in GUARDED:
        answer = call(granting, "MANAGE", line, theirs)
        if not is_refused(answer) or answer.status != 404:
            wrong[str(line)] = answer
    assert {} == wrong


def test_what_is_granted_to_read_answers_as_mlflow_does(granting, mine):
    """A reader gets through the gateway what an administrator gets."""
    wrong = {}
    for line in GUARDED:
        if line.level == "READ":
            mine_, all_ = (call(granting, held, line, mine) for held in ("READ", "ADMINISTRATOR"))
            if is_refused(mine_) or (mine_.status, mine_.body) != (all_.status, all_.body):
                wrong[str(line)] = (mine_, all_)
    assert {} == wrong


# The store of the tests is a folder, without parts and presigned addresses; the others need more
# than is worth making here.
NOT_SUCCEEDING = (
    "mpu/|presigned|create-promptlab-run|log-model|assessments/none|items/set-status|delete-tag"
    "|delete-experiment-tag|DELETE .*/tags|scorers/"
)


def test_what_is_granted_to_change_changes(granting, mlflow):
    """Each write passes, and MLflow carries it out, about things of its own."""
    refused, failed = {}, {}
    for line in GUARDED:
        if line.level == "EDIT" and not line.target.startswith("/ajax-api/3.0"):
            things = make_things(mlflow)
            restore_grants(granting, experiment=things["experiment"], model=things["registered"])
            answer = call(granting, "EDIT", line, things)
            if is_refused(answer):
                refused[str(line)] = answer
            elif answer.status != 200 and not re.search(NOT_SUCCEEDING, str(line)):
                failed[str(line)] = (answer.status, answer.body[:150])
    assert {} == refused
    assert {} == failed


def test_what_is_granted_to_manage_is_let_through(granting, mlflow):
    """Each deletion, restoring and renaming, about things of its own."""
    refused = {}
    for line in GUARDED:
        if line.level == "MANAGE":
            things = make_things(mlflow)
            restore_grants(granting, experiment=things["experiment"], model=things["registered"])
            answer = call(granting, "MANAGE", line, things)
            if is_refused(answer) or answer.status >= 500:
                refused[str(line)] = answer
    assert {} == refused


def test_who_makes_something_manages_it(granting):
    """An experiment and a registered model of one's own need no grant."""
    for line in LINES:
        if line.level == "CREATE":
            ids = {"new": f"own-{abs(hash(str(line)))}"}
            assert 200 == call(granting, "NONE", line, ids).status
            get = "experiments/get-by-name?experiment_name" if "experiments" in str(line) else None
            target = f"/api/2.0/mlflow/{get or 'registered-models/get?name'}={ids['new']}"
            found = {
                held: caller(granting, held).call("GET", target).status for held in ("NONE", "EDIT")
            }
            assert {"NONE": 200, "EDIT": 404} == found


@pytest.mark.parametrize(
    ("named", "target"),
    [
        ("experiment", "/api/2.0/mlflow/experiments/get?experiment_id=[id]"),
        ("experiment_name", "/api/2.0/mlflow/experiments/get-by-name?experiment_name=[id]"),
        ("run", "/api/2.0/mlflow/runs/get?run_id=[id]"),
        ("registered", "/api/2.0/mlflow/registered-models/get?name=[id]"),
        ("trace", "/api/3.0/mlflow/traces/[id]"),
        ("model", "/api/2.0/mlflow/logged-models/[id]"),
        ("dataset", "/api/3.0/mlflow/datasets/[id]"),
        ("issue", "/api/3.0/mlflow/issues/[id]"),
        ("schema", "/api/3.0/mlflow/label-schemas/get?schema_id=[id]"),
        ("queue", "/api/3.0/mlflow/review-queues/get?queue_id=[id]"),
    ],
)
def test_what_is_invisible_is_said_in_mlflow_s_words(granting, theirs, named, target):
    """A refusal for what there is reads as MLflow's own for what there is not."""
    nowhere = theirs[named].replace("a", "0")[:-1] + "77777"
    unknown = caller(granting, "ADMINISTRATOR").call("GET", target.replace("[id]", nowhere))
    secret = caller(granting, "MANAGE").call("GET", target.replace("[id]", theirs[named]))
    said = json.loads(unknown.body.decode().replace(nowhere, theirs[named]))
    assert (404, 404) == (unknown.status, secret.status)
    names = ("error_code", "message")
    assert {name: said[name] for name in names} == json.loads(secret.body)


@pytest.mark.parametrize("inside", ["shared", "{run}/artifacts/shared"])
def test_files_of_an_experiment_inside_another_s_folder_stay_its_own(
    granting, mlflow, mine, inside
):
    """A path belongs to the innermost root; beside roots it belongs to nobody."""
    folder = f"{mine['experiment']}/{inside.format(run=mine['run'])}"
    name = {
        "name": f"shared-{uuid.uuid4().hex}",
        "artifact_location": f"mlflow-artifacts:/{folder}",
    }
    experiment = mlflow.post("/api/2.0/mlflow/experiments/create", name)["experiment_id"]
    run = mlflow.post("/api/2.0/mlflow/runs/create", {"experiment_id": experiment})
    store = "/api/2.0/mlflow-artifacts/artifacts"
    target = f"{store}/{folder}/{run['run']['info']['run_id']}/artifacts/secret"
    mlflow.ask("PUT", target, b"content")
    restore_grants(granting, experiment=mine["experiment"], model=mine["registered"])
    assert 200 == caller(granting, "READ").call("GET", f"{store}/{mine['root']}/f").status
    for method, path in (("GET", target), ("DELETE", target), ("GET", f"{store}?path={folder}")):
        if path.startswith(f"{store}?") and "artifacts" in inside:
            continue  # the folder itself lies in a run of one's own, and shows no more than names
        assert 404 == caller(granting, "MANAGE").call(method, path).status, path
    restore_grants(granting, experiment=experiment, model=mine["registered"])
    assert b"content" == caller(granting, "READ").call("GET", target).body
