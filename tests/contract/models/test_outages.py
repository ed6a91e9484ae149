"""What happens to loading when the server, the files or the registry change meanwhile."""

import logging
import shutil
import threading

import pytest

from contract.models.forwarder import forwarding
from contract.models.stations import NAME, Constant, constant
from penstock import MlflowClient, ModelManager
from penstock.errors import ModelUnavailable, TransportError
from penstock.models import save_model

BALLAST = 3_000_000


@pytest.fixture
def way(mlflow_url):
    with forwarding(mlflow_url) as way:
        yield way


@pytest.fixture
def make(way, unique, tmp_path):
    """Makes managers as new processes would: nothing in memory, the same folders."""
    clients = []

    def make_manager(cache="cache", local="local") -> ModelManager:
        clients.append(MlflowClient(way.url, retries=0, timeout=(2, 30)))
        folders = {"local_dir": tmp_path / local, "cache_dir": tmp_path / cache}
        return ModelManager(unique, client=clients[-1], **folders)

    yield make_manager
    for client in clients:
        client.close()


def test_without_a_server_the_last_known_version_comes_from_the_cache(make, way, caplog):
    """And that is said: by the source, as a fallback, and in the log."""
    make().register_model_in_mlflow(1, NAME, constant(7))
    make().load_model(1, NAME)
    way.cut()
    with caplog.at_level(logging.WARNING, "penstock.models"):
        loaded = make().load_model(1, NAME)
    assert ("cache", "1", True) == (loaded.source, loaded.version, loaded.is_fallback)
    assert "version 1 comes from the source 'cache'" in caplog.text
    assert [7] == list(loaded.predict([0]))
    info = make().get_model_info(1, NAME)
    assert ("cache", "1", "READY") == (info["source"], info["version"], info["status"])
    assert info["size"] > 0


def test_what_is_in_memory_is_not_read_again_without_a_server(make, way):
    """It is the same object."""
    manager = make()
    manager.register_model_in_mlflow(1, NAME, constant(7))
    before = manager.load_model(1, NAME)
    way.cut()
    after = manager.load_model(1, NAME)
    assert before.model is after.model
    assert after.is_fallback


def test_without_server_and_cache_the_local_copy_answers(make, way):
    """What was registered here can be loaded here."""
    make().register_model_in_mlflow(1, NAME, constant(7))
    way.cut()
    loaded = make().load_model(1, NAME)
    assert ("local", "1", True) == (loaded.source, loaded.version, loaded.is_fallback)
    assert "local" == make().get_model_info(1, NAME)["source"]


def test_a_version_that_is_registered_counts_when_the_server_goes_then(
    way, unique, tmp_path, caplog
):
    """Only the local copy is missing, and that is said."""

    class Cut(MlflowClient):
        def set_terminated(self, run_id: str, *_: object) -> None:
            super().set_terminated(run_id)
            way.cut()

    folders = {"local_dir": tmp_path / "local", "cache_dir": tmp_path / "cache"}
    with Cut(way.url, retries=0, timeout=(2, 30)) as client:
        manager = ModelManager(unique, client=client, **folders)
        with caplog.at_level(logging.WARNING, "penstock.models"):
            assert "1" == manager.register_model_in_mlflow(1, NAME, constant(7)).version
    assert "no local copy of models:/" in caplog.text


def test_when_nothing_is_left_each_source_is_told(make, way):
    """One error instead of a None."""
    make().register_model_in_mlflow(1, NAME, constant(7))
    way.cut()
    with pytest.raises(ModelUnavailable) as caught:
        make(local="elsewhere").load_model(1, NAME)
    assert {"memory", "mlflow", "cache", "local"} == set(caught.value.said)
    assert "no server answers" in caught.value.said["mlflow"]


@pytest.mark.parametrize("bytes_passed", [0, 2_000, 1_000_000])
def test_a_download_that_breaks_off_falls_back_to_the_version_before(make, way, bytes_passed):
    """Nothing half of it stays, and the next load has the new version."""
    make().register_model_in_mlflow(1, NAME, constant(1))
    make().load_model(1, NAME)
    make(local="elsewhere").register_model_in_mlflow(1, NAME, constant(2, ballast=BALLAST))
    way.cut_after(bytes_passed)
    loaded = make().load_model(1, NAME)
    assert ("cache", "1", True) == (loaded.source, loaded.version, loaded.is_fallback)
    assert [] == list((make().loader.cache.folder.path / "filling").iterdir())
    way.cut()
    loaded = make().load_model(1, NAME)
    assert ("1", [1]) == (loaded.version, list(loaded.predict([0])))
    way.mend()
    loaded = make().load_model(1, NAME)
    assert ("mlflow", "2", [2]) == (loaded.source, loaded.version, list(loaded.predict([0])))


def test_a_cached_version_costs_no_request_and_an_alias_one(make, way):
    """The latest one and stages too."""
    manager = make()
    name = manager.register_model_in_mlflow(1, NAME, constant(7)).name
    manager.client.set_registered_model_alias(name, "prod", "1")
    wishes = {1: 0, "latest": 1, "@prod": 1, "None": 1}
    for wish in wishes:
        make().model(name).load(wish)
    for fresh in (True, False):
        used = make() if fresh else manager
        for wish, cost in wishes.items():
            before = len(way.requests)
            used.model(name).load(wish)
            assert cost == len(way.requests) - before, (wish, way.requests[before:])


