"""Groups and grants over `/v1`, and what they change at once."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from gateway.grants import PASSWORD, caller, granting_gateway, restore_grants
from gateway.running import Gateway, running_gateway
from gateway.tiny_mlflow import CALLER, GRANTED, SECRET, TinyMlflow, tiny_mlflow
from gateway.wire import Caller, basic
from servers import wait_until

JSON = {"content-type": "application/json", "user-agent": CALLER}
ANN = "none@example.org"
V2 = "/api/2.0/mlflow"


@pytest.fixture(scope="module")
def mlflow() -> TinyMlflow:
    return TinyMlflow()


@pytest.fixture(scope="module")
def granting(mlflow: TinyMlflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("grants")
    with (
        tiny_mlflow(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="model-1") as gateway,
    ):
        yield gateway


@pytest.fixture
def gate(granting: Gateway, mlflow: TinyMlflow) -> Gateway:
    """The gateway with its first grants, and no groups."""
    restore_grants(granting, experiment="1", model="model-1")
    for group in data(granting.admin, "GET", "/v1/groups"):
        call(granting.admin, "DELETE", f"/v1/group/{quote(group['name'], safe='')}")
    mlflow.reset()
    return granting


def call(who: Caller, method: str, path: str, document: object = None) -> tuple[int, Any]:
    """Return status and JSON of a call."""
    body = None if document is None else json.dumps(document).encode()
    answer = who.call(method, path, body, headers=JSON)
    return answer.status, json.loads(answer.body)


def data(who: Caller, method: str, path: str, document: object = None) -> Any:
    status, answer = call(who, method, path, document)
    assert 200 == status, answer
    return answer.get("data")


def grant(who: Caller, subject: str, kind: str, pattern: str, level: str) -> tuple[int, Any]:
    body = {"subject": subject, "kind": kind, "pattern": pattern, "level": level}
    return call(who, "POST", "/v1/grant", body)


def reads(who: Caller, ids: dict[str, str]) -> int:
    """Return the status of reading a run of an experiment."""
    return who.call("GET", f"{V2}/runs/get?run_id={ids['run']}", headers=JSON).status


def user(gate: Gateway, email: str = ANN) -> Caller:
    return Caller(gate.address, authorization=basic(email, PASSWORD))


@pytest.mark.parametrize("pattern", ["experiment-2", "experiment-*", "*", "id:2"])
def test_a_grant_opens_and_its_end_closes_at_once(gate, pattern):
    """By name, prefix, everything, or id."""
    assert 404 == reads(user(gate), SECRET)
    grant_id = data_of(grant(gate.admin, f"user:{ANN}", "experiment", pattern, "READ"))["id"]
    assert 200 == reads(user(gate), SECRET)
    data(gate.admin, "DELETE", f"/v1/grant/{grant_id}")
    assert 404 == reads(user(gate), SECRET)


def data_of(answer: tuple[int, Any]) -> Any:
    status, document = answer
    assert 200 == status, document
    return document["data"]


def test_a_group_s_grants_are_its_members(gate):
    """From when they join until they leave, or the group goes."""
    data(gate.admin, "POST", "/v1/group", {"name": "Release"})
    data_of(grant(gate.admin, "group:release", "experiment", "experiment-2", "READ"))
    assert 404 == reads(user(gate), SECRET)
    data(gate.admin, "PUT", f"/v1/group/release/member/{ANN}")
    assert [{"name": "Release", "members": [ANN]}] == data(gate.admin, "GET", "/v1/groups")
    assert 200 == reads(user(gate), SECRET)
    data(gate.admin, "DELETE", f"/v1/group/Release/member/{ANN}")
    assert 404 == reads(user(gate), SECRET)
    data(gate.admin, "PUT", f"/v1/group/release/member/{ANN}")
    data(gate.admin, "DELETE", "/v1/group/release")
    assert 404 == reads(user(gate), SECRET)
    assert [] == data(gate.admin, "GET", "/v1/grants?pattern=experiment-2")


def test_a_more_specific_none_denies(gate):
    """Below a prefix that allows, and against a group's equal grant."""
    data_of(grant(gate.admin, f"user:{ANN}", "experiment", "*", "MANAGE"))
    data_of(grant(gate.admin, f"user:{ANN}", "experiment", "experiment-2", "NONE"))
    assert (200, 404) == (reads(user(gate), GRANTED), reads(user(gate), SECRET))
    data(gate.admin, "POST", "/v1/group", {"name": "g"})
    data(gate.admin, "PUT", f"/v1/group/g/member/{ANN}")
    data_of(grant(gate.admin, "group:g", "experiment", "experiment-2", "MANAGE"))
    assert 404 == reads(user(gate), SECRET)


