"""Runs and what is logged to them over `/v1`, against a real MLflow."""

import math
import uuid

import pytest

from contract.access.own_calls import ADMINISTRATOR, EDITOR, MANAGER, READER, STRANGER
from contract.access.things import make_things

V2 = "/api/2.0/mlflow"
FIELDS = {"run_name", "run_id", "experiment_id", "run_status", "start_time", "artifact_uri"}
GOOD = {"key": "good", "value": 1}


@pytest.fixture
def runs(things) -> str:
    return f"/v1/experiment/{things['experiment']}/run"


@pytest.fixture
def log_data(things) -> str:
    return f"/v1/run/{things['run']}/log-data"


@pytest.fixture
def logged(direct, things):
    """Return a question for what MLflow knows of the run, which has the parameter `depth`."""
    param = {"run_id": things["run"], "key": "depth", "value": "6"}
    direct.post(f"{V2}/runs/log-parameter", param)

    def read() -> dict:
        found = direct.ask("GET", f"{V2}/runs/get?run_id={things['run']}")["run"]["data"]
        return {
            "metrics": {
                one["key"]: (one["value"], one.get("step", 0)) for one in found.get("metrics", ())
            },
            "params": {one["key"]: one["value"] for one in found.get("params", ())},
        }

    return read


@pytest.mark.parametrize("who", [EDITOR, MANAGER, ADMINISTRATOR])
def test_an_editor_begins_a_run(own, direct, things, runs, who):
    """201 with the run, whose name and tags MLflow has."""
    body = {"run_name": "nightly", "tags": [{"key": "team", "value": "it's 100 %"}]}
    status, answer = own.call(who, "POST", runs, body)
    made = answer["data"]
    assert (201, FIELDS) == (status, set(made))
    assert ("nightly", things["experiment"], "RUNNING") == (
        made["run_name"],
        made["experiment_id"],
        made["run_status"],
    )
    found = direct.ask("GET", f"{V2}/runs/get?run_id={made['run_id']}")["run"]
    tags = {one["key"]: one["value"] for one in found["data"]["tags"]}
    assert {"team": "it's 100 %", "mlflow.runName": "nightly"}.items() <= tags.items()
    assert (found["info"]["start_time"], found["info"]["artifact_uri"]) == (
        made["start_time"],
        made["artifact_uri"],
    )
    assert made["start_time"] > 1_700_000_000_000
    assert {**made, "end_time": None} == own.data(who, "GET", f"{runs}/{made['run_id']}")


@pytest.mark.parametrize("body", [None, {}, {"run_name": None, "tags": None}, {"tags": []}])
def test_a_run_needs_neither_name_nor_tags(own, runs, body):
    """MLflow finds a name."""
    assert own.data(EDITOR, "POST", runs, body)["run_name"]


@pytest.mark.parametrize(("who", "status"), [(None, 401), (STRANGER, 404), (READER, 403)])
def test_who_may_not_edit_changes_no_run(own, runs, things, who, status):
    """No run is made or deleted."""
    assert status == own.refused(who, "POST", runs, {})
    assert status == own.refused(who, "DELETE", f"{runs}/{things['run']}")
    assert FIELDS <= set(own.data(ADMINISTRATOR, "GET", f"{runs}/{things['run']}"))


@pytest.mark.parametrize(("who", "status"), [(None, 401), (STRANGER, 404), (READER, 403)])
def test_who_may_not_edit_logs_nothing(own, log_data, logged, who, status):
    """Neither metrics nor parameters."""
    before = logged()
    assert status == own.refused(who, "POST", log_data, {"metrics": GOOD, "params": []})
    assert before == logged()


def test_only_who_manages_deletes_runs(own, runs, things, log_data):
    """A deleted run is gone for everybody, and takes nothing any more."""
    path = f"{runs}/{things['run']}"
    assert 403 == own.refused(EDITOR, "DELETE", path)
    status, answer = own.call(MANAGER, "DELETE", path)
    expected = {"status": "SUCCESS", "message": f"run '{things['run']}' deleted"}
    assert (200, expected) == (status, answer)
    for who in (READER, MANAGER, ADMINISTRATOR):
        assert 404 == own.refused(who, "GET", path)
        assert 404 == own.refused(who, "DELETE", path)
        assert 404 == own.refused(who, "POST", log_data, {"metrics": GOOD})


@pytest.mark.parametrize("who", [READER, EDITOR, MANAGER, ADMINISTRATOR])
def test_a_run_is_looked_at_in_its_own_experiment(own, direct, things, runs, who):
    """With its end, once it has one; another experiment's address does not have it."""
    path = f"{runs}/{things['run']}"
    direct.post(
        f"{V2}/runs/update", {"run_id": things["run"], "status": "FINISHED", "end_time": 99}
    )
    found = own.data(who, "GET", path)
    assert FIELDS | {"end_time"} == set(found)
    assert (things["run"], "FINISHED", 99) == (
        found["run_id"],
        found["run_status"],
        found["end_time"],
    )
    other = make_things(direct)
    wrong = f"/v1/experiment/{other['experiment']}/run/{things['run']}"
    assert 404 == own.refused(who, "GET", wrong)
    assert 404 == own.refused(who, "DELETE", wrong)
    assert 404 == own.refused(who, "GET", f"{runs}/{uuid.uuid4().hex}")
    assert 404 == own.refused(STRANGER, "GET", path)
    assert "FINISHED" == own.data(ADMINISTRATOR, "GET", path)["run_status"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"run_name": 1}, 422),
        ({"run_name": "a" * 251}, 422),
        ({"tags": {"a": "b"}}, 422),
        ({"tags": [{"key": "a"}]}, 422),
        ({"tags": [{"key": "", "value": "x"}]}, 422),
        ({"tags": [{"key": "a//b", "value": "x"}]}, 422),
        ({"tags": [{"key": "a?", "value": "x"}]}, 422),
        ({"tags": [{"key": "a", "value": None}]}, 422),
        ({"tags": [{"key": "a", "value": "x" * 8001}]}, 422),
        ({"status": "FINISHED"}, 422),
        ({"experiment_id": "0"}, 422),
        ({"tags": [{"key": "a", "value": "x"}, {"key": "a", "value": "y"}]}, 400),
        ({"run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]}, 400),
        ([], 400),
    ],
)
def test_a_wrong_run_is_refused(own, runs, body, status):
    """Its form with 422, what contradicts itself with 400."""
    assert status == own.refused(EDITOR, "POST", runs, body)


