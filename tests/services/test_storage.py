"""`penstock storage init` against a real S3 endpoint on loopback, and against ones that refuse."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import boto3
import pytest

from penstock import MlflowClient
from penstock.cli import outcome
from penstock.cli.app import app
from servers import clean_environment, free_port, running_up, wait_until
from services.test_s3 import LOGIN, answers, running

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, tmp_path_factory.mktemp("s3"), {}):
        wait_until(partial(answers, url), 60, what="the S3 endpoint")
        yield url


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def init(endpoint, tmp_path, monkeypatch, capsys):
    """Run the command with a login and the endpoint, and what else is named."""
    for name in os.environ:
        if name not in clean_environment() or name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Ended:
        usual = {
            **LOGIN,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
        with monkeypatch.context() as environment:
            for name, value in {**usual, **settings}.items():
                if value:
                    environment.setenv(name, value)
            code = outcome.run(app, ["storage", "init", *arguments])
        return Ended(code, *capsys.readouterr())

    return run


def connect(endpoint: str) -> Any:
    session = boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    )
    return session.client("s3", endpoint_url=endpoint)


def failure(ended: Ended) -> str:
    """Return the one line that says why it failed."""
    assert (1, "") == (ended.code, ended.out), ended
    assert ended.err.startswith("penstock: ")
    assert 1 == ended.err.count("\n"), ended.err
    return ended.err


def test_a_bucket_is_made_once_and_found_again(init, endpoint):
    """Nothing of the trial stays behind."""
    made = init("s3://models-1/mlflow/team a/", "--region", REGION)
    assert (0, "") == (made.code, made.err)
    assert f"Made the bucket models-1 in {REGION} at {endpoint}" in made.out
    found = init("s3://models-1/mlflow", "--json")
    assert 0 == found.code, found.err
    assert {
        "address": "s3://models-1/mlflow",
        "bucket": "models-1",
        "prefix": "mlflow",
        "origin": "found",
        "region": REGION,
        "endpoint": endpoint,
        "ok": True,
    } == json.loads(found.out)
    s3 = connect(endpoint)
    assert REGION == s3.get_bucket_location(Bucket="models-1")["LocationConstraint"]
    assert 0 == s3.list_objects_v2(Bucket="models-1")["KeyCount"]


def test_the_usual_region_needs_no_name(init, endpoint):
    """S3 does not take its name for that of a region to make a bucket in."""
    assert 0 == init("s3://models-2", AWS_DEFAULT_REGION="").code
    location = connect(endpoint).get_bucket_location(Bucket="models-2")
    assert location["LocationConstraint"] in {None, "us-east-1"}


@pytest.mark.parametrize(
    "name", ["CONFIG_SERVICE_S3_PATH", "MLFLOW_ARTIFACT_STORE", "PENSTOCK_ARTIFACT_STORE"]
)
def test_the_address_may_be_set(init, endpoint, name):
    """By the setting or a variable that stands for it; the endpoint by MLflow's variable."""
    settings = {"AWS_ENDPOINT_URL": "", "MLFLOW_S3_ENDPOINT_URL": endpoint}
    ended = init(**{name: "s3://models-3/x"}, **settings)
    assert 0 == ended.code, ended.err
    assert "s3://models-3/x" in ended.out


def test_no_address_is_told(init):
    """With the settings that may name one."""
    assert "CONFIG_SERVICE_S3_PATH" in failure(init())


@pytest.mark.parametrize(
    "address", ["models", "s3://", "s3:///x", "s3://No_Name/x", "s3://a", "s3://10.0.0.1/x"]
)
def test_a_wrong_address_is_told(init, address):
    """Before anybody is asked, in words that say what a name may be."""
    assert "the address" in failure(init(address))


def test_a_wrong_address_in_a_setting_is_told_by_its_name(init):
    """So that it can be found."""
    said = failure(init(CONFIG_SERVICE_S3_PATH="hdfs://x"))
    assert "CONFIG_SERVICE_S3_PATH must be s3://bucket" in said


def test_a_bucket_in_another_region_is_told(init):
    """It would be slow and cost money, and nobody meant it."""
    assert 0 == init("s3://models-4", "--region", REGION).code
    said = failure(init("s3://models-4", "--region", "us-west-2"))
    assert f"is in {REGION}, not in us-west-2" in said


def test_no_login_is_told(init):
    """With the variables that hold one."""
    said = failure(init("s3://models-5", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""))
    assert "AWS_ACCESS_KEY_ID" in said


def test_an_endpoint_that_does_not_answer_is_told(init):
    """With its address; as JSON where that is asked for."""
    url = f"http://127.0.0.1:{free_port()}"
    assert url in failure(init("s3://models-6", AWS_ENDPOINT_URL=url))
    ended = init("s3://models-6", "--json", AWS_ENDPOINT_URL=url)
    told = json.loads(ended.out)
    assert (1, False, "s3://models-6") == (ended.code, told["ok"], told["address"])
    assert url in told["problem"]


@contextmanager
def refusing(status: int, code: str) -> Iterator[str]:
    """Answer every request of S3's as it answers those that it refuses."""

    class Refusal(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(b"")

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AccessDenied", "somebody else's, or this login may not write there"),
        ("InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", "check AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_bucket_that_is_not_ours_is_told(init, code, hint):
    """Or a login that is none: a question for the bucket alone cannot tell the two apart."""
    with refusing(403, code) as endpoint:
        said = failure(init("s3://models-7", AWS_ENDPOINT_URL=endpoint))
    assert hint in said
    assert code in said


def test_up_keeps_artifacts_in_s3(endpoint, init, tmp_path, monkeypatch):
    """The address may come from a variable of another program."""
    assert 0 == init("s3://models-8/store").code
    environment = clean_environment(
        **LOGIN, AWS_ENDPOINT_URL=endpoint, CONFIG_SERVICE_S3_PATH="s3://models-8/store"
    )
    with running_up(tmp_path, environment=environment) as up:
        for name, value in up.environment.items():
            monkeypatch.setenv(name, value)
        with MlflowClient() as client:
            run = client.create_run(client.create_experiment("in S3"))
            client.log_text(run.info.run_id, "hello", "greeting.txt")
            (listed,) = client.list_artifacts(run.info.run_id)
            assert ("greeting.txt", 5) == (listed.path, listed.file_size)
    (stored,) = connect(endpoint).list_objects_v2(Bucket="models-8")["Contents"]
    assert stored["Key"].startswith("store/")
    assert stored["Key"].endswith("/greeting.txt")