def test_who_manages_a_resource_grants_on_it_and_nowhere_else(gate):
    """Neither on another one nor on a prefix; who may only edit grants nothing."""
    manager, editor = caller(gate, "MANAGE"), caller(gate, "EDIT")
    assert 200 == grant(manager, f"user:{ANN}", "experiment", "experiment-1", "READ")[0]
    assert 200 == reads(user(gate), GRANTED)
    for who, pattern in (
        (manager, "experiment-2"),
        (manager, "experiment-*"),
        (manager, "*"),
        (manager, "id:2"),
        (manager, "no-such"),
        (editor, "experiment-1"),
        (user(gate), "experiment-1"),
    ):
        assert 403 == grant(who, f"user:{ANN}", "experiment", pattern, "MANAGE")[0]


def test_grants_are_shown_to_who_manages_the_resource(gate):
    """All to administrators; nothing, and no id, to others."""
    data_of(grant(gate.admin, f"user:{ANN}", "experiment", "experiment-2", "READ"))
    patterns = {one["pattern"] for one in data(caller(gate, "MANAGE"), "GET", "/v1/grants")}
    assert {"id:1", "model-1"} == patterns
    assert [] == data(caller(gate, "EDIT"), "GET", "/v1/grants")
    (hidden,) = data(gate.admin, "GET", "/v1/grants?pattern=experiment-2")
    assert 404 == call(caller(gate, "MANAGE"), "DELETE", f"/v1/grant/{hidden['id']}")[0]
    assert 404 == call(gate.admin, "DELETE", "/v1/grant/999999")[0]
    assert "2" == hidden["resource_id"]


def test_access_tells_who_may_do_what_on_a_resource(gate):
    """With the grants that say so; to who manages it alone."""
    found = data(caller(gate, "MANAGE"), "GET", "/v1/access?kind=experiment&name=experiment-1")
    assert {("user:read@example.org", "READ"), ("user:manage@example.org", "MANAGE")} <= {
        (one["subject"], one["level"]) for one in found["grants"]
    }
    path = "/v1/access?kind=experiment&name=experiment-"
    assert 404 == call(caller(gate, "EDIT"), "GET", f"{path}1")[0]
    assert 404 == call(caller(gate, "MANAGE"), "GET", f"{path}2")[0]
    assert 404 == call(gate.admin, "GET", f"{path}3")[0]


def test_explain_says_yes_or_no_and_by_which_grant(gate):
    """Without changing anything; names that are not there yet are judged as they are."""
    data_of(grant(gate.admin, f"user:{ANN}", "registered_model", "team-a.*", "EDIT"))
    path = f"/v1/grant/explain?email={ANN}&kind=registered_model&name=team-a.churn&level="
    yes, no = (data(gate.admin, "GET", path + level) for level in ("EDIT", "MANAGE"))
    assert (True, False, "EDIT") == (yes["allowed"], no["allowed"], no["level"])
    assert ["team-a.*"] == [one["pattern"] for one in yes["grants"]]
    assert 403 == call(user(gate), "GET", path + "READ")[0]


WRONG_GRANTS = {
    "no kind": {"kind": "run"},
    "no level": {"level": "OWN"},
    "a level in lower case": {"level": "read"},
    "no subject": {"subject": "ann"},
    "a subject of another kind": {"subject": "role:x"},
    "an empty pattern": {"pattern": ""},
    "a star inside": {"pattern": "a*b"},
    "a line feed": {"pattern": "a\nb"},
    "an id that is none": {"pattern": "id:01"},
    "an id in words": {"pattern": "id:one"},
    "a long pattern": {"pattern": "x" * 600},
}


@pytest.mark.parametrize("change", WRONG_GRANTS.values(), ids=WRONG_GRANTS)
def test_a_wrong_grant_is_refused(gate, change):
    """With 400 and the rule, and nothing is stored."""
    before = data(gate.admin, "GET", "/v1/grants")
    good = {"subject": f"user:{ANN}", "kind": "experiment", "pattern": "x", "level": "READ"}
    status, answer = call(gate.admin, "POST", "/v1/grant", good | change)
    assert (400, {"detail"}) == (status, set(answer))
    assert before == data(gate.admin, "GET", "/v1/grants")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/grant", {"subject": "user:nobody@x", "kind": "experiment"}, 422),
        ("POST", "/v1/group", {}, 422),
        ("POST", "/v1/group", {"name": ""}, 400),
        ("POST", "/v1/group", {"name": "a/b"}, 400),
        ("POST", "/v1/group", {"name": " a"}, 400),
        ("DELETE", "/v1/group/none", None, 404),
        ("PUT", f"/v1/group/none/member/{ANN}", None, 404),
        ("DELETE", "/v1/grant/x", None, 400),
        ("GET", "/v1/grants?subject=user:nobody@x", None, 404),
        ("GET", "/v1/grants?kind=x", None, 400),
        ("GET", "/v1/access?kind=experiment", None, 400),
    ],
)
def test_other_wrong_calls_are_refused(gate, method, path, body, status):
    """Each with its status, in the gateway's own shape."""
    found, answer = call(gate.admin, method, path, body)
    assert (status, {"detail"}) == (found, set(answer))


