"""A tag that holds no plan: of its own version nothing is guessed, and no other is hindered."""

import uuid
from collections.abc import Iterator

import pytest

from penstock import MlflowClient
from penstock.errors import UnreadablePlan
from penstock.rest.entities import Param
from penstock.rollout import enable_run, list_runs, plan
from penstock.rollout.codec import plan_tag
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store
from penstock.semver import parse_version
from servers import Up

GOOD, BAD = "1.4.0", "2.0.0"


@pytest.fixture(params=["mlflow", "gateway"])
def client(request, stack: Up) -> Iterator[MlflowClient]:
    """A client of MLflow itself, or of the gateway."""
    if request.param == "mlflow":
        client = MlflowClient(stack.mlflow_url)
    else:
        client = MlflowClient(stack.gateway_url, username=stack.username, password=stack.password)
    with client:
        yield client


@pytest.fixture
def runs(client, stack: Up) -> Iterator[dict[str, str]]:
    """A registered run of each version, whose submodel is the experiment; one plan is damaged."""
    with MlflowClient(stack.mlflow_url) as plain:
        name = f"unreadable-{uuid.uuid4().hex[:8]}"
        experiment_id = client.create_experiment(name)
        client.create_registered_model(name)
        scopes = {one: Scope(experiment_id, name, parse_version(one)) for one in (GOOD, BAD)}
        yield {one: _save(client, scope) for one, scope in scopes.items()} | {
            "experiment": experiment_id
        }
        plain.delete_experiment(experiment_id)


def _save(client: MlflowClient, scope: Scope) -> str:
    run = client.create_run(scope.experiment_id)
    numbers = zip(("major", "minor", "micro"), str(scope.version).split("."), strict=True)
    params = [Param(f"{part}_version", number) for part, number in numbers]
    params.append(Param("submodel_name", scope.submodel_name))
    client.log_batch(run.info.run_id, (), params, (), synchronous=True)
    client.create_model_version(
        scope.submodel_name, f"{run.info.artifact_uri}/model", run.info.run_id
    )
    find_store(client).declare_new(scope, run.info.run_id)
    return run.info.run_id


@pytest.fixture
def damaged(client, stack: Up, runs) -> dict[str, object]:
    """The arguments of the experiment, where the plan of the later version is damaged."""
    experiment = client.get_experiment(runs["experiment"])
    tag = plan_tag(Scope(experiment.experiment_id, experiment.name, parse_version(BAD)))
    with MlflowClient(stack.mlflow_url) as plain:
        plain.set_experiment_tag(experiment.experiment_id, tag, '{"format": 99}')
    return {"experiment_id": experiment.experiment_id, "client": client}


def test_another_version_is_released_and_read(client, runs, damaged):
    """With its stage and alias, though both share a registered model."""
    assert {runs[GOOD]: 1.0} == enable_run(runs[GOOD], client=client).active
    (seen,) = list_runs(GOOD, **damaged)
    assert (runs[GOOD], 1.0) == (seen.run_id, seen.fraction)
    name = client.get_experiment(runs["experiment"]).name
    held = client.get_model_version_by_alias(name, "active")
    assert (runs[GOOD], "Production") == (held.run_id, held.current_stage)


def test_its_own_version_is_not_guessed(runs, damaged):
    """Neither read nor listed nor changed; the message names the tag."""
    for call in (
        lambda: plan(BAD, **damaged),
        lambda: list_runs(BAD, **damaged),
        lambda: list_runs(**damaged),
        lambda: enable_run(runs[BAD], client=damaged["client"]),
    ):
        with pytest.raises(UnreadablePlan, match=r"tag .penstock\.plan\.") as raised:
            call()
        assert "delete the tag" in str(raised.value)