def test_an_alias_that_is_moved_moves_the_model(make):
    """At the next load."""
    manager = make()
    for number in (1, 2):
        name = manager.register_model_in_mlflow(1, NAME, constant(number)).name
    manager.client.set_registered_model_alias(name, "prod", "1")
    assert [1] == list(manager.model(name).load("@prod").predict([0]))
    manager.client.set_registered_model_alias(name, "prod", "2")
    assert [2] == list(manager.model(name).load("@prod").predict([0]))


def test_a_version_that_was_deleted_is_still_what_it_was(make):
    """Its number never means another model; the latest one is the one before it now."""
    manager = make()
    for number in (1, 2):
        name = manager.register_model_in_mlflow(1, NAME, constant(number)).name
    assert "2" == manager.load_model(1, NAME).version
    manager.client.delete_model_version(name, "2")
    assert "1" == manager.load_model(1, NAME).version
    assert [2] == list(manager.model(name).load(2).predict([0]))


def test_a_damaged_entry_is_fetched_again(make, caplog):
    """Its checksum tells."""
    name = make().register_model_in_mlflow(1, NAME, constant(7)).name
    path = make().model(name).load(1).path
    with (path / "python_model.pkl").open("r+b") as file:
        file.write(b"XXXX")
    with caplog.at_level(logging.WARNING, "penstock.models"):
        loaded = make().model(name).load(1)
    assert ("mlflow", [7]) == (loaded.source, list(loaded.predict([0])))
    assert "its sum differs" in caplog.text


def test_a_damaged_entry_without_a_server_leaves_the_local_copy(make, way):
    """A damaged local copy is not loaded either."""
    name = make().register_model_in_mlflow(1, NAME, constant(7)).name
    path = make().model(name).load(1).path
    way.cut()
    (path / "python_model.pkl").write_bytes(b"X")
    loaded = make().model(name).load(1)
    assert "local" == loaded.source
    (loaded.path / "python_model.pkl").write_bytes(b"X")
    with pytest.raises(ModelUnavailable, match="local copy is damaged"):
        make().model(name).load(1)


def test_the_local_copy_is_not_taken_for_another_version(make, way):
    """A number means that version."""
    name = make().register_model_in_mlflow(1, NAME, constant(7)).name
    way.cut()
    with pytest.raises(ModelUnavailable, match="the local copy is version 1, not 2"):
        make().model(name).load(2)


def test_without_a_cache_models_are_loaded_all_the_same(make, tmp_path, caplog):
    """A cache that cannot be written costs time, and is told."""
    make().register_model_in_mlflow(1, NAME, constant(7))
    (tmp_path / "file").touch()
    manager = make(cache="file/cache")
    with caplog.at_level(logging.WARNING, "penstock.models"):
        loaded = manager.load_model(1, NAME)
    assert ("mlflow", [7]) == (loaded.source, list(loaded.predict([0])))
    assert "loading without the cache" in caplog.text
    assert loaded.path.exists()


def test_threads_share_one_download_and_one_object(make, way):
    """Eight that ask at once."""
    manager, start, loaded = make(), threading.Barrier(8), []
    name = manager.register_model_in_mlflow(1, NAME, constant(7)).name
    before = len(way.requests)

    def work():
        start.wait()
        loaded.append(manager.model(name).load(1).model)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 == len({id(model) for model in loaded})
    downloads = [line for line in way.requests[before:] if line.endswith("/MLmodel")]
    assert 1 == len(downloads), downloads


def test_a_cache_that_somebody_removes_is_made_again(make, tmp_path):
    """Also while a process runs."""
    manager = make()
    name = manager.register_model_in_mlflow(1, NAME, constant(7)).name
    manager.model(name).load(1)
    shutil.rmtree(tmp_path / "cache")
    assert [7] == list(make().model(name).load(1).predict([0]))


def test_a_server_that_was_away_is_not_asked_again_at_once(make, way):
    """What stands in for it answers without waiting; where nothing does, it is asked."""
    manager = make()
    manager.register_model_in_mlflow(1, NAME, constant(7))
    make(local="elsewhere").register_model_in_mlflow(2, NAME, constant(8))
    manager.load_model(1, NAME)
    way.cut()
    manager.load_model(1, NAME)
    way.mend()
    before = len(way.requests)
    assert manager.load_model(1, NAME).is_fallback
    assert [] == way.requests[before:]
    assert not manager.load_model(2, NAME).is_fallback
    assert not manager.load_model(1, NAME).is_fallback


def test_a_download_without_a_server_is_of_the_last_known_version(make, way, tmp_path, caplog):
    """And says so; of what nobody knows there is an error."""
    manager = make()
    name = manager.register_model_in_mlflow(1, NAME, constant(7)).name
    manager.model(name).download(tmp_path / "before", version="latest")
    way.cut()
    with caplog.at_level(logging.WARNING, "penstock.models"):
        folder = make().model(name).download(tmp_path / "after")
    assert [7] == list(manager.load(folder).predict([0]))
    assert f"models:/{name}/latest: these are the files of models:/{name}/1" in caplog.text
    with pytest.raises(TransportError):
        make().model(name).download(tmp_path / "none", version="@prod")


def test_a_folder_of_artifacts_is_downloaded_as_it_is_now(make, run_id, tmp_path):
    """Nothing names what lies there, so that no copy may stand for it."""
    manager = make()
    uri = f"{manager.client.get_run(run_id).info.artifact_uri}/model"
    for number in (1, 2):
        save_model(Constant(number), tmp_path / f"{number}", pip_requirements=["mlflow"])
        manager.client.log_artifacts(run_id, tmp_path / f"{number}", "model")
        folder = manager.loader.download(uri, tmp_path / f"copy-{number}")
        assert [number] == list(manager.load(folder).predict([0]))
    assert [] == manager.loader.cache.list_entries()
