"""Artifacts and models come down as MLflow's client brings them, and never leave their folder."""

import json
import os
import threading
from pathlib import Path

import pytest

from contract.rest.artifacts.folders import content
from contract.rest.likeness import plain
from contract.rest.loopback import answering, reply
from penstock import MlflowClient
from penstock.errors import (
    LocalFileError,
    MlflowException,
    PenstockError,
    UnsafePath,
)

LIST = "/api/2.0/mlflow/artifacts/list"


@pytest.fixture(scope="module")
def run(stock, tmp_path_factory):
    """A run with files of all sorts, and a logged model beside them."""
    folder = tmp_path_factory.mktemp("artifacts")
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "top.txt").write_text("top")
    (folder / "zero").touch()
    (folder / "page.html").write_text("<!doctype html><title>an artifact</title>")
    (folder / "data.json").write_text('{"error_code": "NONE"}')
    (folder / "deep" / "ü b+c&d=e.txt").write_text("odd")
    (folder / "deep" / "er" / "big.bin").write_bytes(os.urandom(5_000_000))
    experiment_id = stock.create_experiment(f"artifacts {folder}")
    run_id = stock.create_run(experiment_id).info.run_id
    stock.log_artifacts(run_id, str(folder))
    model = stock.create_logged_model(experiment_id, "model", run_id)
    (folder / "MLmodel").write_text("flavors: {}")
    stock.log_model_artifacts(model.model_id, str(folder / "deep"), "data")
    stock.log_model_artifact(model.model_id, str(folder / "MLmodel"))
    stock.finalize_logged_model(model.model_id, "READY")
    return run_id


@pytest.fixture(scope="module")
def model_id(stock, run) -> str:
    experiment_id = stock.get_run(run).info.experiment_id
    (model,) = stock.search_logged_models([experiment_id])
    return model.model_id


PATHS = [None, "", "deep", "deep/", "deep/er", "top.txt", "nothing", "model", "model/data"]


@pytest.mark.parametrize("path", PATHS)
def test_a_listing_is_mlflows(stock, client, run, path):
    """Folders, files, nothing, and the logged model of the run."""
    assert plain(stock.list_artifacts(run, path)) == plain(client.list_artifacts(run, path))


@pytest.mark.parametrize("path", [None, "data", "data/er", "MLmodel", "nothing"])
def test_a_listing_of_a_logged_model_is_mlflows(stock, client, model_id, path):
    """By its id."""
    expected = stock.list_logged_model_artifacts(model_id, path)
    assert plain(expected) == plain(client.list_logged_model_artifacts(model_id, path))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "deep",
        "deep/",
        "top.txt",
        "deep/er/big.bin",
        "model",
        "model/MLmodel",
        "model/data",
        "zero",
    ],
)
def test_a_download_is_mlflows(stock, client, run, path, tmp_path):
    """The same files with the same bytes in the same places."""
    (tmp_path / "theirs").mkdir()
    theirs = stock.download_artifacts(run, path, str(tmp_path / "theirs"))
    ours = client.download_artifacts(run, path, str(tmp_path / "ours"))
    expected = content(tmp_path / "theirs")
    expected.pop("model/registered_model_meta", None)
    assert expected == content(tmp_path / "ours")
    assert os.path.relpath(theirs, tmp_path / "theirs") == os.path.relpath(ours, tmp_path / "ours")
    assert Path(ours).exists()


def test_odd_names_survive(client, run, tmp_path):
    """Percent signs, plus signs, umlauts, spaces."""
    path = client.download_artifacts(run, "deep/ü b+c&d=e.txt", str(tmp_path))
    assert "odd" == Path(path).read_text()


def test_a_page_that_is_an_artifact_is_no_error(client, run, tmp_path):
    """Only where JSON is expected is HTML somebody else's."""
    path = client.download_artifacts(run, "page.html", str(tmp_path))
    assert "<!doctype html><title>an artifact</title>" == Path(path).read_text()


def test_without_a_destination_there_is_a_new_folder(client, run):
    """Each time another one."""
    first, second = (client.download_artifacts(run, "deep") for _ in range(2))
    assert first != second
    assert content(first) == content(second)


