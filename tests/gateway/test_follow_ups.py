"""What MLflow has done is followed by the grants, also where no gateway lives to see it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest

from gateway.grants import PASSWORD, grant
from gateway.running import USER, Gateway, running_gateway
from gateway.threads import Address
from gateway.tiny_mlflow import tiny_mlflow
from gateway.tiny_registry import EXPERIMENTS, MODELS, TinyRegistry
from gateway.wire import Caller, basic
from penstock.gateway.access import follow_ups
from penstock.gateway.db import follow_ups as rows
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind
from servers import wait_until

JSON = {"content-type": "application/json"}
BOB = "bob@example.org"

CREATE_MODEL = ("POST", MODELS + "create", {"name": "made"})
CREATE_EXPERIMENT = ("POST", EXPERIMENTS + "create", {"name": "made"})
DELETE_MODEL = ("DELETE", MODELS + "delete", {"name": "churn"})
RENAME_MODEL = ("POST", MODELS + "rename", {"name": "churn", "new_name": "kept"})
RENAME_EXPERIMENT = ("POST", EXPERIMENTS + "update", {"experiment_id": "1", "new_name": "new"})


class Case(NamedTuple):
    """A call, and the patterns of the user's grants once they have followed it."""

    call: tuple[str, str, dict[str, str]]
    expected: set[tuple[str, str | None]]


CASES = pytest.mark.parametrize(
    "case",
    [
        Case(CREATE_MODEL, {("churn", None), ("made", None), ("old", "1")}),
        Case(CREATE_EXPERIMENT, {("churn", None), ("made", "2"), ("old", "1")}),
        Case(DELETE_MODEL, {("old", "1")}),
        Case(RENAME_MODEL, {("kept", None), ("old", "1")}),
        Case(RENAME_EXPERIMENT, {("churn", None), ("new", "1")}),
    ],
    ids=lambda case: case.call[1].rpartition("mlflow/")[2],
)


@pytest.fixture
def registry() -> TinyRegistry:
    """A model and an experiment of the user's, made long ago."""
    made = TinyRegistry()
    made.models["churn"] = made.made("churn", USER, ago=1000)
    made.experiments["1"] = made.made("old", USER, ago=1000) | {"experiment_id": "1"}
    return made


