"""How many requests a pipeline makes."""

import pytest

from contract.lineage.counting import counting

CALLS = 200
"""Calls of the pipeline below; the original makes at least one request for each of them."""


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