@pytest.mark.parametrize("path", ["nothing", "deep/nothing.txt", "model/nothing", "a'b/c"])
def test_what_is_not_there_is_told_as_in_mlflow(client, run, tmp_path, path):
    """And nothing is left behind."""
    with pytest.raises(MlflowException) as refusal:
        client.download_artifacts(run, path, str(tmp_path / "target"))
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
    assert {} == content(tmp_path)


def test_a_run_without_artifacts_is_an_empty_folder(stock, client, run, tmp_path):
    """As in MLflow."""
    empty = stock.create_run(stock.get_run(run).info.experiment_id).info.run_id
    assert [] == client.list_artifacts(empty)
    assert str(tmp_path / "new") == client.download_artifacts(empty, "", str(tmp_path / "new"))
    assert {} == content(tmp_path)


def test_a_run_that_is_not_there(client):
    """Says so."""
    for ask in (client.list_artifacts, lambda run_id: client.download_artifacts(run_id, "x")):
        with pytest.raises(MlflowException) as refusal:
            ask("0" * 32)
        assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "%2e%2e/x", "..%2fx"])
def test_a_path_that_leads_out_is_never_asked_for(path, tmp_path):
    """Not even the server hears of it."""
    with answering(reply()) as server, MlflowClient(server.url) as client:
        for ask in (
            lambda: client.list_artifacts("1", path),
            lambda: client.download_artifacts("1", path, str(tmp_path / "target")),
        ):
            with pytest.raises(UnsafePath):
                ask()
        assert [] == server.received
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["../../evil", "/evil", "..", "sub/../../evil", "%2e%2e/evil", "a/b", ""]
)
def test_a_server_cannot_write_outside_the_destination(name, tmp_path):
    """Whatever it lists; not even the harmless file beside it is written."""
    listing = json.dumps(
        {"root_uri": "mlflow-artifacts:/1/a", "files": [{"path": "ok"}, {"path": name}]}
    )
    with answering(reply(listing)) as server, MlflowClient(server.url) as client:
        with pytest.raises(UnsafePath):
            client.download_artifacts("1", "", str(tmp_path / "target"))
        assert [LIST] == [request.target.partition("?")[0] for request in server.received]
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../../evil", "/evil", ".."])
def test_a_server_cannot_hide_the_way_out_deeper(name, tmp_path):
    """The listings of folders below are judged as well."""
    replies = [
        reply(json.dumps({"artifact_uri": "mlflow-artifacts:/1/m"})),
        reply(json.dumps({"files": [{"path": "sub", "is_dir": True}, {"path": "ok"}]})),
        reply(json.dumps({"files": [{"path": name}]})),
    ]
    with (
        answering(*replies) as server,
        MlflowClient(server.url) as client,
        pytest.raises(UnsafePath),
    ):
        client.download_model("models:/churn/1", str(tmp_path / "target"))
    assert [] == list(tmp_path.iterdir())


def test_a_link_in_the_destination_is_no_way_out(client, run, tmp_path):
    """Before anything is written."""
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "deep").symlink_to(outside)
    with pytest.raises(UnsafePath, match="symbolic link"):
        client.download_artifacts(run, "", str(target))
    assert ({}, ["deep"]) == (content(outside), [path.name for path in target.iterdir()])


def test_a_file_is_whole_or_not_there(tmp_path):
    """A download that breaks off keeps what was there before."""
    (tmp_path / "x").write_text("old")
    short = reply(b"half", then=reply.__kwdefaults__["then"].CLOSE)
    cut = short._replace(data=short.data.replace(b"Content-Length: 4", b"Content-Length: 99"))
    listing = reply(json.dumps({"root_uri": "mlflow-artifacts:/1/a", "files": [{"path": "x"}]}))
    with (
        answering(listing, cut) as server,
        MlflowClient(server.url, retries=0) as client,
        pytest.raises(PenstockError, match="cut short"),
    ):
        client.download_artifacts("1", "", str(tmp_path))
    assert {"x": b"old"} == content(tmp_path)


