"""Nobody speaks of traces in the name of somebody else."""

import pytest

from penstock.gateway.permissions.subject import Subject, UserId
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.rewrites.author import (
    authored_assessment,
    authored_request,
    authored_trace,
)
from penstock.gateway.proxy.routes.traces import ROUTES

ANN = Subject(UserId(1), "ann@example.org", is_admin=False)
(ROUTE, *_) = ROUTES


def call(document):
    return Call(ROUTE, "POST", ROUTE.path, ANN, document=document)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"source_type": "HUMAN", "source_id": "ben"}, "ann@example.org"),
        ({"source_type": 1, "source_id": "ben"}, "ann@example.org"),
        ({"source_type": "HUMAN"}, "ann@example.org"),
        ({"source_type": "LLM_JUDGE", "source_id": "gpt"}, "gpt"),
        ({"source_type": "CODE", "source_id": "check.py"}, "check.py"),
    ],
)
def test_a_person_who_assesses_is_the_caller(source, expected):
    """Judges and programs have names of their own; also inside a trace that is written whole."""
    made = authored_assessment(call({"assessment": {"source": source, "rationale": "r"}}))
    assert {**source, "source_id": expected} == made["assessment"]["source"]
    trace = {"trace": {"trace_info": {"assessments": [{"source": source}], "trace_id": "t"}}}
    (assessed,) = authored_trace(call(trace))["trace"]["trace_info"]["assessments"]
    assert {**source, "source_id": expected} == assessed["source"]


def test_the_other_spelling_is_no_way_around():
    """MLflow reads both."""
    body = {"assessment": {"source": {"sourceType": "HUMAN", "sourceId": "ben"}}}
    expected = {"sourceType": "HUMAN", "sourceId": "ann@example.org"}
    assert expected == authored_assessment(call(body))["assessment"]["source"]
    body = {"trace": {"traceInfo": {"traceMetadata": {"mlflow.user": "ben"}}}}
    info = authored_trace(call(body))["trace"]["traceInfo"]
    assert {"mlflow.user": "ann@example.org"} == info["traceMetadata"]


def test_the_user_of_a_trace_is_the_caller():
    """Where one is named; the application's own user is another matter."""
    pairs = {"mlflow.user": "ben", "MLflow.User ": "ben", "mlflow.trace.user": "customer 7"}
    body = {"trace": {"trace_info": {"trace_metadata": pairs, "tags": pairs}}}
    expected = {**dict.fromkeys(pairs, "ann@example.org"), "mlflow.trace.user": "customer 7"}
    info = authored_trace(call(body))["trace"]["trace_info"]
    assert expected == info["trace_metadata"] == info["tags"]
    listed = [{"key": key, "value": value} for key, value in pairs.items()]
    found = authored_request(call({"request_metadata": listed, "tags": listed}))
    assert [{"key": key, "value": value} for key, value in expected.items()] == found["tags"]
    assert found["tags"] == found["request_metadata"]


@pytest.mark.parametrize(
    "document",
    [{}, {"assessment": 1}, {"assessment": {"source": []}}, {"trace": []}, {"tags": "x"}],
)
def test_what_names_nobody_stays_as_it_is(document):
    """Other forms are for MLflow to refuse."""
    for rewrite in (authored_assessment, authored_trace, authored_request):
        assert document == rewrite(call(document))
