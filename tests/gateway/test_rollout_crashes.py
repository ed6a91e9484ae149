"""Two gateways on one database, of which one, or MLflow, ends in the middle of a change."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from gateway.rollout_calls import A, B, C, Plans, active
from gateway.running import ADMIN, Gateway, running_gateway
from gateway.threads import Address
from gateway.tiny_rollouts import (
    LOG_BATCH,
    SET_TAG,
    BrokenOffError,
    TinyRollouts,
    no_fault,
    refuse,
    tiny_rollouts,
)
from penstock.errors import UpstreamAway
from penstock.gateway.rollouts.rollouts import Rollouts
from penstock.rollout.codec import encode, plan_tag
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer
from servers import wait_until

SCOPE = Scope("1", "churn", SemVer(1, 4, 0))
TAG = plan_tag(SCOPE)
SECONDS = 0.3
"""After which a writer is taken for dead."""

LIMIT = 4.0
"""What MLflow may take for a call, where that counts."""


class KilledError(BaseException):
    """The end of a process, in the middle of its work."""


@pytest.fixture(scope="module")
def _mlflow() -> TinyRollouts:
    return TinyRollouts()


@pytest.fixture(scope="module")
def upstream(_mlflow) -> Iterator[Address]:
    """Where the small MLflow listens."""
    with tiny_rollouts(_mlflow) as address:
        yield address


@pytest.fixture(scope="module")
def _running(
    _mlflow, upstream, tmp_path_factory
) -> Iterator[tuple[Gateway, Gateway, TinyRollouts]]:
    mlflow, folder = _mlflow, tmp_path_factory.mktemp("crashes")
    with (
        running_gateway(folder, upstream.url, upstream_seconds=10) as patient,
        running_gateway(folder, upstream.url, upstream_seconds=10) as hasty,
    ):
        hasty.app.parts.rollouts.protocol.seconds = SECONDS
        yield patient, hasty, mlflow


@pytest.fixture
def gateways(_running) -> tuple[Gateway, Gateway]:
    """Both gateways."""
    return _running[:2]


@pytest.fixture
def mlflow(_running) -> Iterator[TinyRollouts]:
    patient, hasty, mlflow = _running
    mlflow.reset()
    for run_id in (A, B, C):
        mlflow.add_run(run_id)
    with patient.app.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM rollout_plans")
    forget(patient, hasty)
    yield mlflow
    mlflow.before = mlflow.after = no_fault


@pytest.fixture
def patient(gateways) -> Plans:
    """A gateway that waits long for MLflow."""
    return Plans(gateways[0].admin)


@pytest.fixture
def hasty(gateways) -> Plans:
    """Another gateway, that soon takes others for dead."""
    return Plans(gateways[1].admin)


@pytest.fixture
def impatient(mlflow, gateways, upstream, tmp_path) -> Iterator[Plans]:  # noqa: ARG001 - reset first
    """A third gateway, that waits for MLflow itself no longer."""
    database = gateways[0].app.parts.settings.resolved_database_url
    with running_gateway(
        tmp_path, upstream.url, database_url=database, upstream_seconds=LIMIT
    ) as running:
        yield Plans(running.admin)


@pytest.fixture
def rollouts(gateways) -> Rollouts:
    """The hasty gateway's own part, which a test lets die."""
    return gateways[1].app.parts.rollouts


def forget(*gateways: Gateway) -> None:
    """Let the gateways ask MLflow again, as they do after some seconds."""
    for gateway in gateways:
        gateway.app.parts.rollouts.reader._in_step.forget()


def told(mlflow: TinyRollouts) -> tuple[int, dict[str, float]]:
    """Return revision and fractions of what MLflow's tag says."""
    document = json.loads(mlflow.tags["1"][TAG])
    return document["revision"], {run[0]: part for run, part in document["active"].items()}


def mirrored(mlflow: TinyRollouts) -> dict[str, float]:
    """Return the fractions that the runs themselves say, of those that are Active."""
    return {
        run_id[0]: run.metrics["test_fraction"][2]
        for run_id, run in mlflow.runs.items()
        if run.tags.get("penstock.status") == "Active"
    }


STEPS = [
    (part, step, side)
    for part, step in (
        ("ledger", "add"),
        ("tracking", "write"),
        ("ledger", "mark_written"),
        ("tracking", "mirror"),
        ("ledger", "mark_settled"),
    )
    for side in ("before", "after")
]