def test_unknown_subjects_and_taken_names(gate):
    """404 and 409."""
    assert 404 == grant(gate.admin, "user:nobody@example.org", "experiment", "x", "READ")[0]
    assert 404 == grant(gate.admin, "group:none", "experiment", "x", "READ")[0]
    data(gate.admin, "POST", "/v1/group", {"name": "Straße"})
    assert 409 == call(gate.admin, "POST", "/v1/group", {"name": "STRASSE"})[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/group"),
        ("GET", "/v1/groups"),
        ("DELETE", "/v1/group/g"),
        ("PUT", f"/v1/group/g/member/{ANN}"),
        ("DELETE", f"/v1/group/g/member/{ANN}"),
    ],
)
def test_groups_are_for_administrators(gate, method, path):
    """Also for who manages something."""
    assert 403 == call(caller(gate, "MANAGE"), method, path, {"name": "g"})[0]


def test_a_creator_manages_what_they_made(gate, mlflow):
    """And nobody else sees it; a grant that waited for the name is bound to it."""
    waiting = data_of(grant(gate.admin, "user:read@example.org", "experiment", "mine", "READ"))
    mlflow.answer = {"experiment_id": "77"}
    assert 200 == call(user(gate), "POST", f"{V2}/experiments/create", {"name": "mine"})[0]
    (made,) = data(gate.admin, "GET", f"/v1/grants?subject=user:{ANN}")
    assert ("mine", "77", "MANAGE") == (made["pattern"], made["resource_id"], made["level"])
    bound = data(gate.admin, "GET", "/v1/grants?subject=user:read@example.org&pattern=mine")
    assert [(waiting["id"], "77")] == [(one["id"], one["resource_id"]) for one in bound]


def test_an_exact_grant_does_not_pass_to_who_takes_the_name(gate, mlflow):
    """Neither of a model that was deleted, nor of one that was renamed; a prefix grant does."""
    data_of(grant(gate.admin, f"user:{ANN}", "registered_model", "model-1", "READ"))
    data_of(grant(gate.admin, f"user:{ANN}", "registered_model", "model-*", "EDIT"))
    mlflow.answer = {}
    body = {"name": "model-1", "new_name": "model-new"}
    assert 200 == call(gate.admin, "POST", f"{V2}/registered-models/rename", body)[0]
    patterns = {one["pattern"] for one in data(gate.admin, "GET", f"/v1/grants?subject=user:{ANN}")}
    assert {"model-new", "model-*"} == patterns
    body = {"name": "model-new"}
    assert 200 == call(gate.admin, "DELETE", f"{V2}/registered-models/delete", body)[0]
    patterns = {one["pattern"] for one in data(gate.admin, "GET", f"/v1/grants?subject=user:{ANN}")}
    assert {"model-*"} == patterns


def test_a_renamed_experiment_keeps_its_grants(gate, mlflow):
    """They follow its id and show its new name."""
    data_of(grant(gate.admin, f"user:{ANN}", "experiment", "experiment-2", "READ"))
    mlflow.answer = {}
    body = {"experiment_id": "2", "new_name": "other"}
    assert 200 == call(gate.admin, "POST", f"{V2}/experiments/update", body)[0]
    (kept,) = data(gate.admin, "GET", f"/v1/grants?subject=user:{ANN}")
    assert ("other", "2") == (kept["pattern"], kept["resource_id"])


@pytest.mark.parametrize(("level", "status"), [("NONE", 403), ("READ", 403), ("EDIT", 200)])
def test_nothing_is_made_below_a_name_that_is_for_reading(gate, mlflow, level, status):
    """Or somebody could put something of their own among what others rely on."""
    data_of(grant(gate.admin, f"user:{ANN}", "experiment", "prod-*", level))
    mlflow.answer = {"experiment_id": "78"}
    assert status == call(user(gate), "POST", f"{V2}/experiments/create", {"name": "prod-x"})[0]
    assert 200 == call(user(gate), "POST", f"{V2}/experiments/create", {"name": "test-x"})[0]


def test_a_change_holds_in_another_gateway_within_a_second(mlflow, tmp_path):
    """Two gateways on one database: a grant, a membership, and their ends."""
    with (
        tiny_mlflow(mlflow) as address,
        granting_gateway(tmp_path, address.url, experiment="1", model="model-1") as one,
        running_gateway(tmp_path, address.url) as other,
    ):
        assert 404 == reads(user(other), SECRET)
        grant_id = data_of(grant(one.admin, f"user:{ANN}", "experiment", "id:2", "READ"))["id"]
        wait_until(lambda: reads(user(other), SECRET) == 200, 1, what="the grant holds")
        data(one.admin, "DELETE", f"/v1/grant/{grant_id}")
        wait_until(lambda: reads(user(other), SECRET) == 404, 1, what="the grant has ended")
