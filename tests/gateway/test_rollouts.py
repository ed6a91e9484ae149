"""Rollouts over `/v1`, in front of a small upstream."""

import json
from collections.abc import Iterator

import pytest

from gateway.grants import caller, granting_gateway, restore_grants
from gateway.rollout_calls import A, B, C, Plans, active
from gateway.running import Gateway
from gateway.tiny_rollouts import LOG_BATCH, SET_TAG, TinyRollouts, refuse, tiny_rollouts
from penstock.rollout.codec import plan_tag
from penstock.rollout.scope import Scope
from penstock.semver import SemVer
from servers import wait_until

SCOPE = Scope("1", "churn", SemVer(1, 4, 0))


@pytest.fixture(scope="module")
def _running(tmp_path_factory) -> Iterator[tuple[Gateway, TinyRollouts]]:
    mlflow = TinyRollouts()
    with (
        tiny_rollouts(mlflow) as address,
        granting_gateway(
            tmp_path_factory.mktemp("rollouts"), address.url, experiment="1", model="m"
        ) as gateway,
    ):
        yield gateway, mlflow


@pytest.fixture(autouse=True)
def mlflow(_running) -> TinyRollouts:
    gateway, mlflow = _running
    restore_grants(gateway, experiment="1", model="m")
    mlflow.reset()
    with gateway.app.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM rollout_plans")
    gateway.app.parts.rollouts.reader._in_step.forget()
    for run_id in (A, B, C):
        mlflow.add_run(run_id)
    return mlflow


@pytest.fixture
def granting(_running) -> Gateway:
    return _running[0]


@pytest.fixture
def plans(granting) -> Plans:
    """The calls of one who manages the experiment."""
    return Plans(caller(granting, "MANAGE"))


def test_a_plan_nobody_has_written_is_of_revision_0(plans):
    """Not unknown: whoever follows it waits for the first one."""
    answer, document = plans.call("GET")
    assert (200, '"0"') == (answer.status, answer.one("etag"))
    assert {
        "experiment_id": "1",
        "submodel_name": "churn",
        "version": "1.4.0",
        "revision": 0,
        "runs": {},
        "updated_at": None,
        "updated_by": None,
        "note": None,
    } == document["data"]
    assert [] == plans.read("/history")


def test_a_change_is_written_to_mlflow_with_its_mirrors(plans, mlflow):
    """The tag holds the plan; runs say it too, at the step of the revision."""
    answer, document = plans.call("PUT", body=active(a=0.8, b=0.2), If_Match='"0"')
    assert (200, '"1"') == (answer.status, answer.one("etag"))
    plan = document["data"]
    assert (1, "manage@example.org") == (plan["revision"], plan["updated_by"])
    tag = json.loads(mlflow.tags["1"][plan_tag(SCOPE)])
    assert ({A: 0.8, B: 0.2}, 1, plan["updated_at"]) == (tag["active"], tag["revision"], tag["at"])
    run = mlflow.runs[A]
    assert (1, plan["updated_at"], 2.0) == run.metrics["active_state"]
    assert (1, plan["updated_at"], 0.8) == run.metrics["test_fraction"]
    expected = {"penstock.status": "Active", "penstock.fraction": "0.8", "penstock.revision": "1"}
    assert expected == run.tags
    assert (0, 1, 1.0) == mlflow.runs[C].metrics["active_state"]
    assert plan == plans.read()


def test_a_change_may_say_why(plans, mlflow):
    """In the history and in the tag; a text of one line, and no part of what holds."""
    body = {**active(a=1.0), "note": "the new model"}
    assert 200 == plans.put(body, 0)[0]
    assert (200, 1) == (plans.put({**body, "note": "again"}, 1)[0], plans.read()["revision"])
    assert 200 == plans.put(active(b=1.0), 1)[0]
    back = {"revision": 1, "note": "b fails"}
    assert 200 == plans.call("POST", "/rollback", body=back, If_Match='"2"')[0].status
    notes = [plan["note"] for plan in plans.read("/history")]
    assert ["b fails", None, "the new model"] == notes
    assert "b fails" == json.loads(mlflow.tags["1"][plan_tag(SCOPE)])["note"]
    for wrong in ("two\nlines", "x" * 501, 7):
        assert 422 == plans.put({**body, "note": wrong}, 3)[0], wrong


