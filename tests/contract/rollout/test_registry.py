"""Stages and aliases follow the plan, for those who read the registry."""

import pytest

from contract.rollout.sides import stock_only
from contract.rollout.workplace import writes_of
from penstock import MlflowClient
from penstock.errors import ServerUnreachable
from penstock.rollout.mlflow_api import (
    canary_run,
    change_status,
    disable_run,
    enable_run,
    update_active_runs,
)
from penstock.rollout.model_names import encode_model_name
from servers import free_port


def test_stages_follow(place, run_ids):
    """Active is Production, Canary Staging, Disabled Archived, New None."""
    one, two, three, four = run_ids
    update_active_runs({one: 1, two: 3}, **place.scope)
    canary_run(three, client=place.client)
    expected = {one: "Production", two: "Production", three: "Staging", four: "None"}
    assert expected == place.stages()
    change_status(one, "New", client=place.client)
    disable_run(three, client=place.client)
    assert {**expected, one: "None", three: "Archived"} == place.stages()


def test_aliases_follow(place, run_ids):
    """The largest share, the newest Canary; an alias that nothing holds is deleted."""
    one, two, three, four = run_ids
    update_active_runs({one: 1, two: 3}, **place.scope)
    assert {"active": two} == place.aliases()
    for canary in (four, three):
        canary_run(canary, client=place.client)
    assert {"active": two, "canary": four} == place.aliases()
    change_status(two, new_test_fraction=0.25, client=place.client)
    disable_run(four, client=place.client)
    assert {"active": one, "canary": three} == place.aliases()
    for run_id in run_ids:
        disable_run(run_id, client=place.client)
    assert {} == place.aliases()


def test_the_highest_version_has_the_aliases(place):
    """Where several versions share a model; the lower one has them back after it."""
    old, new = (
        place.add_run("1.9.0", is_registered=True),
        place.add_run("1.10.0", is_registered=True),
    )
    for run_id, expected in ((old, old), (new, new)):
        enable_run(run_id, client=place.client)
        assert {"active": expected} == place.aliases()
    enable_run(place.add_run("1.9.0", is_registered=True), client=place.client)
    assert {"active": new} == place.aliases()
    disable_run(new, client=place.client)
    assert place.aliases()["active"] not in {old, new}


def test_experiments_that_share_a_model(place, plain):
    """The highest version of all of them; who leaves takes nothing from the other."""
    here = place.add_run("1.0.0", is_registered=True)
    enable_run(here, client=place.client)
    elsewhere = plain.create_experiment(f"{place.name}-2")
    other = type(place)(place.client, plain, place.name, elsewhere)
    there = other.add_run("2.0.0", is_registered=True)
    enable_run(there, client=place.client)
    assert {"active": there} == place.aliases()
    disable_run(there, client=place.client)
    assert {"active": here} == place.aliases()


def test_a_run_with_several_versions(place):
    """All of them have its stage; the newest has the alias."""
    run_id = place.add_run(is_registered=True)
    number = place.register(run_id)
    enable_run(run_id, client=place.client)
    held = place.plain.get_registered_model(place.name).aliases
    assert {"active": str(number)} == dict(held)
    versions = place.plain.iter_model_versions(f"name = '{place.name}'")
    assert ["Production"] * 2 == [version.current_stage for version in versions]


@pytest.mark.parametrize("submodel", ["a/b:c", "50%2F", "it's `100%` 日本", 'q "x"'])
def test_a_submodel_of_any_name_has_its_model(place, submodel):
    """Percent-encoded where MLflow needs it, and nowhere else."""
    name = f"{submodel} {place.name}"
    run_id = place.add_run(submodel=name, is_registered=True)
    enable_run(run_id, client=place.client)
    model = place.plain.get_registered_model(encode_model_name(name))
    assert {"active": "1"} == dict(model.aliases)
    assert "Production" == place.plain.get_model_version(model.name, "1").current_stage


@pytest.mark.parametrize("loss", ["deleted", "renamed", "version deleted"])
def test_a_model_that_is_gone_stops_nobody(place, run_ids, loss):
    """The plan and the runs' own mirrors go on."""
    one, two, *_ = run_ids
    update_active_runs({one: 1, two: 3}, **place.scope)
    if loss == "deleted":
        place.plain.delete_registered_model(place.name)
    elif loss == "renamed":
        place.plain.rename_registered_model(place.name, f"{place.name}-renamed")
    else:
        place.plain.delete_model_version(place.name, "2")
    assert {one: 1.0} == disable_run(two, client=place.client).active
    assert ("Disabled", "Active") == (place.mirrored(two)[0], place.mirrored(one)[0])
    assert {two: 1.0} == enable_run(two, client=place.client).active


@stock_only
def test_a_registry_that_does_not_answer_is_told(place, run_ids, mlflow_url):
    """The plan holds; the next call that reaches it repairs."""
    one, two, *_ = run_ids
    enable_run(one, client=place.client)
    nowhere = f"http://127.0.0.1:{free_port()}"
    with (
        MlflowClient(mlflow_url, nowhere, retries=0) as client,
        pytest.raises(ServerUnreachable, match=nowhere),
    ):
        enable_run(two, client=client)
    assert {two: 1.0} == place.fractions()
    change_status(two, client=place.client)
    assert {} == place.behind(run_ids)


@stock_only
def test_what_is_right_already_is_not_written(place, run_ids):
    """A change writes stages and aliases that change, and no others."""
    one, two, three, _ = run_ids
    update_active_runs({one: 1, two: 3, three: 1}, **place.scope)
    with writes_of(place.client) as writes:
        update_active_runs({one: 1, two: 3}, **place.scope)
    assert 1 == writes.count("model-versions/transition-stage")
    assert 0 == writes.count("registered-models/alias")