@pytest.fixture
def upstream(registry: TinyRegistry) -> Iterator[Address]:
    with tiny_mlflow(registry) as address:
        yield address


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for what was left at once, and often."""
    monkeypatch.setattr(follow_ups, "FIRST_LOOK", timedelta())
    monkeypatch.setattr(follow_ups, "LOOK_SECONDS", 0.05)


def give(gateway: Gateway) -> None:
    grant(gateway, USER, "registered_model", "churn", Level.MANAGE)
    experiment = Pattern(Kind.EXPERIMENT, "old", "1")
    gateway.app.parts.grants.put(f"user:{USER}", experiment, Level.MANAGE)


def send(who: Caller, call: tuple[str, str, dict[str, str]]) -> int:
    method, path, document = call
    return who.call(method, path, json.dumps(document).encode(), headers=JSON).status


def patterns(gateway: Gateway) -> set[tuple[str, str | None]]:
    found = gateway.app.parts.grants.list_grants()
    return {(one.pattern.text, one.pattern.resource_id) for one in found}


def left(gateway: Gateway) -> list[rows.FollowUp]:
    with gateway.app.parts.database.reading() as connection:
        return rows.list_follow_ups(connection, most=100)


@CASES
def test_grants_follow_what_is_answered_at_once(tmp_path, upstream, case):
    """And nothing is left to be looked for."""
    with running_gateway(tmp_path, upstream.url) as gateway:
        give(gateway)
        assert 200 == send(gateway.user, case.call)
        assert case.expected == patterns(gateway)
        assert [] == left(gateway)


@pytest.mark.usefixtures("soon")
@CASES
def test_grants_follow_what_is_not_answered_in_time(tmp_path, registry, upstream, case):
    """The caller gets a 504, and MLflow has done it."""
    with running_gateway(tmp_path, upstream.url, upstream_seconds=0.3) as gateway:
        give(gateway)
        registry.is_mute = True
        assert 504 == send(gateway.user, case.call)
        wait_until(lambda: [] == left(gateway), 20, what="the grants to follow")
        assert case.expected == patterns(gateway)


@CASES
def test_grants_follow_what_a_gateway_has_left_when_it_ended(
    tmp_path, registry, upstream, monkeypatch, case
):
    """The next one that starts on its database sees to it."""
    monkeypatch.setattr(follow_ups, "FIRST_LOOK", timedelta(seconds=1))
    with running_gateway(tmp_path, upstream.url, upstream_seconds=0.3) as gateway:
        give(gateway)
        monkeypatch.setattr(follow_ups, "AT_ONCE", 0)
        registry.is_mute = True
        assert 504 == send(gateway.user, case.call)
        assert 1 == len(left(gateway))
    monkeypatch.setattr(follow_ups, "AT_ONCE", 50)
    with running_gateway(tmp_path, upstream.url) as gateway:
        wait_until(lambda: [] == left(gateway), 20, what="the grants to follow")
        assert case.expected == patterns(gateway)


@pytest.mark.usefixtures("soon")
@CASES
def test_grants_follow_once_the_database_is_back(tmp_path, upstream, case):
    """Whose call succeeded is told so: MLflow has done it."""
    with running_gateway(tmp_path, upstream.url) as gateway:
        give(gateway)
        database = gateway.app.parts.database
        with database.writing() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER away BEFORE DELETE ON follow_ups "
                "BEGIN SELECT RAISE(ABORT, 'away'); END"
            )
        assert 200 == send(gateway.user, case.call)
        assert 1 == len(left(gateway))
        with database.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER away")
        wait_until(lambda: [] == left(gateway), 20, what="the grants to follow")
        assert case.expected == patterns(gateway)


def test_a_name_is_free_of_old_grants_before_somebody_takes_it(tmp_path, registry, upstream):
    """Who deleted a model without an answer does not manage the next one of its name."""
    with running_gateway(tmp_path, upstream.url, upstream_seconds=0.3) as gateway:
        give(gateway)
        gateway.accounts.add(BOB, password=PASSWORD)
        registry.is_mute = True
        assert 504 == send(gateway.user, DELETE_MODEL)
        registry.is_mute = False
        bob = Caller(gateway.address, authorization=basic(BOB, PASSWORD))
        assert 200 == send(bob, ("POST", MODELS + "create", {"name": "churn"}))
        found = gateway.app.parts.grants.list_grants(pattern="churn")
        assert [f"user:{BOB}"] == [one.subject for one in found]
        assert 404 == send(gateway.user, DELETE_MODEL)


def test_nobody_becomes_the_creator_of_what_another_made(tmp_path, registry, upstream):
    """However often they ask for it without an answer."""
    with running_gateway(tmp_path, upstream.url, upstream_seconds=0.3) as gateway:
        registry.is_mute = registry.is_idle = True
        assert 504 == send(gateway.user, CREATE_MODEL)
        assert 504 == send(gateway.user, CREATE_EXPERIMENT)
        registry.is_mute = registry.is_idle = False
        assert 200 == send(gateway.admin, CREATE_MODEL)
        assert 200 == send(gateway.admin, CREATE_EXPERIMENT)
        assert 200 == send(gateway.admin, DELETE_MODEL)
        assert {"user:admin@localhost"} == {
            one.subject for one in gateway.app.parts.grants.list_grants()
        }
        assert 2 == len(left(gateway))


def test_what_mlflow_refuses_is_not_looked_for(tmp_path, upstream):
    """It has not happened."""
    with running_gateway(tmp_path, upstream.url) as gateway:
        call = ("DELETE", MODELS + "delete", {"name": "nothing"})
        assert 404 == send(gateway.admin, call)
        wait_until(lambda: [] == left(gateway), 10, what="the end of the promise")


@pytest.mark.usefixtures("soon")
def test_what_never_happened_is_forgotten_in_the_end(tmp_path, registry, upstream, monkeypatch):
    """After a patience, with all grants as they were."""
    monkeypatch.setattr(follow_ups, "PATIENCE", timedelta(seconds=0.5))
    with running_gateway(tmp_path, upstream.url, upstream_seconds=0.3) as gateway:
        give(gateway)
        before = patterns(gateway)
        registry.is_mute = registry.is_idle = True
        for call in (CREATE_MODEL, CREATE_EXPERIMENT, DELETE_MODEL, RENAME_MODEL):
            assert 504 == send(gateway.user, call)
        wait_until(lambda: [] == left(gateway), 20, what="the end of patience")
        assert before == patterns(gateway)