def test_a_download_that_breaks_off_is_made_again(tmp_path):
    """From the beginning of the file."""
    short = reply(b"half", then=reply.__kwdefaults__["then"].CLOSE)
    cut = short._replace(data=short.data.replace(b"Content-Length: 4", b"Content-Length: 99"))
    listing = reply(json.dumps({"root_uri": "mlflow-artifacts:/1/a", "files": [{"path": "x"}]}))
    with answering(listing, cut, reply(b"whole")) as server, MlflowClient(server.url) as client:
        client.download_artifacts("1", "", str(tmp_path))
    assert {"x": b"whole"} == content(tmp_path)


def test_a_disk_that_refuses_is_an_error_of_ours(client, run, tmp_path):
    """With the file that it refused."""
    (tmp_path / "top.txt").mkdir()
    with pytest.raises(LocalFileError, match=r"top\.txt"):
        client.download_artifacts(run, "top.txt", str(tmp_path))


def test_a_server_that_does_not_serve_artifacts(tmp_path):
    """The message says which setting helps."""
    root = {"root_uri": "gs://bucket/1"}
    listing = reply(json.dumps({**root, "files": [{"path": "x"}]}))
    with (
        answering(listing, reply(json.dumps(root))) as server,
        MlflowClient(server.url) as client,
    ):
        assert ["x"] == [file.path for file in client.list_artifacts("1")]
        with pytest.raises(MlflowException, match="--serve-artifacts"):
            client.download_artifacts("1", "x", str(tmp_path))


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_local_root_is_read_from_the_disk(tmp_path, scheme):
    """Server and client then share a folder; its name may need quotes in a URI."""
    root = tmp_path / "ä b"
    root.mkdir()
    (root / "x").write_text("local")
    uri = f"{scheme}{root if not scheme else str(root).replace(' ', '%20')}"
    listing = reply(json.dumps({"root_uri": uri, "files": [{"path": "x"}]}))
    with answering(listing) as server, MlflowClient(server.url) as client:
        client.download_artifacts("1", "", str(tmp_path / "target"))
    assert {"x": b"local"} == content(tmp_path / "target")


def test_artifacts_of_another_host_get_no_credentials(tmp_path):
    """Whoever makes an experiment may name any host as the place of its artifacts."""
    with answering(reply(b"file")) as other, answering() as server:
        listing = json.dumps({"root_uri": f"mlflow-artifacts://127.0.0.1:{other.port}/1/a"})
        server.replies.extend([reply(listing), reply(b"{}")])
        with MlflowClient(server.url, token="secret") as client:
            client.download_artifacts("1", "x", str(tmp_path))
        (request,) = other.received
        assert "/api/2.0/mlflow-artifacts/artifacts/1/a/x" == request.target
        assert "authorization" not in request.headers
        assert "Bearer secret" == server.received[0].headers["authorization"]


