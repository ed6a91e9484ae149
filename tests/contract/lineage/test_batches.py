"""How many requests a pipeline makes."""

import sqlite3
import uuid
from contextlib import closing

import pytest

from contract.lineage.counting import counting

CALLS = 200
"""Calls of the pipeline below; lolpop's own tracker makes 322 requests for them."""
MANY = 5000
COPIED = """
WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < :many)
INSERT INTO runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage,
    artifact_uri, experiment_id)
SELECT :begin || printf('%08x', n), name, user_id, 'FINISHED', start_time - n, end_time,
    lifecycle_stage, artifact_uri, experiment_id FROM runs, count WHERE run_uuid = :run_id"""
TAGGED = """INSERT INTO tags (key, value, run_uuid) SELECT tags.key, tags.value, runs.run_uuid
FROM tags, runs WHERE tags.run_uuid = :run_id AND runs.run_uuid LIKE :begin || '%'"""


@pytest.fixture
def counts(mlflow_url):
    with counting(mlflow_url) as counts:
        yield counts


def test_200_calls_make_at_most_a_fifth_of_the_requests(begin, counts):
    """All kinds of calls mixed, with reads of what was just logged."""
    tracker = begin(mlflow_tracking_uri=counts.url)
    counts.calls.clear()
    model = tracker.create_resource("model", type="model_version")
    for number in range(CALLS // 5):
        tracker.log_metadata(model, f"metric {number}", {"value": number})
        tracker.log_metadata(model, f"training_params {number}", {f"p{number}": number})
        tracker.log_tag(model, f"tag {number}", number)
        assert {"value": number} == tracker.get_metadata(model, f"metric {number}")
        tracker.register_vc_resource(model, {"hexsha": "abc", "uri": "u"}, key=f"X{number}")
    tracker.stop()
    assert counts.total <= CALLS / 5, counts.calls


def test_reading_a_run_is_one_request_for_all_its_metadata(begin, counts):
    """For half a second."""
    first = begin()
    model = first.create_resource("model")
    first.update_resource(model, {f"k{number}": number for number in range(50)})
    first.stop()
    tracker = begin(mlflow_tracking_uri=counts.url)
    tracker.client.flush()
    counts.calls.clear()
    assert list(range(50)) == [tracker.get_metadata(model, f"k{number}") for number in range(50)]
    assert counts.calls["runs/get"] <= 2
    assert counts.total <= 2


def test_a_tracker_begins_with_two_requests(begin, counts):
    """The experiment and the run."""
    begin().stop()
    counts.calls.clear()
    begin(mlflow_tracking_uri=counts.url)
    assert {"experiments/get-by-name": 1, "runs/create": 1} == counts.calls


@pytest.fixture
def many(stack, begin):
    """5,000 finished versions of `model`: one made by a tracker, its copies in the database."""
    first = begin()
    first.create_resource("model", type="model_version")
    first.stop()
    run_id = first.run.info.run_id
    names = {"run_id": run_id, "begin": uuid.uuid4().hex[:24], "many": MANY - 1}
    with closing(sqlite3.connect(stack.data / "mlflow.db", timeout=60)) as database, database:
        database.execute(COPIED, names)
        database.execute(TAGGED, names)
    yield run_id
    with closing(sqlite3.connect(stack.data / "mlflow.db", timeout=60)) as database, database:
        for table in ("tags", "runs"):
            database.execute(f"DELETE FROM {table} WHERE run_uuid LIKE :begin || '%'", names)  # noqa: S608 - as above


def test_the_version_before_among_thousands_is_one_request(begin, counts, many):
    """The server finds the one; all of them come in pages of a thousand."""
    tracker = begin(mlflow_tracking_uri=counts.url)
    model = tracker.create_resource("model")
    tracker.client.flush()
    counts.calls.clear()
    assert many == tracker.get_prev_resource_version(model)[1].info.run_id
    assert {"runs/search": 1} == counts.calls
    counts.calls.clear()
    assert MANY == len(tracker.get_prev_resource_version(model, num=2 * MANY))
    assert {"runs/search": MANY // 1000} == counts.calls