def kill_at(monkeypatch, rollouts: Rollouts, part: str, step: str, *, side: str) -> None:
    """Let the gateway end before or after the next step of this name."""
    owner = getattr(rollouts, part)
    real = getattr(owner, step)

    def die(*arguments: object) -> None:
        if side == "after":
            real(*arguments)
        raise KilledError

    monkeypatch.setattr(owner, step, die)


@pytest.mark.parametrize("then", ["a reader", "a writer", "a late writer"])
@pytest.mark.parametrize(("part", "step", "side"), STEPS)
def test_a_gateway_that_ends_between_two_steps_loses_nothing(  # noqa: PLR0917 - fixtures
    monkeypatch, rollouts, patient, hasty, mlflow, part, step, side, then
):
    """What was inserted holds, and whoever comes next finishes it, with the same content."""
    assert 200 == patient.put(active(a=1.0), 0)[0]
    shares = {A: (ModelStatus.Active, 0.25), B: (ModelStatus.Active, 0.75)}
    with monkeypatch.context() as killing:
        kill_at(killing, rollouts, part, step, side=side)
        with pytest.raises(KilledError):
            rollouts.writer.replace(SCOPE, shares, follows=1, actor=ADMIN)
    holds = (step, side) != ("add", "before")
    plan = {"a": 0.25, "b": 0.75} if holds else {"a": 1.0}
    if then == "a writer":
        status, document = hasty.put(active(c=1.0), 2 if holds else 1)
        assert (200, 3 if holds else 2) == (status, document["data"]["revision"])
        assert plan == hasty.fractions("?revision=2" if holds else "?revision=1")
        plan = {"c": 1.0}
    elif then == "a late writer":
        assert (412 if holds else 200) == hasty.put(active(a=1.0), 1)[0]
    assert plan == hasty.fractions()
    assert (len(hasty.read("/history")), plan) == told(mlflow)

    def follow() -> bool:
        forget_known(rollouts)
        return hasty.fractions() == plan == mirrored(mlflow)

    wait_until(follow, 5, what="the mirrors")
    assert plan == patient.fractions()


def forget_known(rollouts: Rollouts) -> None:
    """Let a gateway look at MLflow again."""
    rollouts.reader._in_step.forget()


def test_what_only_the_last_plan_says_of_a_run_outlives_its_writer(
    monkeypatch, rollouts, patient, hasty, mlflow
):
    """The next plan leaves a run out that is New again: its mirrors are written before."""
    assert 200 == patient.put(active(a=1.0), 0)[0]
    states = {B: (ModelStatus.Active, 1.0), A: (ModelStatus.New, 0.0)}
    with monkeypatch.context() as killing:
        kill_at(killing, rollouts, "tracking", "mirror", side="before")
        with pytest.raises(KilledError):
            rollouts.writer.replace(SCOPE, states, follows=1, actor=ADMIN)
    assert 200 == hasty.put(active(c=1.0), 2)[0]
    statuses = [mlflow.runs[one].tags["penstock.status"] for one in (A, B, C)]
    assert ["New", "Disabled", "Active"] == statuses


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("path", [SET_TAG, LOG_BATCH])
def test_a_call_of_mlflow_s_that_breaks_off_is_made_again(patient, hasty, mlflow, path, side):
    """Whether it was carried out or not: the plan holds, and its mirrors come."""

    async def break_off(called, _arguments):
        if called == path:
            setattr(mlflow, side, no_fault)
            raise BrokenOffError

    setattr(mlflow, side, break_off)
    answer, document = patient.call("PUT", body=active(a=0.5, b=0.5), If_Match='"0"')
    expected = (503, ["5"]) if path == SET_TAG else (200, [])
    assert expected == (answer.status, answer.all("retry-after")), document
    assert {"a": 0.5, "b": 0.5} == hasty.fractions()
    assert 200 == hasty.put(active(a=0.5, b=0.5), 1)[0]
    assert (1, {"a": 0.5, "b": 0.5}) == told(mlflow)
    assert {"a": 0.5, "b": 0.5} == mirrored(mlflow)


def test_a_slow_mlflow_is_not_waited_for_for_ever(impatient, patient, mlflow):
    """504 after the limit; who reads next finds the plan, for its row was there."""
    released, loops, late = asyncio.Event(), [], []

    async def wait(path, _arguments):
        if path == SET_TAG:
            mlflow.before = no_fault
            loops.append(asyncio.get_running_loop())
            await released.wait()
            late.append(path)

    async def note(path, _arguments):
        if path in late:
            late.append("written")

    mlflow.before, mlflow.after = wait, note
    answer, _ = impatient.call("PUT", body=active(a=1.0), If_Match='"0"')
    assert (504, ["5"]) == (answer.status, answer.all("retry-after"))
    assert {"a": 1.0} == patient.fractions()
    # What comes late must not come in the next test.
    loops[0].call_soon_threadsafe(released.set)
    wait_until(lambda: "written" in late, what="the slow write to be carried out")