def test_many_files_come_in_parallel(stock, client, tmp_path, unique):
    """Each of them whole."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.bin").write_bytes(os.urandom(2000))
    run_id = stock.create_run(stock.create_experiment(unique)).info.run_id
    stock.log_artifacts(run_id, str(folder))
    client.download_artifacts(run_id, "", str(tmp_path / "target"))
    assert content(folder) == content(tmp_path / "target")


def test_downloads_of_several_threads_do_not_meet(client, run, tmp_path):
    """One client, one destination, the same files."""
    failures = []

    def load() -> None:
        try:
            client.download_artifacts(run, "deep", str(tmp_path))
        except PenstockError as error:
            failures.append(error)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failures
    assert {"deep/ü b+c&d=e.txt", "deep/er/big.bin"} == set(content(tmp_path))


@pytest.fixture(scope="module")
def registered(stock, run, model_id) -> str:
    """A model whose versions lead to a logged model, to a run, and to another version."""
    name = f"model files {run[:8]}"
    stock.create_registered_model(name)
    stock.create_model_version(name, f"models:/{model_id}", run, model_id=model_id)
    stock.create_model_version(name, f"runs:/{run}/model", run)
    stock.copy_model_version(f"models:/{name}/1", name)
    artifact_uri = stock.get_run(run).info.artifact_uri
    stock.create_model_version(name, f"{artifact_uri}/deep", run)
    stock.set_registered_model_alias(name, "champion", "1")
    return name


@pytest.fixture(scope="module")
def model_files(stock, run, tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("model")
    files = content(stock.download_artifacts(run, "model", str(folder)))
    files.pop("registered_model_meta", None)
    assert {"MLmodel", "data/er/big.bin", "data/ü b+c&d=e.txt"} == set(files)
    return files


@pytest.fixture(scope="module")
def names(stock, run, model_id, registered) -> dict[str, str]:
    experiment_id = stock.get_run(run).info.experiment_id
    return {"run": run, "experiment": experiment_id, "model_id": model_id, "name": registered}


@pytest.mark.parametrize(
    "uri",
    [
        "models:/{model_id}",
        "models:/{name}/1",
        "models:/{name}/2",
        "models:/{name}/3",
        "models:/{name}@champion",
        "runs:/{run}/model",
        "mlflow-artifacts:/{experiment}/models/{model_id}/artifacts",
    ],
)
def test_a_model_is_downloaded(client, names, model_files, uri, tmp_path):
    """Wherever its registration leads; the folder holds the model itself."""
    folder = client.download_model(uri.format(**names), str(tmp_path / "model"))
    assert str(tmp_path / "model") == folder
    assert model_files == content(folder)


@pytest.mark.parametrize("uri", ["models:/{name}/latest", "models:/{name}/None"])
def test_the_latest_version_is_downloaded(client, registered, uri):
    """Of all, or of a stage; here a folder among the artifacts of a run."""
    folder = client.download_model(uri.format(name=registered))
    assert {"er/big.bin", "ü b+c&d=e.txt"} == set(content(folder))


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("models:/no such model/1", "RESOURCE_DOES_NOT_EXIST"),
        ("models:/no such model/latest", "RESOURCE_DOES_NOT_EXIST"),
        ("models:/no such model@champion", "RESOURCE_DOES_NOT_EXIST"),
        ("models:/m-nowhere", "RESOURCE_DOES_NOT_EXIST"),
        ("models:/", "INVALID_PARAMETER_VALUE"),
        ("models:/a/b/c", "INVALID_PARAMETER_VALUE"),
        ("runs:/", "INVALID_PARAMETER_VALUE"),
        ("gs://bucket/model", "NOT_IMPLEMENTED"),
    ],
)
def test_a_model_that_is_not_there(client, tmp_path, uri, code):
    """Each with the code that MLflow would have."""
    with pytest.raises(MlflowException) as refusal:
        client.download_model(uri, str(tmp_path / "model"))
    assert code == refusal.value.error_code
    assert [] == list(tmp_path.iterdir())


def test_a_registered_model_without_versions(stock, client, unique):
    """Has no latest one; neither has an empty stage."""
    stock.create_registered_model(unique)
    with pytest.raises(MlflowException, match="no version in stage 'Production'"):
        client.download_model(f"models:/{unique}/Production")
    with pytest.raises(MlflowException, match="no version"):
        client.download_model(f"models:/{unique}/latest")


def test_versions_that_lead_to_each_other_are_no_way_round(tmp_path):
    """Rather an error than an endless chase."""
    with answering(reply('{"artifact_uri": "models:/a/1"}')) as server:
        with MlflowClient(server.url) as client, pytest.raises(MlflowException, match="more than"):
            client.download_model("models:/a/1", str(tmp_path / "model"))
        assert len(server.received) < 20


def test_an_older_server_without_logged_models():
    """It does not know the endpoint; then a run has no logged models."""
    page = reply("<!doctype html>", status=404, kind="text/html")
    listing = reply(json.dumps({"root_uri": "mlflow-artifacts:/1/a", "files": [{"path": "d/x"}]}))
    run = reply('{"run": {"info": {"run_id": "1", "experiment_id": "1"}}}')
    with answering(listing, run, page) as server, MlflowClient(server.url) as client:
        assert ["d/x"] == [file.path for file in client.list_artifacts("1", "d")]
