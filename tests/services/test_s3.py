"""Artifacts in S3, by a real S3 endpoint on loopback: directly, and behind an MLflow server."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import mlflow
import pytest

from contract.rest.artifacts.folders import content, fill
from penstock import MlflowClient
from penstock.errors import (
    LocalFileError,
    MissingLibrary,
    MlflowException,
    ServerUnreachable,
    Unauthenticated,
    UnsafePath,
)
from penstock.rest._api import Api
from servers import clean_environment, free_port, wait_until

MEBIBYTE = 1 << 20
PROXIED, DIRECT = "proxied", "direct"
LOGIN = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
FILES = {
    "top.txt": b"top",
    "zero": b"",
    "deep/er/big.bin": os.urandom(9 * MEBIBYTE),
    "deep/a b+c&d=e;ü 日本%.txt": b"odd",
}


class Servers(NamedTuple):
    """The addresses of an S3 endpoint, an MLflow server that stores there, and a gateway."""

    endpoint: str
    mlflow: str
    gateway: str


@pytest.fixture(scope="module")
def servers(tmp_path_factory) -> Iterator[Servers]:
    """All three, started at once."""
    s3, mlflow_server, gateway = ports = [free_port() for _ in range(3)]
    urls = Servers(*(f"http://127.0.0.1:{port}" for port in ports))
    folder = tmp_path_factory.mktemp("servers")
    with ExitStack() as stack:
        for command, environment in (
            (["moto.server", "-H", "127.0.0.1", "-p", str(s3)], {}),
            (
                [
                    *("mlflow", "server", "--host", "127.0.0.1", "--port", str(mlflow_server)),
                    *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--workers", "1"),
                    *("--serve-artifacts", "--artifacts-destination", f"s3://{PROXIED}/root"),
                ],
                {
                    **LOGIN,
                    "MLFLOW_S3_ENDPOINT_URL": urls.endpoint,
                    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                },
            ),
            (
                [
                    *("penstock", "gateway", "--port", str(gateway), "--upstream", urls.mlflow),
                    *("--database-url", f"sqlite:///{folder / 'penstock.db'}"),
                ],
                {"PENSTOCK_ADMIN_USERNAME": "a@b.c", "PENSTOCK_ADMIN_PASSWORD": "a-long-secret"},
            ),
        ):
            stack.enter_context(running(command, folder, environment))
        for url in (urls.endpoint, f"{urls.mlflow}/health", f"{urls.gateway}/ready"):
            wait_until(partial(answers, url), 180, what=url)
        for bucket in (PROXIED, DIRECT):
            connect(urls.endpoint).create_bucket(Bucket=bucket)
        yield urls


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a server until the block ends."""
    with (folder / f"{command[0]}.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=clean_environment(**environment),
            stdout=output,
            stderr=output,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def endpoint(servers) -> str:
    return servers.endpoint


def connect(url: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(autouse=True)
def settings(monkeypatch, endpoint, tmp_path):
    """Those of a user of S3; nothing of the machine's own."""
    for name in os.environ:
        if name.startswith(("AWS_", "MLFLOW_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in {**LOGIN, "AWS_ENDPOINT_URL": endpoint, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture
def client(servers) -> Iterator[MlflowClient]:
    with MlflowClient(servers.mlflow) as client:
        yield client


def new_run(client: MlflowClient, location: str | None = None) -> str:
    experiment_id = client.create_experiment(os.urandom(8).hex(), location)
    return client.create_run(experiment_id).info.run_id


def stored(endpoint: str, bucket: str) -> dict[str, dict[str, Any]]:
    """Return what S3 says of the objects of a bucket."""
    pages = connect(endpoint).get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item for page in pages for item in page.get("Contents", ())}


@pytest.mark.parametrize("setting", ["AWS_ENDPOINT_URL", "MLFLOW_S3_ENDPOINT_URL"])
def test_what_one_client_uploads_the_other_downloads(client, settings, setting, tmp_path):
    """Without the server in between; the endpoint comes from either setting."""
    settings.setenv(setting, os.environ["AWS_ENDPOINT_URL"])
    if setting != "AWS_ENDPOINT_URL":
        settings.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    stock = mlflow.MlflowClient(client.tracking_uri)
    fill(tmp_path / "up", FILES)
    runs = [new_run(client, f"s3://{DIRECT}/{os.urandom(4).hex()}") for _ in range(2)]
    for one, run_id in zip((stock, client), runs, strict=True):
        one.log_artifacts(run_id, str(tmp_path / "up"), "a")
        one.log_artifact(run_id, str(tmp_path / "up" / "top.txt"))
    expected = {**{f"a/{name}": data for name, data in FILES.items()}, "top.txt": b"top"}
    for run_id in runs:
        for one in (stock, client):
            assert expected == content(one.download_artifacts(run_id, ""))
        path = client.download_artifacts(run_id, "a/deep/er/big.bin")
        assert FILES["deep/er/big.bin"] == Path(path).read_bytes()
    for folder in (None, "a", "a/deep", "top.txt", "nothing"):
        listings = [
            [(found.path, found.is_dir) for found in one.list_artifacts(run_id, folder)]
            for one, run_id in zip((stock, client), runs, strict=True)
        ]
        assert listings[0] == listings[1]


def test_large_files_go_up_in_parts(client, endpoint, tmp_path):
    """Small ones do not; each knows what it is."""
    fill(tmp_path, {"large.csv": bytes(20 * MEBIBYTE), "small.png": b"1"})
    run_id = new_run(client, f"s3://{DIRECT}/parts")
    client.log_artifacts(run_id, tmp_path)
    found = {key.rpartition("/")[2]: item for key, item in stored(endpoint, DIRECT).items()}
    assert found["large.csv"]["ETag"].endswith('-3"')
    assert "-" not in found["small.png"]["ETag"]
    key = next(key for key in stored(endpoint, DIRECT) if key.endswith("small.png"))
    assert "image/png" == connect(endpoint).head_object(Bucket=DIRECT, Key=key)["ContentType"]


def test_keys_that_no_server_could_name(client, tmp_path):
    """Nothing decodes them on the way."""
    files = {"a#b": b"1", "a%20b": b"2", "a?": b"3", "a;": b"4"}
    fill(tmp_path / "up", files)
    run_id = new_run(client, f"s3://{DIRECT}/names")
    client.log_artifacts(run_id, tmp_path / "up")
    assert files == content(client.download_artifacts(run_id, ""))


def test_a_model_in_s3_needs_no_server(endpoint, tmp_path):
    """Its URI says all; markers of folders are no files."""
    s3 = connect(endpoint)
    for key, data in {
        "m/MLmodel": b"x",
        "m/d/y": b"y",
        "m/": b"",
        "m/d/": b"",
        "mm/z": b"z",
    }.items():
        s3.put_object(Bucket=DIRECT, Key=key, Body=data)
    with MlflowClient("http://127.0.0.1:9") as client:
        folder = client.download_model(f"s3://{DIRECT}/m", tmp_path / "m")
        assert {"MLmodel": b"x", "d/y": b"y"} == content(folder)
        with pytest.raises(MlflowException, match="there are no files"):
            client.download_model(f"s3://{DIRECT}/nothing")


@pytest.mark.parametrize("key", ["m2/../../evil", "m2/a\\..\\evil", "m2//x", "m2/%2e%2e/x"])
def test_a_key_that_leads_out_is_refused(endpoint, tmp_path, key):
    """Whoever may write into the bucket may not write here."""
    connect(endpoint).put_object(Bucket=DIRECT, Key=key, Body=b"x")
    connect(endpoint).put_object(Bucket=DIRECT, Key="m2/fine", Body=b"x")
    with MlflowClient("http://127.0.0.1:9") as client, pytest.raises(UnsafePath):
        client.download_model(f"s3://{DIRECT}/m2", tmp_path / "target")
    connect(endpoint).delete_object(Bucket=DIRECT, Key=key)
    assert {} == content(tmp_path)


def test_a_file_that_changes_while_it_is_uploaded_is_not_stored(
    client, endpoint, tmp_path, settings
):
    """Neither as an object nor as parts of one."""
    path = tmp_path / "large"
    path.write_bytes(bytes(30 * MEBIBYTE))
    run_id = new_run(client, f"s3://{DIRECT}/changing")
    s3 = client._artifact_store.of_run(run_id)._access.client().boto
    original = s3.upload_part

    def upload_part(**arguments: Any) -> Any:
        os.utime(path, ns=(1, 1))
        return original(**arguments)

    settings.setattr(s3, "upload_part", upload_part)
    with pytest.raises(LocalFileError, match="changed while it was being uploaded"):
        client.log_artifact(run_id, path)
    assert not any("large" in key and "changing" in key for key in stored(endpoint, DIRECT))
    assert "Uploads" not in connect(endpoint).list_multipart_uploads(Bucket=DIRECT)


def test_without_boto3_the_message_says_what_to_install(client, settings):
    """And where it is needed alone."""
    for name in ("boto3", "boto3.session"):
        settings.setitem(sys.modules, name, None)
    with pytest.raises(MissingLibrary, match=r"pip install 'penstock\[s3\]'"):
        client.log_text(new_run(client, f"s3://{DIRECT}/x"), "x", "x")
    client.log_text(new_run(client), "x", "x")


def test_without_credentials_the_message_names_the_settings(client, settings):
    """As they are usually called."""
    run_id = new_run(client, f"s3://{DIRECT}/x")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        settings.delenv(name)
    with pytest.raises(Unauthenticated, match="AWS_ACCESS_KEY_ID"):
        client.log_text(run_id, "x", "x")


def test_what_s3_refuses_has_mlflows_codes(client, settings):
    """With bucket and key in the message."""
    run_id = new_run(client, "s3://no-such-bucket/x")
    with pytest.raises(MlflowException, match=r"s3://no-such-bucket/x/.*NoSuchBucket") as refusal:
        client.log_text(run_id, "x", "x")
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
    settings.setenv("AWS_MAX_ATTEMPTS", "1")
    settings.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with MlflowClient("http://127.0.0.1:9") as other, pytest.raises(ServerUnreachable):
        other.download_model(f"s3://{DIRECT}/m")


@pytest.fixture(params=["direct", "gateway"])
def behind(request, servers, settings) -> Iterator[MlflowClient]:
    """A client of that server, and of the gateway; what is larger than 6 MiB is large."""
    settings.delenv("AWS_ENDPOINT_URL")
    settings.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(6 * MEBIBYTE))
    settings.setenv("MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE", str(6 * MEBIBYTE))
    settings.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(5 * MEBIBYTE))
    url, login = servers.mlflow, {}
    if request.param == "gateway":
        url = servers.gateway
        login = {"username": "a@b.c", "password": "a-long-secret"}
    with MlflowClient(url, **login) as client:
        yield client


def test_behind_a_server_large_files_go_straight_to_s3_and_back(
    behind, endpoint, settings, tmp_path
):
    """In parts up, whole down; small ones by the server. No credentials of S3 are needed."""
    settings.delenv("AWS_ACCESS_KEY_ID")
    straight, original = [], Api.fetch_at
    settings.setattr(
        Api, "fetch_at", lambda *args, **named: straight.append(1) or original(*args, **named)
    )
    fill(tmp_path / "up", FILES)
    run_id = new_run(behind)
    behind.log_artifacts(run_id, tmp_path / "up", "ü")
    prefix = behind.get_run(run_id).info.artifact_uri.partition(":/")[2]
    found = stored(endpoint, PROXIED)
    assert found[f"root/{prefix}/ü/deep/er/big.bin"]["ETag"].endswith('-2"')
    assert "-" not in found[f"root/{prefix}/ü/top.txt"]["ETag"]
    assert {f"ü/{name}": data for name, data in FILES.items()} == content(
        behind.download_artifacts(run_id, "")
    )
    assert [1] == straight


def test_an_upload_in_parts_that_fails_leaves_no_parts(behind, endpoint, settings, tmp_path):
    """S3 would keep them, and have them paid for."""
    path = tmp_path / "large"
    path.write_bytes(bytes(20 * MEBIBYTE))
    original = Api.store_at

    def store_at(self, url, content, *, headers):
        os.utime(path, ns=(1, 1))
        return original(self, url, content, headers=headers)

    settings.setattr(Api, "store_at", store_at)
    with pytest.raises(LocalFileError, match="changed while it was being uploaded"):
        behind.log_artifact(new_run(behind), path)
    assert "Uploads" not in connect(endpoint).list_multipart_uploads(Bucket=PROXIED)


def test_a_storage_that_cannot_be_reached_is_read_through_the_server(
    behind, settings, tmp_path, caplog
):
    """As where only the server may speak to it."""
    data = os.urandom(7 * MEBIBYTE)
    fill(tmp_path, {"x": data})
    run_id = new_run(behind)
    behind.log_artifacts(run_id, tmp_path)

    def fetch_at(*_arguments: object, **_named: object) -> None:
        raise ServerUnreachable("a firewall")

    settings.setattr(Api, "fetch_at", fetch_at)
    assert {"x": data} == content(behind.download_artifacts(run_id, ""))
    assert "a firewall; fetching it through the server" in caplog.text