def test_a_run_that_is_not_named_is_disabled(plans, mlflow):
    """In the plan, and in its own metrics."""
    assert 200 == plans.put(active(a=0.8, b=0.2), 0)[0]
    status, document = plans.put(active(c=1.0), 1)
    assert (200, 2, {C}) == (status, document["data"]["revision"], set(document["data"]["runs"]))
    assert [0.0, 0.0, 2.0] == [mlflow.runs[one].metrics["active_state"][2] for one in (A, B, C)]


def test_a_change_says_which_revision_it_follows(plans):
    """428 without; 412, with the present plan, where there is another; 400 for none."""
    assert 428 == plans.put(active(a=1.0), None)[0]
    assert 200 == plans.put(active(a=1.0), 0)[0]
    answer, document = plans.call("PUT", body=active(b=1.0), If_Match='"0"')
    assert (412, '"1"', {A}) == (
        answer.status,
        answer.one("etag"),
        set(document["data"]["runs"]),
    )
    assert "revision 1" in document["detail"]
    for wrong in ("*", "x", "-1", 'W/"1"', '"1", "2"', "", '"1.0"'):
        assert 400 == plans.call("PUT", body=active(b=1.0), If_Match=wrong)[0].status, wrong
    assert {"a": 1.0} == plans.fractions()


def test_a_plan_that_is_known_is_not_sent_again(plans, mlflow):
    """304 to who follows it, at the price of one look at the database."""
    plans.put(active(a=1.0), 0)
    plans.read()
    mlflow.calls.clear()
    for known in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer, document = plans.call("GET", If_None_Match=known)
        assert (304, '"1"', None) == (answer.status, answer.one("etag"), document), known
    for other in ('"0"', "1", "", '"11"'):
        assert 200 == plans.call("GET", If_None_Match=other)[0].status, other
    assert [] == [path for path in mlflow.calls if path != "/server-info"]


def test_the_same_plan_again_changes_nothing(plans, mlflow):
    """200 with the revision that there is; its mirrors are repaired."""
    plans.put(active(a=0.5, b=0.5), 0)
    mlflow.runs[A].tags.clear()
    status, document = plans.put(active(a=0.5, b=0.5), 1)
    assert (200, 1) == (status, document["data"]["revision"])
    assert "Active" == mlflow.runs[A].tags["penstock.status"]
    assert 1 == len(plans.read("/history"))


WRONG = {
    "a sum of less than 1": (active(a=0.5), 400, "1"),
    "a sum of more than 1": (active(a=0.8, b=0.8), 400, "1"),
    "an Active run of 0": (active(a=1.0, b=0.0), 400, B),
    "a fraction that is as good as none": (active(a=1 - 1e-10, b=1e-10), 400, B),
    "an unknown run": (active(a=0.5, d=0.5), 400, "d" * 32),
    "a Canary with a fraction": (
        {"runs": {A: {"status": "Canary", "fraction": 0.5}}},
        400,
        A,
    ),
    "a New run with a fraction": ({"runs": {A: {"status": "New", "fraction": 0.5}}}, 400, A),
    "a fraction beyond 1": ({"runs": {A: {"status": "Active", "fraction": 1.5}}}, 422, A),
    "a negative fraction": ({"runs": {A: {"status": "Active", "fraction": -1}}}, 422, A),
    "a text": ({"runs": {A: {"status": "Active", "fraction": "1"}}}, 422, A),
    "a truth value": ({"runs": {A: {"status": "Active", "fraction": True}}}, 422, A),
    "an unknown status": ({"runs": {A: {"status": "Live", "fraction": 1}}}, 422, A),
    "no status": ({"runs": {A: {"fraction": 1}}}, 422, A),
    "another field": ({"runs": {}, "by": "root"}, 422, "by"),
    "a list": ({"runs": []}, 422, "runs"),
    "nothing": ({}, 422, "runs"),
}