@pytest.mark.parametrize("who", [EDITOR, MANAGER, ADMINISTRATOR])
def test_one_or_many_things_are_logged_at_once(own, log_data, logged, who):
    """Each alone, and lists of them; steps and the texts of values arrive."""
    single = {
        "metrics": {"key": "one", "value": 0.5, "step": 3},
        "params": {"key": "p", "value": 1},
    }
    status, answer = own.call(who, "POST", log_data, single)
    expected = {"status": "SUCCESS", "message": "1 metrics and 1 parameters logged"}
    assert (200, expected) == (status, answer)
    many = {
        "metrics": [{"key": "a/b c", "value": -2}, {"key": "big", "value": 10**300}],
        "params": [
            {"key": "text", "value": "ünï it's"},
            {"key": "truth", "value": True},
            {"key": "part", "value": 0.25},
            {"key": "p", "value": "1"},
        ],
    }
    own.call(who, "POST", log_data, many)
    found = logged()
    assert {
        "one": (0.5, 3),
        "a/b c": (-2, 0),
        "big": (1e300, 0),
    }.items() <= found["metrics"].items()
    assert {
        "depth": "6",
        "p": "1",
        "text": "ünï it's",
        "truth": "True",
        "part": "0.25",
    } == found["params"]


def test_what_is_no_number_in_json_is_logged_as_text(own, log_data, logged):
    """NaN and both infinities, as MLflow's own API spells them."""
    values = {"nan": "NaN", "up": "Infinity", "down": "-Infinity"}
    metrics = [{"key": key, "value": value} for key, value in values.items()]
    own.data(EDITOR, "POST", log_data, {"metrics": metrics})
    found = logged()["metrics"]
    assert math.isnan(float(found["nan"][0]))
    assert [1, -1] == [math.copysign(1, float(found[key][0])) for key in ("up", "down")]
    assert float(found["up"][0]) > 1e307


WRONG = [
    ({}, 400),
    ({"metrics": []}, 400),
    ({"metrics": None, "params": None}, 400),
    ({"metrics": "x"}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": "1"}]}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": True}]}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": None}]}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": 10**400}]}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": 1, "step": 1.5}]}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": 1, "step": 2**63}]}, 422),
    ({"metrics": [GOOD, {"key": "bad", "value": 1, "timestamp": 1}]}, 422),
    ({"metrics": [GOOD, {"key": "", "value": 1}]}, 422),
    ({"metrics": [GOOD, {"key": "a?b", "value": 1}]}, 422),
    ({"metrics": [GOOD, {"key": "../b", "value": 1}]}, 422),
    ({"metrics": [GOOD, {"key": "k" * 251, "value": 1}]}, 422),
    ({"metrics": GOOD, "params": {"key": "p"}}, 422),
    ({"metrics": GOOD, "params": {"key": "p", "value": ["a"]}}, 422),
    ({"metrics": GOOD, "params": {"key": "p", "value": "v" * 6001}}, 422),
    ({"metrics": GOOD, "params": {"key": "p", "value": "a\x00"}}, 422),
    ({"metrics": GOOD, "params": [{"key": "p", "value": "1"}] * 2}, 400),
    ({"metrics": GOOD, "params": {"key": "depth", "value": "7"}}, 400),
    ({"metrics": GOOD, "tags": []}, 422),
    ({"metrics": [GOOD] * 1001}, 422),
    ({"metrics": GOOD, "params": [{"key": f"p{n}", "value": "1"} for n in range(101)]}, 422),
    ({"metrics": [GOOD] * 950, "params": [{"key": f"p{n}", "value": "1"} for n in range(51)]}, 400),
]


@pytest.mark.parametrize(("body", "status"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_in_part_is_not_logged_at_all(own, log_data, logged, body, status):
    """The good metric beside it is not written either."""
    before = logged()
    assert status == own.refused(EDITOR, "POST", log_data, body)
    assert before == logged()


def test_as_much_as_one_batch_holds_is_logged(own, log_data, logged):
    """900 metrics and 100 parameters."""
    own.data(
        EDITOR,
        "POST",
        log_data,
        {
            "metrics": [{"key": f"m{n}", "value": n} for n in range(900)],
            "params": [{"key": f"p{n}", "value": n} for n in range(100)],
        },
    )
    found = logged()
    assert (901, 101) == (len(found["metrics"]), len(found["params"]))


def test_an_unknown_run_takes_nothing(own):
    """For anybody, an administrator too."""
    for who in (STRANGER, MANAGER, ADMINISTRATOR):
        for run_id in (uuid.uuid4().hex, "x", "%C3%A9", "a" * 3000):
            assert 404 == own.refused(who, "POST", f"/v1/run/{run_id}/log-data", {"metrics": GOOD})
