"""Plans as a client reads and changes them over a gateway, in front of a small upstream."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gateway.grants import PASSWORD, granting_gateway
from gateway.rollout_calls import A, B, C
from gateway.running import Gateway
from gateway.tiny_rollouts import TinyRollouts, tiny_rollouts
from penstock.errors import InvalidRollout, MlflowException, PlanConflict
from penstock.rest import MlflowClient
from penstock.rest.gateway_api import GatewayApi, find_gateway
from penstock.rollout import ModelStatus, enable_run, history, plan, rollback, update_active_runs
from penstock.rollout.gateway_store import MOST_LISTED, GatewayStore
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.semver import SemVer

SCOPE = Scope("1", "churn", SemVer(1, 4, 0))
ARGUMENTS = {"model_version": "1.4.0", "experiment_id": "1", "submodel_name": "churn"}
ACTIVE = ModelStatus.Active


@pytest.fixture(scope="module")
def mlflow() -> TinyRollouts:
    return TinyRollouts()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, mlflow) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("store")
    with (
        tiny_rollouts(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="m") as gateway,
    ):
        yield gateway


@pytest.fixture(scope="module")
def client(gateway) -> Iterator[MlflowClient]:
    url = gateway.address.url
    with MlflowClient(url, username="manage@example.org", password=PASSWORD, retries=0) as client:
        yield client


@pytest.fixture
def scope(gateway, mlflow, client) -> dict[str, object]:
    """The arguments of a scope with three revisions: A, then A and B, then C."""
    mlflow.reset()
    for run_id in (A, B, C):
        mlflow.add_run(run_id)
    with gateway.app.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM rollout_plans")
    gateway.app.parts.rollouts.reader._in_step.forget()
    arguments = {**ARGUMENTS, "client": client}
    enable_run(A, client=client)
    update_active_runs({A: 3, B: 1}, **arguments)
    enable_run(C, client=client)
    return arguments


class LostAnswers:
    """A gateway's API whose answers to changes are lost once, so that the call is repeated."""

    def __init__(self, api: GatewayApi) -> None:
        self._api = api
        self.changes: list[str] = []

    def call(self, method: str, path: str, **others: object) -> object:
        if method != "GET" and not self.changes:
            self._api.call(method, path, **others)
        if method != "GET":
            self.changes.append(f"{method} {path.rpartition('/')[2]}")
        return self._api.call(method, path, **others)


def next_plan(present: Plan, **fractions: float) -> Plan:
    """Return the plan of Active runs, named by their letters, that follows another."""
    runs = {letter * 32: LiveRun(ACTIVE, part) for letter, part in fractions.items()}
    return Plan(present.scope, present.revision + 1, runs)


def test_an_earlier_revision_is_one_request(scope, monkeypatch):
    """However long the history is; 0 is the plan before all."""
    monkeypatch.setattr(GatewayStore, "read_history", None)
    assert {A: 0.75, B: 0.25} == plan(**scope, revision=2).active
    assert (0, {}) == (plan(**scope, revision=0).revision, plan(**scope, revision=0).runs)


def test_a_revision_that_never_was_is_said(scope):
    """With the newest one; and what is no number is refused before anything is asked."""
    with pytest.raises(InvalidRollout, match="no revision 7 in its history; the newest is 3"):
        plan(**scope, revision=7)
    with pytest.raises(InvalidRollout, match="no revision 7"):
        rollback(7, **scope)
    for wrong in ("2", -1, True, 2.0):
        with pytest.raises(InvalidRollout, match="a revision is a whole number"):
            plan(**scope, revision=wrong)
        with pytest.raises(InvalidRollout, match="a revision is a whole number"):
            rollback(wrong, **scope)


def test_a_plan_of_a_moment_is_one_request(scope, monkeypatch):
    """A moment is a number, or a time with its zone."""
    first, *_ = reversed(history(**scope))
    monkeypatch.setattr(GatewayStore, "read_history", None)
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert 3 == plan(**scope, at=later).revision
    assert 0 == plan(**scope, at=first.updated_at - 1).revision
    assert 0 == plan(**scope, at=-1).revision
    with pytest.raises(InvalidRollout, match="has no time zone"):
        plan(**scope, at=later.replace(tzinfo=None))
    with pytest.raises(InvalidRollout, match="a time is a datetime"):
        plan(**scope, at="2026-01-31")
    with pytest.raises(InvalidRollout, match="either revision or at"):
        plan(**scope, at=1, revision=1)


def test_a_long_history_comes_page_by_page(scope, monkeypatch):
    """As much as was asked for, the newest first, without a gap."""
    monkeypatch.setattr("penstock.rollout.gateway_store.MOST_LISTED", 2)
    assert 1000 == MOST_LISTED
    assert [3, 2, 1] == [one.revision for one in history(**scope)]
    assert [3, 2, 1] == [one.revision for one in history(**scope, limit=1_000_000)]
    assert [3, 2] == [one.revision for one in history(**scope, limit=2)]


def test_a_rollback_is_one_for_the_gateway_too(scope, client, monkeypatch):
    """Its audit names it so."""
    api = LostAnswers(find_gateway(client))
    api.changes.append("nothing is lost")
    monkeypatch.setattr("penstock.rollout.store.find_gateway", lambda _: api)
    back = rollback(2, **scope)
    assert (4, {A: 0.75, B: 0.25}) == (back.revision, back.active)
    assert "POST rollback" == api.changes[-1]
    assert {} == rollback(0, **scope).active


@pytest.mark.usefixtures("scope")
def test_a_change_whose_answer_was_lost_is_no_conflict(client):
    """The call is repeated, and finds what it wanted, of the revision it wanted."""
    store = GatewayStore(LostAnswers(find_gateway(client)))
    written = store.write(next_plan(store.read(SCOPE), a=0.5, b=0.5), {})
    assert (4, {A: 0.5, B: 0.5}) == (written.revision, written.active)
    assert written == store.read(SCOPE)


@pytest.mark.usefixtures("scope")
def test_a_rollback_whose_answer_was_lost_is_no_conflict(client):
    """Likewise."""
    store = GatewayStore(LostAnswers(find_gateway(client)))
    written = store.write(next_plan(store.read(SCOPE), a=1.0), {}, restored=1)
    assert (4, {A: 1.0}) == (written.revision, written.active)


def test_the_change_of_somebody_else_is_a_conflict(scope, client):
    """Another content at that revision, or that content at another one."""
    store = GatewayStore(find_gateway(client))
    present = store.read(SCOPE)
    enable_run(A, client=client)
    with pytest.raises(PlanConflict, match="no longer at revision 3"):
        store.write(next_plan(present, b=1.0), {})
    enable_run(B, client=client)
    with pytest.raises(PlanConflict, match="no longer at revision 3"):
        store.write(next_plan(present, b=1.0), {})
    assert [5, 4, 3, 2, 1] == [one.revision for one in history(**scope)]


@pytest.mark.usefixtures("scope")
def test_other_refusals_stay_what_they_are(gateway):
    """Who may only read is told so."""
    url = gateway.address.url
    with MlflowClient(url, username="read@example.org", password=PASSWORD, retries=0) as reader:
        store = GatewayStore(find_gateway(reader))
        with pytest.raises(MlflowException) as refused:
            store.write(next_plan(store.read(SCOPE), a=1.0), {})
    assert "PERMISSION_DENIED" == refused.value.error_code
