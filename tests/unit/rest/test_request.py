import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import MlflowException
from penstock.rest._request import build_request

HOST = "http://host:5000"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_an_endpoint_becomes_a_url():
    """Below the version of the API that most of MLflow has."""
    request = build_request(HOST, "GET", "mlflow/runs/get", query={"run_id": "1"})
    assert "http://host:5000/api/2.0/mlflow/runs/get?run_id=1" == request.url
    assert "/api/2.0/mlflow/runs/get" == request.path
    assert request.body is None


def test_a_prefix_of_the_server_stays():
    """A server behind a proxy may live below a path."""
    request = build_request("https://host/mlflow", "GET", "mlflow/runs/get")
    assert "https://host/mlflow/api/2.0/mlflow/runs/get" == request.url
    assert "/mlflow/api/2.0/mlflow/runs/get" == request.path


def test_another_version_of_the_api_can_be_named():
    """Some of MLflow's endpoints are at 3.0."""
    request = build_request(HOST, "GET", "api/3.0/mlflow/server-info")
    assert "http://host:5000/api/3.0/mlflow/server-info" == request.url


@given(name=TEXT, value=TEXT)
def test_any_text_survives_the_query(name, value):
    """Unicode, slashes, percent signs, quotes, ampersands."""
    request = build_request(HOST, "GET", "x", query={f"k{name}": value})
    assert request.url.isascii()
    parsed = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    assert [(f"k{name}", value)] == parsed


@given(value=TEXT)
def test_any_text_survives_the_body(value):
    """As UTF-8 JSON."""
    request = build_request(HOST, "POST", "x", body={"value": value})
    assert {"value": value} == json.loads(request.body or b"")


def test_what_is_none_is_left_out():
    """Empty and false values are sent: they mean something."""
    values = {"none": None, "empty": "", "no": False, "zero": 0, "list": ["a", None, "b"]}
    query = parse_qsl(
        urlsplit(build_request(HOST, "GET", "x", query=values).url).query, keep_blank_values=True
    )
    assert [("empty", ""), ("no", "false"), ("zero", "0"), ("list", "a"), ("list", "b")] == query
    body = json.loads(build_request(HOST, "POST", "x", body=values).body or b"")
    assert {"empty", "no", "zero", "list"} == set(body)


@pytest.mark.parametrize("value", ["\ud800", object(), b"\xff", 2**70])
def test_what_json_cannot_carry_is_refused(value):
    """As an error of ours, with the endpoint in it."""
    with pytest.raises(MlflowException, match=r"POST /api/2\.0/x") as refusal:
        build_request(HOST, "POST", "x", body={"value": [value, object()]})
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


def test_what_a_url_cannot_carry_is_refused():
    """Half a character is no text."""
    with pytest.raises(MlflowException, match=r"GET /api/2\.0/x"):
        build_request(HOST, "GET", "x", query={"name": "\ud800"})


@pytest.mark.parametrize(
    ("method", "endpoint", "expected"),
    [
        ("GET", "mlflow/runs/get", True),
        ("PUT", "mlflow-artifacts/artifacts/1/x", True),
        ("DELETE", "mlflow/registered-models/delete-tag", True),
        ("POST", "mlflow/runs/search", True),
        ("POST", "mlflow/runs/log-batch", True),
        ("POST", "mlflow/runs/log-metric", True),
        ("POST", "mlflow/runs/create", False),
        ("POST", "mlflow/experiments/create", False),
        ("POST", "mlflow/runs/delete", False),
        ("POST", "mlflow/model-versions/create", False),
        ("POST", "mlflow/unknown", False),
        ("PATCH", "mlflow/unknown", False),
    ],
)
def test_only_what_does_no_harm_twice_is_repeatable(method, endpoint, expected):
    """A second `create` would make a second thing."""
    assert expected == build_request(HOST, method, endpoint).is_repeatable