@pytest.mark.parametrize(("body", "status", "word"), WRONG.values(), ids=WRONG)
def test_a_wrong_plan_is_refused_by_name_before_anything_is_written(
    plans, mlflow, body, status, word
):
    """The answer names the run or the field, and the rule."""
    answer, document = plans.call("PUT", body=body, If_Match='"0"')
    assert (status, True) == (answer.status, word in document["detail"]), document
    assert {} == mlflow.tags["1"]
    assert 0 == plans.read()["revision"]


@pytest.mark.parametrize(
    "elsewhere", [{"submodel": "other"}, {"version": "1.4.1"}, {"experiment": "2"}]
)
def test_a_run_of_another_scope_is_unknown(plans, mlflow, elsewhere):
    """Wherever else it belongs; what is deleted is gone too."""
    foreign = mlflow.add_run("e" * 32, **elsewhere)
    status, document = plans.put(active(e=1.0), 0)
    assert (400, True) == (status, foreign in document["detail"])
    mlflow.runs[A].stage = "deleted"
    assert 400 == plans.put(active(a=1.0), 0)[0]


def test_a_plan_that_no_tag_holds_is_refused(plans, mlflow):
    """Before anything is written, with what to do."""
    runs = [mlflow.add_run(f"{number:032x}") for number in range(600)]
    body = {"runs": {one: {"status": "Active", "fraction": 1 / 600} for one in runs}}
    body["runs"][runs[0]]["fraction"] = 1 - 599 / 600
    status, document = plans.put(body, 0)
    assert (400, True) == (status, "disable some runs" in document["detail"])
    assert (0, {}) == (plans.read()["revision"], mlflow.tags["1"])


def test_history_and_earlier_plans(plans):
    """By revision and by moment; pages go backwards."""
    for revision, letter in enumerate("abcab"):
        assert 200 == plans.put(active(**{letter: 1.0}), revision)[0]
    history = plans.read("/history")
    assert [5, 4, 3, 2, 1] == [one["revision"] for one in history]
    assert [3, 2] == [one["revision"] for one in plans.read("/history?before=4&limit=2")]
    assert {"c": 1.0} == plans.fractions("?revision=3")
    assert history[2] == plans.read("?revision=3")
    first, last = history[-1]["updated_at"], history[0]["updated_at"]
    assert 0 == plans.read(f"?at={first - 1}")["revision"]
    assert 5 == plans.read(f"?at={last}")["revision"]
    assert 5 == plans.read("?at=2999-01-01T00:00:00%2B01:00")["revision"]
    assert 0 == plans.read("?at=1999-01-01")["revision"]
    assert 0 == plans.read("?revision=0")["revision"]
    for below, status in {
        "?revision=6": 404,
        "?revision=x": 400,
        "?at=yesterday": 400,
        "?at=1&revision=1": 400,
        "/history?limit=0": 400,
        "/history?before=-1": 400,
    }.items():
        assert status == plans.call("GET", below)[0].status, below


def test_a_rollback_is_a_new_revision(plans):
    """With the runs of the earlier one; under the same conditions as any change."""
    plans.put(active(a=0.8, b=0.2), 0)
    plans.put(active(c=1.0), 1)
    answer, document = plans.call("POST", "/rollback", {"revision": 1}, If_Match='"2"')
    assert (200, 3) == (answer.status, document["data"]["revision"])
    assert {"a": 0.8, "b": 0.2} == plans.fractions()
    assert 428 == plans.call("POST", "/rollback", {"revision": 1})[0].status
    assert 412 == plans.call("POST", "/rollback", {"revision": 1}, If_Match='"2"')[0].status
    assert 404 == plans.call("POST", "/rollback", {"revision": 9}, If_Match='"3"')[0].status
    answer, document = plans.call("POST", "/rollback", {"revision": 0}, If_Match='"3"')
    assert (200, 4, {}) == (answer.status, document["data"]["revision"], plans.fractions())