@pytest.mark.parametrize("writer", ["patient", "impatient"])
def test_a_slow_old_write_does_not_win(  # noqa: PLR0917 - fixtures
    request, patient, hasty, mlflow, writer, rollouts
):
    """Its writer, or if that has left the next reader, writes the newer plan again."""
    released, arrived = asyncio.Event(), []

    async def hold(path, given):
        if path == SET_TAG and json.loads(given["value"])["revision"] == 1 and not arrived:
            arrived.append(asyncio.get_running_loop())
            await released.wait()

    mlflow.before = hold
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(request.getfixturevalue(writer).put, active(a=1.0), 0)
        wait_until(lambda: arrived or slow.done(), what="the slow write")
        assert arrived, slow.result()
        assert {"a": 1.0} == hasty.fractions()
        assert 200 == hasty.put(active(b=1.0), 1)[0]
        assert (2, {"b": 1.0}) == told(mlflow)
        if writer == "impatient":
            wait_until(slow.done, what="the end of the writer's patience")
        arrived[0].call_soon_threadsafe(released.set)
        assert (200 if writer == "patient" else 504) == slow.result()[0]
    if writer == "impatient":
        wait_until(lambda: told(mlflow)[0] == 1, what="the slow write to be carried out")
        forget_known(rollouts)
        assert {"b": 1.0} == hasty.fractions()
    assert (2, {"b": 1.0}) == told(mlflow)
    assert {"b": 1.0} == patient.fractions()


@pytest.mark.usefixtures("mlflow")
def test_what_mlflow_never_got_does_not_hold(monkeypatch, rollouts, hasty):
    """The row is taken back, the caller told, and the number free."""

    def away(_row):
        raise UpstreamAway("MLflow cannot be reached")

    with monkeypatch.context() as patched:
        patched.setattr(rollouts.tracking, "write", away)
        assert 503 == hasty.put(active(a=1.0), 0)[0]
    assert (0, []) == (hasty.read()["revision"], hasty.read("/history"))
    assert (200, 1) == ((found := hasty.put(active(b=1.0), 0))[0], found[1]["data"]["revision"])


def test_a_row_that_mlflow_refuses_is_no_obstacle(monkeypatch, rollouts, hasty, mlflow):
    """A plan that its dead writer could not have written either is taken back by who comes next."""
    shares = {A: (ModelStatus.Active, 1.0)}
    with monkeypatch.context() as killing:
        kill_at(killing, rollouts, "ledger", "add", side="after")
        with pytest.raises(KilledError):
            rollouts.writer.replace(SCOPE, shares, follows=0, actor=ADMIN)

    async def too_long(path, _arguments):
        return refuse(400, "INVALID_PARAMETER_VALUE", "too long") if path == SET_TAG else None

    mlflow.before = too_long
    assert 0 == hasty.read()["revision"]
    mlflow.before = no_fault
    assert 200 == hasty.put(active(b=1.0), 0)[0]
    assert (1, {"b": 1.0}) == told(mlflow)


def test_of_those_who_follow_the_same_revision_one_wins(patient, hasty, mlflow):
    """Whichever gateway they ask; the others get the plan that holds."""
    runs = [mlflow.add_run(f"{number:032x}") for number in range(12)]
    calls = [
        partial((patient, hasty)[number % 2].put, {"runs": {run: full()}}, 0)
        for number, run in enumerate(runs)
    ]
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = [one.result() for one in [pool.submit(call) for call in calls]]
    assert [200] + [412] * 11 == sorted(status for status, _ in answers)
    assert 1 == len({json.dumps(document["data"]["runs"]) for _, document in answers})
    assert [1] == [one["revision"] for one in hasty.read("/history")]
    assert set(hasty.read()["runs"]) == set(json.loads(mlflow.tags["1"][TAG])["active"])


def full() -> dict[str, object]:
    return {"status": "Active", "fraction": 1.0}


def written_past(
    revision: int, run_id: str, by: str | None = "bob", *, at: int = 1_700_000_000_000
) -> str:
    """Return a plan as somebody writes it who goes past the gateway."""
    runs = {run_id: LiveRun(ModelStatus.Active, 1.0)}
    return encode(Plan(SCOPE, revision, runs, updated_at=at, updated_by=by))


