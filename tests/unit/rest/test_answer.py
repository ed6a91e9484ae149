import json
import math

import pytest

from penstock.errors import NotMlflow
from penstock.rest._answer import Answer
from penstock.rest.entities import Experiment, Metric, Run


def answer(body: object, content_type: str = "application/json") -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("GET", "/api/2.0/mlflow/x", 200, text, content_type)


def test_one_member_is_decoded():
    """Members that nobody knows yet are passed over."""
    found = answer({"experiment": {"experiment_id": "1", "new": [1]}, "more": {}})
    assert "1" == found.one("experiment", Experiment).experiment_id


def test_a_page_has_the_token_of_the_next():
    """None on the last page, also where a server sends an empty text."""
    body = {"experiments": [{"experiment_id": "1"}], "next_page_token": "abc"}
    page = answer(body).page("experiments", Experiment)
    assert (["1"], "abc") == ([found.experiment_id for found in page], page.token)
    assert answer({**body, "next_page_token": ""}).page("experiments", Experiment).token is None
    assert answer({}).page("experiments", Experiment).token is None


def test_an_empty_page_is_empty():
    """MLflow leaves out empty lists."""
    assert [] == answer({}).page("runs", Run)
    assert [] == answer({"root_uri": "x"}).many("files", Run)


@pytest.mark.parametrize(("sent", "expected"), [("NaN", math.nan), ("Infinity", math.inf)])
def test_numbers_that_json_lacks_come_as_text(sent, expected):
    """Protobuf's JSON writes them so; 64-bit integers may come as text as well."""
    body = {"metrics": [{"key": "m", "value": sent, "timestamp": "12", "step": "-3"}]}
    (metric,) = answer(body).many("metrics", Metric)
    assert repr(expected) == repr(metric.value)
    assert (12, -3) == (metric.timestamp, metric.step)


def test_null_means_left_out():
    """MLflow never sends it, servers that imitate it do."""
    found = answer({"experiment": {"experiment_id": "1", "name": None, "tags": [None]}})
    assert "" == found.one("experiment", Experiment).name


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!doctype html><title>Log in</title>", "an HTML page"),
        (b"", "empty"),
        (b"OK", "no JSON"),
        (b'{"run": {"info": {"run_id": "1"', "no JSON"),
        (b"[]", "JSON of another kind"),
        (b"3", "JSON of another kind"),
        (b"{}", "JSON of another kind"),
        (b'{"run": 1}', "JSON of another kind"),
        (b'{"run": {"info": {}}}', "JSON of another kind"),
        (b'{"run": {"info": {"run_id": "1", "start_time": "soon"}}}', "JSON of another kind"),
        (b"\xff\xfe", "no JSON"),
        (b'{"run": {"info": {"run_id": "\xff"}}}', "no JSON"),
        (b'{"error": "\xff"}', "no JSON"),
    ],
)
def test_what_mlflow_never_sends_is_not_mlflow(body, kind):
    """The message says what came instead, from where, and what to check."""
    with pytest.raises(NotMlflow) as refusal:
        answer(body, "text/plain").one("run", Run)
    for part in (kind, "GET /api/2.0/mlflow/x: 200", "check the address"):
        assert part in str(refusal.value)


def test_a_page_of_another_service_is_not_an_empty_page():
    """Its JSON has members, but none of ours."""
    with pytest.raises(NotMlflow, match="JSON with status, uptime"):
        answer({"status": "ok", "uptime": 3}).page("runs", Run)


def test_plain_json_is_passed_on():
    """For calls that a user writes; an empty body is an empty object."""
    assert {"a": [1, None]} == answer({"a": [1, None]}).json()
    assert {} == answer(b"").json()
    with pytest.raises(NotMlflow):
        answer(b"<html>", "text/html").json()