def test_a_saved_run_is_declared_once(granting, plans, mlflow):
    """By an editor; it becomes New at step 0, and stays what it has become later."""
    editor = Plans(caller(granting, "EDIT"))
    mlflow.runs[A].metrics.clear()
    mlflow.runs[A].tags.clear()
    assert 400 == plans.put(active(a=1.0), 0)[0]
    for _ in range(2):
        answer, document = editor.call("POST", "/runs", {"run_id": A})
        assert (200, 0) == (answer.status, document["data"]["revision"])
    run = mlflow.runs[A]
    assert (0, 1.0) == (run.metrics["active_state"][0], run.metrics["active_state"][2])
    assert (0, 0.0) == (run.metrics["test_fraction"][0], run.metrics["test_fraction"][2])
    assert ("New", "0.0") == (run.tags["penstock.status"], run.tags["penstock.fraction"])
    assert 1 == mlflow.calls.count(LOG_BATCH)
    plans.put(active(a=1.0), 0)
    assert 200 == editor.call("POST", "/runs", {"run_id": A})[0].status
    assert "Active" == run.tags["penstock.status"]
    answer, document = editor.call("POST", "/runs", {"run_id": "f" * 32})
    assert (400, True) == (answer.status, "f" * 32 in document["detail"])


NAMES = [
    "team/churn",
    "a/b/c",
    "ünï 🚀",
    'it\'s "quoted"',
    "100%",
    "50%2F50",
    "%2F",
    "a%2525b",
    "back\\slash",
    "a.b",
    "...",
    "history",
    "a?b#c&d=e;f",
    "x" * 500,
    " spaced ",
    "1.4.0/history",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
def test_a_submodel_may_have_any_name(granting, mlflow, name):
    """It travels in one segment of the path, and comes back as it is."""
    run = mlflow.add_run("d" * 32, submodel=name)
    plans = Plans(caller(granting, "MANAGE"), submodel=name)
    assert 200 == plans.put(active(d=1.0), 0)[0]
    plan = plans.read()
    assert (name, {run}) == (plan["submodel_name"], set(plan["runs"]))
    assert 1 == len(plans.read("/history"))
    tag = plan_tag(Scope("1", name, SemVer(1, 4, 0)))
    assert name == json.loads(mlflow.tags["1"][tag])["submodel"]


PATHS = {
    "/v1/rollout/1%2F2/churn/1.4.0": 400,
    "/v1/rollout/1/churn/1.4.0%2Fhistory": 400,
    "/v1/rollout/1/churn%2F1.4.0": 400,
    "/v1/rollout/1/a/b/1.4.0": 404,
    "/v1/rollout/1/%2e%2e/1.4.0": 400,
    "/v1/rollout/1/%2E/1.4.0": 400,
    "/v1/rollout/1/../1.4.0": 400,
    "/v1/rollout/1//1.4.0": 400,
    "/v1/rollout/1/a%00b/1.4.0": 400,
    "/v1/rollout/1/a%0Ab/1.4.0": 400,
    "/v1/rollout/1/a%C2%85b/1.4.0": 400,
    "/v1/rollout/1/a%7Fb/1.4.0": 400,
    "/v1/rollout/1/%ff/1.4.0": 400,
    "/v1/rollout/1/%ED%A0%80/1.4.0": 400,
    "/v1/rollout/1/a%zz/1.4.0": 400,
    "/v1/rollout/1/churn/1.4": 400,
    "/v1/rollout/1/churn/v1.4.0": 400,
    "/v1/rollout/1/churn/01.4.0": 400,
    "/v1/rollout/1/" + "x" * 501 + "/1.4.0": 400,
    "/v1/rollout/%31/churn/1.4.0": 200,
    "/v1/rollout/01/churn/1.4.0": 404,
    "/v1/rollout/x/churn/1.4.0": 404,
    "/v1/rollout/99/churn/1.4.0": 404,
    "/v1/rollouts?experiment_id=99": 404,
    "/v1/rollouts?experiment_id=x": 404,
    "/v1/rollouts": 400,
    "/v1/rollout%2F1/churn/1.4.0": 400,
    "/v1/experiment/a%2Fb": 400,
}


@pytest.mark.parametrize(("path", "status"), PATHS.items(), ids=lambda one: str(one)[:45])
def test_what_is_no_address_of_a_plan(granting, path, status):
    """An encoded slash is taken in a submodel's name alone; to administrators, too."""
    for held in ("MANAGE", "ADMINISTRATOR"):
        assert status == caller(granting, held).call("GET", path).status


CALLS = [
    ("GET", "", None, "READ"),
    ("GET", "/history", None, "READ"),
    ("PUT", "", active(a=1.0), "MANAGE"),
    ("POST", "/rollback", {"revision": 0}, "MANAGE"),
    ("POST", "/runs", {"run_id": A}, "EDIT"),
]
LEVELS = ["READ", "EDIT", "MANAGE"]


@pytest.mark.parametrize(("method", "below", "body", "level"), CALLS)
def test_grants_on_the_experiment_decide(granting, method, below, body, level):
    """Who may not see it learns nothing, whatever else is wrong; nobody without a login."""
    for held in (None, "NONE", *LEVELS, "ADMINISTRATOR"):
        expected = {None: 401, "NONE": 404, "ADMINISTRATOR": 200}.get(held)
        if expected is None:
            expected = 200 if LEVELS.index(held) >= LEVELS.index(level) else 403
        who = caller(granting, held)
        revision = Plans(caller(granting, "ADMINISTRATOR")).read()["revision"]
        headers = {"If_Match": f'"{revision}"'}
        assert expected == Plans(who).call(method, below, body, **headers)[0].status, held
        if expected != 200:
            assert expected == Plans(who).call(method, below, body and {"x": 1})[0].status, held
        elsewhere = Plans(who, experiment="2").call(method, below, body, **headers)[0]
        if held not in {None, "ADMINISTRATOR"}:
            assert 404 == elsewhere.status, held


def test_the_plans_of_an_experiment_are_listed(granting, plans, mlflow):
    """By submodel and version, to who may read it."""
    for version in ("1.10.0", "1.9.0"):
        mlflow.add_run("d" * 32, version=version)
        assert 200 == Plans(plans.caller, version=version).put(active(d=1.0), 0)[0]
    plans.put(active(a=1.0), 0)
    mlflow.add_run("d" * 32, submodel="a/b")
    assert 200 == Plans(plans.caller, submodel="a/b").put(active(d=1.0), 0)[0]
    answer = caller(granting, "READ").call("GET", "/v1/rollouts?experiment_id=1")
    found = [(one["submodel_name"], one["version"]) for one in json.loads(answer.body)["data"]]
    churn = [("churn", version) for version in ("1.4.0", "1.9.0", "1.10.0")]
    assert [("a/b", "1.4.0"), *churn] == found
    for held, status in ((None, 401), ("NONE", 404)):
        assert status == caller(granting, held).call("GET", "/v1/rollouts?experiment_id=1").status
    assert 404 == caller(granting, "READ").call("GET", "/v1/rollouts?experiment_id=2").status


def test_what_is_deleted_has_no_plan(granting, plans, mlflow):
    """An experiment that MLflow may restore answers as if it were not there."""
    plans.put(active(a=1.0), 0)
    mlflow.stages["1"] = "deleted"
    granting.app.parts.rollouts.reader._in_step.forget()
    for method, below, body, _ in CALLS:
        assert 404 == plans.call(method, below, body, If_Match='"1"')[0].status


def test_a_token_for_reading_changes_no_plan(granting):
    """It reads them."""
    manager = caller(granting, "MANAGE")
    body = json.dumps({"name": "reading", "scope": "read"}).encode()
    made = manager.call("POST", "/v1/token", body, headers={"content-type": "application/json"})
    token = f"Bearer {json.loads(made.body)['data']['token']}"
    plans = Plans(granting.anonymous, headers={"authorization": token})
    assert 0 == plans.read()["revision"]
    for method, below, body, _ in CALLS:
        expected = 200 if method == "GET" else 403
        assert expected == plans.call(method, below, body, If_Match='"0"')[0].status


def test_every_change_stands_in_the_audit(granting, plans):
    """Who, what and how it ended; a reader leaves no trace."""
    plans.put(active(a=1.0), 0)
    plans.put(active(b=1.0), 0)
    plans.call("POST", "/rollback", {"revision": 0}, If_Match='"1"')
    plans.read()
    path = "/v1/audit?target=/v1/rollout/1/churn/1.4.0*&page_size=3"

    def find():
        told = json.loads(granting.admin.call("GET", path).body)["data"]
        # How a call has ended is written once its answer is on the way.
        return all(one["result"] != "unknown" for one in told) and told

    found = wait_until(find)
    assert [
        ("POST /v1/rollout/{experiment_id}/{submodel}/{version}/rollback", "200"),
        ("PUT /v1/rollout/{experiment_id}/{submodel}/{version}", "412"),
        ("PUT /v1/rollout/{experiment_id}/{submodel}/{version}", "200"),
    ] == [(one["action"], one["result"]) for one in found]
    assert {"manage@example.org"} == {one["actor"] for one in found}
    assert ({"revision": 0}, True) == (found[0]["detail"], B in found[1]["detail"]["runs"])


def test_what_mlflow_refuses_does_not_hold(plans, mlflow):
    """Neither in the history nor for the next one, who takes its number."""

    async def refuse_tags(path, _arguments):
        return refuse(400, "INVALID_PARAMETER_VALUE", "too long") if path == SET_TAG else None

    mlflow.before = refuse_tags
    status, document = plans.put(active(a=1.0), 0)
    assert (400, True) == (status, "too long" in document["detail"])
    assert (0, []) == (plans.read()["revision"], plans.read("/history"))
    mlflow.before = TinyRollouts().before
    assert 200 == plans.put(active(b=1.0), 0)[0]
    assert {"b": 1.0} == plans.fractions()


def test_a_live_run_that_was_deleted_is_disabled_by_the_next_change(plans, mlflow):
    """The plan says so, for what the run has left in the registry; to repeat it changes nothing."""
    plans.put(active(a=0.5, b=0.5), 0)
    mlflow.runs[A].stage = "deleted"
    status, document = plans.put(active(b=1.0), 1)
    runs = document["data"]["runs"]
    assert (200, "Disabled", {"b": 1.0}) == (status, runs[A]["status"], plans.fractions())
    status, document = plans.put({"runs": runs}, 2)
    assert (200, 2) == (status, document["data"]["revision"])
    assert 400 == plans.put(active(a=0.5, b=0.5), 2)[0]


def test_a_change_that_changes_nothing_repairs(plans, mlflow):
    """A run that was deleted while it was live, and is restored, still calls itself Active."""
    plans.put(active(a=0.5, b=0.5), 0)
    mlflow.runs[A].stage = "deleted"
    plans.put(active(b=1.0), 1)
    mlflow.runs[A].stage = "active"
    assert "Active" == mlflow.runs[A].tags["penstock.status"]
    status, document = plans.put(active(b=1.0), 2)
    assert (200, 2) == (status, document["data"]["revision"])
    assert ("Disabled", 0.0) == (
        mlflow.runs[A].tags["penstock.status"],
        mlflow.runs[A].metrics["test_fraction"][2],
    )