def test_a_newer_plan_in_mlflow_is_adopted(patient, hasty, mlflow, gateways):
    """With its own actor and time, in the history and in the audit; the next one follows it."""
    patient.put(active(a=1.0), 0)
    mlflow.tags["1"][TAG] = written_past(7, B)
    forget(*gateways)
    plan = hasty.read()
    assert (7, "bob", {"b": 1.0}) == (plan["revision"], plan["updated_by"], hasty.fractions())
    assert [7, 1] == [one["revision"] for one in patient.read("/history")]
    query = "/v1/audit?action=adopt*"
    records = json.loads(patient.caller.call("GET", query).body)["data"]
    (record,) = [one for one in records if one["detail"]["revision"] == 7]
    assert ("bob", "/v1/rollout/1/churn/1.4.0", {"revision": 7}) == (
        record["actor"],
        record["target"],
        record["detail"],
    )
    wait_until(lambda: mirrored(mlflow) == {"b": 1.0}, what="the mirrors")
    assert (412, 200) == (hasty.put(active(c=1.0), 1)[0], hasty.put(active(c=1.0), 7)[0])
    assert (8, {"c": 1.0}) == told(mlflow)


def test_a_new_database_begins_with_what_mlflow_has(patient, hasty, mlflow):
    """As if the gateway had always been there; the list finds it, too."""
    mlflow.tags["1"][TAG] = written_past(3, A, by=None)
    answer = patient.caller.call("GET", "/v1/rollouts?experiment_id=1")
    (listed,) = json.loads(answer.body)["data"]
    assert (3, None) == (listed["revision"], listed["updated_by"])
    assert listed == hasty.read()
    assert {"a": 1.0} == hasty.fractions("?at=1700000000000")
    assert 200 == hasty.put(active(b=1.0), 3)[0]


def test_a_plan_of_a_time_to_come_holds_from_now_on(patient, hasty, mlflow):
    """Whoever asks what is live at a moment finds it, and what follows it."""
    mlflow.tags["1"][TAG] = written_past(3, A, at=2**53)
    assert {"a": 1.0} == patient.fractions()
    assert {"a": 1.0} == hasty.fractions("?at=2100-01-01")
    status, answer = hasty.put(active(b=1.0), 3)
    assert (200, True) == (status, answer["data"]["updated_at"] < 2**42)
    assert {"b": 1.0} == patient.fractions("?at=2100-01-01")


@pytest.mark.parametrize(
    "tag", [written_past(1, C), written_past(2, C), "no plan", '{"format": 9}', "", None]
)
def test_an_older_or_a_wrong_tag_is_written_anew(patient, hasty, mlflow, gateways, tag):
    """The history decides; nobody has been told of anything else."""
    patient.put(active(a=1.0), 0)
    patient.put(active(b=1.0), 1)
    if tag is None:
        del mlflow.tags["1"][TAG]
    else:
        mlflow.tags["1"][TAG] = tag
    forget(*gateways)
    assert {"b": 1.0} == hasty.fractions()
    assert (2, {"b": 1.0}) == told(mlflow)
    assert [2, 1] == [one["revision"] for one in hasty.read("/history")]


@pytest.mark.parametrize("tag", ["no plan", '{"format": 9}', written_past(2**53, A), ""])
def test_a_tag_that_nobody_understands_is_left_alone(hasty, mlflow, tag):
    """409 that names it: it may be of a later Penstock."""
    mlflow.tags["1"][TAG] = tag
    for method, body in (("GET", None), ("PUT", active(a=1.0))):
        answer, document = hasty.call(method, body=body, If_Match='"0"')
        assert (409, True) == (answer.status, TAG in document["detail"])
    listed = json.loads(hasty.caller.call("GET", "/v1/rollouts?experiment_id=1").body)
    assert (0, 1) == (len(listed["data"]), len(listed["unreadable"]))
    assert tag == mlflow.tags["1"][TAG]


def test_a_dead_mlflow_is_told_at_once(tmp_path):
    """503 with when to try again, for readers and writers."""
    with running_gateway(tmp_path, "http://127.0.0.1:9") as running:
        plans = Plans(running.admin)
        for method, body in (("GET", None), ("PUT", active(a=1.0))):
            answer, document = plans.call(method, body=body, If_Match='"0"')
            assert (503, ["5"], {"detail"}) == (
                answer.status,
                answer.all("retry-after"),
                set(document),
            )
