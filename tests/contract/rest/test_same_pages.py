"""Thousands of things, page by page: MLflow's client and ours get the same pages."""

import sqlite3
import uuid
from contextlib import closing

import pytest

from contract.rest.likeness import plain
from contract.rest.side_by_side import all_sides
from penstock import MlflowClient

MANY, LONG = 2300, 26_000
COUNTED = (
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :most) "
)
COPIES = {
    "experiments": """
        INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time,
            last_update_time)
        SELECT name || n, artifact_location, lifecycle_stage, creation_time, last_update_time
        FROM counted, experiments WHERE name = :name""",
    "runs": """
        INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time,
            lifecycle_stage, artifact_uri, experiment_id)
        SELECT printf('%s%023x', :name, n), name, source_type, user_id, status, n / 3,
            lifecycle_stage, artifact_uri, experiment_id
        FROM counted, runs WHERE run_uuid = :run_id""",
    "metrics": """
        INSERT INTO metrics (key, value, timestamp, run_uuid, step)
        SELECT 'series', n / 7.0, n, :run_id, n FROM counted""",
    "registered_models": """
        INSERT INTO registered_models (name, creation_time, last_updated_time, description)
        SELECT name || n, creation_time, last_updated_time, description
        FROM counted, registered_models WHERE name = :name""",
    "model_versions": """
        INSERT INTO model_versions (name, version, creation_time, last_updated_time, description,
            current_stage, source, run_id, status)
        SELECT name, n + 1, creation_time, last_updated_time, description, current_stage, source,
            run_id, status
        FROM counted, model_versions WHERE name = :name""",
}
REMOVALS = {
    "metrics": "run_uuid = :run_id",
    "runs": "run_uuid GLOB :name || '*'",
    "experiments": "name GLOB :name || '?*'",
    "model_versions": "name = :name AND version > 1",
    "registered_models": "name GLOB :name || '?*'",
}


@pytest.fixture(scope="module")
def many(stack):
    """One of each kind, made by the API, and its copies, written straight into the database."""
    name = f"p{uuid.uuid4().hex[:8]}"
    with MlflowClient(stack.mlflow_url) as client:
        experiment_id = client.create_experiment(name)
        run_id = client.create_run(experiment_id).info.run_id
        client.create_registered_model(name)
        client.create_model_version(name, f"runs:/{run_id}/model", run_id)
    names = {"name": name, "run_id": run_id}
    with closing(sqlite3.connect(stack.data / "mlflow.db", timeout=60)) as database:
        for table, copy in COPIES.items():
            most = LONG if table == "metrics" else MANY
            database.execute(COUNTED + copy, {**names, "most": most})
        database.commit()
        yield {**names, "experiment_id": experiment_id}
        for table, condition in REMOVALS.items():
            database.execute(f"DELETE FROM {table} WHERE {condition}", names)  # noqa: S608
        database.commit()


PAGES = {
    "experiments": (
        MANY + 1,
        lambda client, many, token: client.search_experiments(
            filter_string=f"name LIKE '{many['name']}%'", page_token=token
        ),
        lambda client, many: client.iter_experiments(f"name LIKE '{many['name']}%'"),
    ),
    "runs": (
        MANY + 1,
        lambda client, many, token: client.search_runs([many["experiment_id"]], page_token=token),
        lambda client, many: client.iter_runs([many["experiment_id"]]),
    ),
    "registered models": (
        MANY + 1,
        lambda client, many, token: client.search_registered_models(
            f"name LIKE '{many['name']}%'", 1000, page_token=token
        ),
        lambda client, many: client.iter_registered_models(
            f"name LIKE '{many['name']}%'", page_size=700
        ),
    ),
    "versions": (
        MANY + 1,
        lambda client, many, token: client.search_model_versions(
            f"name = '{many['name']}'", 1000, ["version_number"], token
        ),
        lambda client, many: client.iter_model_versions(
            f"name = '{many['name']}'", order_by=["version_number"], page_size=700
        ),
    ),
}


@pytest.mark.parametrize("kind", PAGES)
def test_pages(stack, many, kind):
    """Each page, each token, in the same order; one by one as well."""
    number, fetch, iterate = PAGES[kind]
    with all_sides(stack) as (stock, ours, through):
        expected = all_pages(lambda token: fetch(stock.client, many, token))
        assert number == sum(len(items) for items, _ in expected)
        assert len(expected) > 1
        assert expected == all_pages(lambda token: fetch(through.client, many, token))
        everything = [item for items, _ in expected for item in items]
        assert everything == [plain(item) for item in iterate(ours.client, many)]


def test_a_history_of_many_pages(stack, many):
    """More values than one answer of the server holds."""
    with all_sides(stack) as (stock, _, through):
        expected = plain(stock.client.get_metric_history(many["run_id"], "series"))
        assert LONG == len(expected)
        assert expected == plain(through.client.get_metric_history(many["run_id"], "series"))


def all_pages(fetch):
    """Return the items and the token of each page."""
    pages = []
    token = None
    while not pages or token:
        page = fetch(token)
        token = page.token or None
        pages.append((plain(page), token))
    return pages
