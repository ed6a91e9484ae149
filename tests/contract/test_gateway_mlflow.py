"""What the gateway takes for granted of MLflow, and what MLflow makes of what passes."""

import json
import math
import socket
import subprocess
import sys
import urllib.request
import uuid
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

import pytest

from penstock.gateway.proxy.json_body import FREE_KEYS, snake_case

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture(scope="module")
def fields() -> list[dict[str, object]]:
    program = Path(__file__).parent / "mlflow_messages.py"
    command = [sys.executable, "-W", "ignore", str(program)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def test_every_field_has_two_spellings_that_are_known(fields):
    """A field that could be spelled in a third way could be named twice without notice."""
    assert len(fields) > 500
    wrong = [
        field
        for field in fields
        if field["name"] != snake_case(str(field["json_name"]))
        # A name all in lower case is taken to have no other spelling.
        or (field["name"] != field["json_name"] and str(field["json_name"]).islower())
        or not str(field["name"]).islower()
    ]
    assert [] == wrong


def test_every_field_with_keys_of_the_caller_s_own_is_known(fields):
    """Otherwise two tags such as `a_b` and `aB` would be refused as one field."""
    free = {str(field["name"]) for field in fields if field["is_free"]}
    assert set() == free - FREE_KEYS
    assert {"tags", "secret_value"} <= free


def test_no_field_that_is_looked_into_is_taken_for_the_caller_s_own(fields):
    """Inside it two spellings of one field would pass; a span's attribute decides nothing."""
    hidden = [field for field in fields if field["is_message"] and field["name"] in FREE_KEYS]
    assert ["opentelemetry.proto.common.v1.KeyValue"] == [field["message"] for field in hidden]


def ask(stack, method: str, target: str, body: bytes | None = None, **headers: str):
    """Send a request through the gateway; return status, headers and body."""
    proof = b64encode(f"{stack.username}:{stack.password}".encode()).decode()
    request = urllib.request.Request(
        f"{stack.gateway_url}{target}",
        data=body,
        method=method,
        headers={"Authorization": f"Basic {proof}", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()


def names_in(stack, folder: str) -> list[str]:
    """Return the artifacts in a folder as MLflow itself lists them."""
    url = f"{stack.mlflow_url}{ARTIFACTS}?path={quote(folder)}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return [file["path"] for file in json.loads(answer.read()).get("files", [])]


@pytest.fixture
def folder() -> str:
    return f"gateway-tests/{uuid.uuid4().hex}"


@pytest.mark.parametrize(
    ("framing", "part"),
    [
        ("Content-Length: 2000000", b"x" * 1_000_000),
        ("Transfer-Encoding: chunked", b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n"),
    ],
)
@pytest.mark.parametrize("leaves", [True, False])
def test_an_upload_that_is_broken_off_leaves_no_artifact(stack, folder, framing, part, leaves):
    """Neither a caller who leaves nor one who ends their side makes half a file."""
    proof = b64encode(f"{stack.username}:{stack.password}".encode()).decode()
    head = f"PUT {ARTIFACTS}/{folder}/half.bin HTTP/1.1\r\nHost: h\r\n"
    head += f"Authorization: Basic {proof}\r\n{framing}\r\n\r\n"
    address = urlsplit(stack.gateway_url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(head.encode() + part)
        if not leaves:
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert 200 == ask(stack, "PUT", f"{ARTIFACTS}/{folder}/whole.bin", b"x" * 1_000_000)[0]
    assert ["whole.bin"] == names_in(stack, folder)


@pytest.mark.parametrize("name", ["a b.txt", "caf\u00e9 \u6f22.txt", "a+b&c=d;e.txt", "\U0001f680"])
def test_an_artifact_comes_back_as_it_was_sent(stack, folder, name):
    """Whole and in part, whatever characters its name holds."""
    content = bytes(range(256)) * 1000
    target = f"{ARTIFACTS}/{folder}/{quote(name)}"
    assert 200 == ask(stack, "PUT", target, content)[0]
    assert [name] == names_in(stack, folder)
    status, headers, body = ask(stack, "GET", target)
    assert (200, content) == (status, body)
    assert name in headers["Content-Disposition"] or quote(name) in headers["Content-Disposition"]


def test_an_empty_artifact_is_an_artifact(stack, folder):
    """With a length of zero, as clients send it."""
    assert 200 == ask(stack, "PUT", f"{ARTIFACTS}/{folder}/empty", b"")[0]
    assert ["empty"] == names_in(stack, folder)
    assert b"" == ask(stack, "GET", f"{ARTIFACTS}/{folder}/empty")[2]


def post(stack, call: str, document: object) -> dict:
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json"}
    status, _, answer = ask(stack, "POST", f"/api/2.0/mlflow/{call}", body, **headers)
    assert 200 == status, answer
    return json.loads(answer)


def test_metrics_that_are_no_numbers_arrive(stack):
    """A loss that explodes is logged like any other."""
    experiment = post(stack, "experiments/create", {"name": uuid.uuid4().hex})["experiment_id"]
    run = post(stack, "runs/create", {"experiment_id": experiment})["run"]["info"]["run_id"]
    values = {"a": math.nan, "b": math.inf, "c": -math.inf, "d": 0.1}
    for key, value in values.items():
        metric = {"key": key, "value": value, "timestamp": 1}
        post(stack, "runs/log-metric", {"run_id": run, **metric})
        post(stack, "runs/log-batch", {"run_id": run, "metrics": [metric]})
    _, _, answer = ask(stack, "GET", f"/api/2.0/mlflow/runs/get?run_id={run}")
    logged = {one["key"]: one["value"] for one in json.loads(answer)["run"]["data"]["metrics"]}
    assert values.keys() == logged.keys()
    assert 0.1 == logged["d"]


def test_tags_that_look_alike_arrive(stack):
    """`a_b` and `aB` are two tags."""
    tags = [{"key": key, "value": key} for key in ("a_b", "aB")]
    name = uuid.uuid4().hex
    experiment = post(stack, "experiments/create", {"name": name, "tags": tags})["experiment_id"]
    target = f"/api/2.0/mlflow/experiments/get?experiment_id={experiment}"
    stored = json.loads(ask(stack, "GET", target)[2])["experiment"]["tags"]
    assert {"a_b", "aB"} <= {tag["key"] for tag in stored}
