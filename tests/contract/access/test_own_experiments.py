"""Experiments over `/v1`, against a real MLflow."""

import uuid

import pytest

from contract.access.own_calls import ADMINISTRATOR, EDITOR, MANAGER, READER, STRANGER
from contract.access.things import make_things

V2 = "/api/2.0/mlflow"


def fresh() -> str:
    return f"own-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def path(things) -> str:
    return f"/v1/experiment/{things['experiment']}"


@pytest.mark.parametrize("who", [STRANGER, READER, ADMINISTRATOR])
def test_everybody_makes_experiments_and_manages_them(own, who):
    """Made, found with its maker, renamed and deleted; a stranger sees nothing of it."""
    name = fresh()
    made = own.data(who, "POST", "/v1/experiment", {"experiment_name": name})
    assert {"experiment_id", "experiment_name"} == set(made)
    path = f"/v1/experiment/{made['experiment_id']}"
    found = own.data(who, "GET", path)
    email = "admin@localhost" if who == ADMINISTRATOR else f"{who.lower()}@example.org"
    location = f"mlflow-artifacts:/{made['experiment_id']}"
    assert {**made, "artifact_location": location, "created_by": email} == found
    assert 404 == own.refused(MANAGER, "GET", path)
    renamed = own.data(who, "PUT", path, {"experiment_name": f"{name}-2"})
    assert {**made, "experiment_name": f"{name}-2"} == renamed
    assert f"{name}-2" == own.data(who, "GET", path)["experiment_name"]
    assert {"experiment_id": made["experiment_id"]} == own.data(who, "DELETE", path)
    assert 404 == own.refused(who, "GET", path)


@pytest.mark.parametrize("who", [READER, EDITOR, MANAGER, ADMINISTRATOR])
def test_a_reader_looks_at_an_experiment(own, things, path, who):
    """One that was not made over `/v1` says of nobody that they made it."""
    expected = {
        "experiment_id": things["experiment"],
        "experiment_name": things["experiment_name"],
        "artifact_location": f"mlflow-artifacts:/{things['experiment']}",
        "created_by": None,
    }
    assert expected == own.data(who, "GET", path)


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), (STRANGER, 404), (READER, 403), (EDITOR, 403)]
)
def test_who_does_not_manage_an_experiment_changes_nothing(own, path, who, status):
    """Neither its name nor whether it is there."""
    before = own.data(ADMINISTRATOR, "GET", path)
    assert status == own.refused(who, "PUT", path, {"experiment_name": fresh()})
    assert status == own.refused(who, "DELETE", path)
    assert before == own.data(ADMINISTRATOR, "GET", path)


@pytest.mark.parametrize("who", [MANAGER, ADMINISTRATOR])
def test_who_manages_an_experiment_changes_it(own, things, path, who):
    """The grants follow the name, and the deleted one is gone for everybody."""
    name = fresh()
    expected = {"experiment_id": things["experiment"], "experiment_name": name}
    assert expected == own.data(who, "PUT", path, {"experiment_name": name})
    assert name == own.data(READER, "GET", path)["experiment_name"]
    assert {"experiment_id": things["experiment"]} == own.data(who, "DELETE", path)
    for caller in (READER, MANAGER, ADMINISTRATOR):
        assert 404 == own.refused(caller, "GET", path)
        assert 404 == own.refused(caller, "DELETE", path)
        assert 404 == own.refused(caller, "PUT", path, {"experiment_name": fresh()})
        assert 404 == own.refused(caller, "POST", f"{path}/run", {})


def test_a_taken_name_is_a_conflict(own, things, direct, path):
    """Whether it is asked for a new experiment or for another one, and though it be deleted."""
    other = make_things(direct)
    taken = {"experiment_name": other["experiment_name"]}
    assert 409 == own.refused(MANAGER, "POST", "/v1/experiment", taken)
    assert 409 == own.refused(MANAGER, "PUT", path, taken)
    direct.post(f"{V2}/experiments/delete", {"experiment_id": other["experiment"]})
    assert 409 == own.refused(MANAGER, "POST", "/v1/experiment", taken)
    assert 409 == own.refused(MANAGER, "PUT", path, taken)
    same = {"experiment_name": things["experiment_name"]}
    assert same.items() <= own.data(MANAGER, "PUT", path, same).items()


@pytest.mark.parametrize(
    "name", ["it's", 'say "hi"', "100 %", "back\\slash", "ünï/código 🚀", "a" * 500]
)
def test_a_name_comes_back_as_it_was_given(own, name):
    """Quotes, other alphabets and all."""
    body = {"experiment_name": f"{name[:480]}{uuid.uuid4().hex[:20]}"}
    made = own.data(STRANGER, "POST", "/v1/experiment", body)
    assert body.items() <= made.items()
    assert (
        body.items() <= own.data(STRANGER, "GET", f"/v1/experiment/{made['experiment_id']}").items()
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"experiment_name": None},
        {"experiment_name": ""},
        {"experiment_name": 7},
        {"experiment_name": ["a"]},
        {"experiment_name": "a" * 501},
        {"experiment_name": "a\nb"},
        {"experiment_name": "a\x00b"},
        {"experiment_name": "\ud800"},
        {"experiment_name": "a", "artifact_location": "/tmp"},  # noqa: S108 - never opened
    ],
)
def test_a_body_of_a_wrong_form_is_refused(own, path, body):
    """422 for both calls that take it."""
    assert 422 == own.refused(MANAGER, "POST", "/v1/experiment", body)
    assert 422 == own.refused(MANAGER, "PUT", path, body)


@pytest.mark.parametrize(
    "experiment_id", ["abc", "-1", "01", "+1", "%201", "1.0", "9" * 19, "9" * 40, "%C3%A9", "99999"]
)
def test_what_is_no_experiment_does_not_exist(own, experiment_id):
    """For an administrator too, whose call no grant has stopped."""
    for who in (MANAGER, ADMINISTRATOR):
        for method, path, body in (
            ("GET", "", None),
            ("PUT", "", {"experiment_name": fresh()}),
            ("DELETE", "", None),
            ("POST", "/run", {}),
        ):
            assert 404 == own.refused(who, method, f"/v1/experiment/{experiment_id}{path}", body)


def test_a_name_that_is_granted_for_reading_cannot_be_taken(own):
    """Who may only read an experiment of a name makes none of it, nor renames one to it."""
    mine = own.data(READER, "POST", "/v1/experiment", {"experiment_name": fresh()})
    body = {"subject": "user:read@example.org", "kind": "experiment", "level": "READ"}
    prefix = fresh()
    own.data(ADMINISTRATOR, "POST", "/v1/grant", {**body, "pattern": f"{prefix}*"})
    wanted = {"experiment_name": f"{prefix}-x"}
    assert 403 == own.refused(READER, "POST", "/v1/experiment", wanted)
    assert 403 == own.refused(READER, "PUT", f"/v1/experiment/{mine['experiment_id']}", wanted)
