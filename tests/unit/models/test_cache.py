"""Entries of the cache appear whole or not at all, are checked, and go when there is no room."""

import errno
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from penstock.errors import CacheError, MlflowException, UnreadableModel
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.eviction import remove
from unit.models.entries import Fetch, left_in, resolution


@pytest.fixture
def cache(tmp_path):
    return ModelCache(tmp_path / "cache", wait_seconds=5)


def test_a_model_is_fetched_once(cache):
    """The second time it is there."""
    fetch = Fetch()
    for _ in range(2):
        with cache.get(resolution(), fetch) as entry:
            assert {"MLmodel", "data"} == {path.name for path in entry.model.iterdir()}
    assert 1 == fetch.count


def test_another_version_is_another_entry(cache):
    """What was cached never changes."""
    paths = {cache.get(resolution(version=number), Fetch()).path for number in (1, 2)}
    assert 2 == len(paths)


def test_the_cache_is_its_owners_alone(cache):
    """Whoever writes there decides what others run."""
    cache.get(resolution(), Fetch()).close()
    assert 0o700 == cache.folder.path.stat().st_mode & 0o777


@pytest.mark.parametrize("raised", [MlflowException("gone"), KeyboardInterrupt(), RuntimeError()])
def test_a_download_that_fails_leaves_nothing(cache, raised):
    """And the next one succeeds."""

    def fetch(folder):
        folder.mkdir()
        (folder / "MLmodel").write_text("half")
        raise raised

    with pytest.raises(type(raised)):
        cache.get(resolution(), fetch)
    assert ([], []) == (cache.list_entries(), left_in(cache.folder.path))
    cache.get(resolution(), Fetch()).close()
    assert 1 == len(cache.list_entries())


def test_what_is_no_model_is_not_kept(cache):
    """A page of a login, for one."""
    with pytest.raises(UnreadableModel):
        cache.get(resolution(), lambda folder: folder.mkdir())
    assert ([], []) == (cache.list_entries(), left_in(cache.folder.path))


def flip(entry):
    with (entry / "model" / "data" / "weights").open("r+b") as file:
        file.seek(5)
        file.write(b"X")


DAMAGES = {
    "a flipped byte": flip,
    "a file that is cut short": lambda entry: os.truncate(entry / "model/data/weights", 3),
    "a file that is gone": lambda entry: (entry / "model/MLmodel").unlink(),
    "a file too many": lambda entry: (entry / "model/evil.py").touch(),
    "a damaged manifest": lambda entry: (entry / "manifest.json").write_text("{"),
    "a manifest of another kind": lambda entry: (entry / "manifest.json").write_text("[1]"),
    "no manifest": lambda entry: (entry / "manifest.json").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_removed_and_fetched_again(cache, caplog, damage):
    """Nothing that differs from its checksum is ever loaded."""
    cache.get(resolution(), Fetch()).close()
    DAMAGES[damage](cache.folder.entry("churn-1"))
    assert ["churn-1"] == list(cache.verify())
    with caplog.at_level(logging.WARNING):
        assert cache.find("churn-1") is None
    assert "fetched again" in caplog.text
    fetch = Fetch()
    cache.get(resolution(), fetch).close()
    assert (1, {}, []) == (fetch.count, cache.verify(), left_in(cache.folder.path))


def test_compiled_python_is_no_damage(cache):
    """Python writes it where a model brings code of its own; but nobody has verified it."""
    cache.get(resolution(), Fetch()).close()
    compiled = cache.folder.entry("churn-1") / "model" / "code" / "__pycache__"
    compiled.mkdir(parents=True)
    (compiled / "x.pyc").touch()
    assert {} == cache.verify()
    assert not compiled.exists()


def test_a_link_to_compiled_python_is_damage(cache, tmp_path):
    """It leads out of the entry."""
    cache.get(resolution(), Fetch()).close()
    (cache.folder.entry("churn-1") / "model" / "__pycache__").symlink_to(tmp_path)
    assert ["churn-1"] == list(cache.verify())


def test_what_was_used_longest_ago_goes_first(tmp_path):
    """Using counts, not downloading."""
    cache = ModelCache(tmp_path, most_bytes=300)
    for number in (1, 2, 3):
        cache.get(resolution(version=number), Fetch(100)).close()
        os.utime(cache.folder.entry(f"churn-{number}") / "manifest.json", (number, number))
    cache.find("churn-1").close()
    cache.get(resolution(version=4), Fetch(100)).close()
    assert {"churn-1", "churn-3", "churn-4"} == {kept.key for kept in cache.list_entries()}
    assert [] == left_in(tmp_path)


def test_what_is_in_use_stays(tmp_path):
    """Even where the cache is too large by that; and goes once it is not."""
    cache = ModelCache(tmp_path, most_bytes=100)
    used = cache.get(resolution(version=1), Fetch(100))
    cache.get(resolution(version=2), Fetch(100)).close()
    assert used.model.joinpath("MLmodel").exists()
    used.close()
    cache.get(resolution(version=3), Fetch(100)).close()
    assert not used.path.exists()


def test_clearing_removes_what_is_meant_and_not_in_use(cache):
    """One model, or all."""
    cache.get(resolution("a"), Fetch()).close()
    cache.get(resolution("b"), Fetch()).close()
    with cache.get(resolution("c"), Fetch()):
        assert ["a-1"] == [kept.key for kept in cache.clear("a")]
        assert ["b-1"] == [kept.key for kept in cache.clear()]
    assert ["c-1"] == [kept.key for kept in cache.list_entries()]


def test_clearing_removes_damaged_entries_too(cache):
    """Nobody else would."""
    cache.get(resolution(), Fetch()).close()
    DAMAGES["no manifest"](cache.folder.entry("churn-1"))
    assert [] == cache.clear()
    assert [] == cache.folder.list_keys()


def test_clearing_leaves_nothing_of_what_is_gone(cache):
    """Neither locks, nor what references meant, nor what was half filled; also of earlier times."""
    pins = cache.pins("here")
    for name in ("a", "b", "c"):
        cache.get(resolution(name), Fetch()).close()
        pins.keep(f"models:/{name}@x", resolution(name))
    remove(cache.folder, "b-1")
    cache.folder.new_filling("d-1")
    cache.folder.lock("d-1").touch()
    with cache.get(resolution("c"), Fetch()):
        cache.clear("a")
        assert (None, resolution("b")) == (pins.find("models:/a@x"), pins.find("models:/b@x"))
        assert {"b-1", "c-1", "d-1"} == {*cache.folder.list_locked()} - {"eviction"}
        cache.clear()
        assert (["c-1"], 1) == (cache.folder.list_locked(), len(cache.folder.list_pins()))
        assert resolution("c") == pins.find("models:/c@x")
    assert [] == left_in(cache.folder.path)
    cache.clear()
    assert ([], []) == (cache.folder.list_locked(), cache.folder.list_pins())


def test_clearing_leaves_what_is_being_filled(cache):
    """Its lock is held, and it comes to its end."""
    halfway, cleared = threading.Event(), threading.Event()

    def fetch(folder):
        Fetch()(folder)
        halfway.set()
        assert cleared.wait(30)

    with ThreadPoolExecutor(1) as pool:
        filled = pool.submit(cache.get, resolution(), fetch)
        assert halfway.wait(30)
        assert [] == cache.clear()
        cleared.set()
        with filled.result(30) as entry:
            assert entry.is_there


def test_a_lock_that_was_removed_keeps_nobody_apart(cache):
    """Those who fill and those who clear, all at once: no two ever fill the same."""
    inside, together = [], []

    def fetch(folder):
        inside.append(folder)
        together.append(len(inside))
        Fetch()(folder)
        inside.remove(folder)

    def fill_and_clear(_):
        for _ in range(20):
            with suppress(CacheError):  # cleared before it was opened
                cache.get(resolution(), fetch).close()
            cache.clear()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill_and_clear, range(8)))
    assert {1} == set(together)


def test_threads_share_one_download(cache):
    """Sixteen that ask at once."""
    fetch, start, keys = Fetch(), threading.Barrier(16), []

    def work():
        start.wait()
        with cache.get(resolution(), fetch) as entry:
            keys.append(entry.path.name)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (1, ["churn-1"] * 16) == (fetch.count, keys)


def test_who_waits_too_long_is_told(tmp_path):
    """A download that hangs does not hang everybody."""
    cache = ModelCache(tmp_path, wait_seconds=0.1)
    problems = []

    def ask_meanwhile(folder):
        def ask():
            with pytest.raises(CacheError, match="held") as caught:
                cache.get(resolution(), Fetch())
            problems.append(caught.value)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        Fetch()(folder)

    cache.get(resolution(), ask_meanwhile).close()
    assert 1 == len(problems)


def test_a_cache_that_cannot_be_made_is_told(tmp_path):
    """With what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(CacheError, match="PENSTOCK_CACHE_DIR"):
        ModelCache(tmp_path / "file" / "cache").get(resolution(), Fetch())


def test_a_pin_that_cannot_be_removed_is_told(cache, monkeypatch):
    """Else whoever clears would take it for gone."""
    cache.get(resolution(), Fetch()).close()
    cache.pins("here").keep("models:/churn@x", resolution())

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(CacheError, match="Read-only file system; make room"):
        cache.clear()


def test_a_full_disk_is_told_and_leaves_nothing(cache):
    """Whoever wrote."""

    def fetch(folder):
        Fetch()(folder)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(CacheError, match="No space left on device; make room"):
        cache.get(resolution(), fetch)
    assert ([], []) == (cache.list_entries(), left_in(cache.folder.path))


def test_what_a_reference_meant_is_remembered(cache):
    """For each server by itself."""
    pins = cache.pins("http://one")
    pins.keep("models:/churn/latest", resolution(version=3))
    assert resolution(version=3) == pins.find("models:/churn/latest")
    assert cache.pins("http://two").find("models:/churn/latest") is None
    pins.keep("models:/churn/latest", resolution(version=4))
    assert resolution(version=4) == pins.find("models:/churn/latest")


def test_what_is_deleted_is_forgotten(cache):
    """Of one model alone."""
    pins = cache.pins("here")
    pins.keep("models:/a@x", resolution("a"))
    pins.keep("models:/b@x", resolution("b"))
    pins.forget("a")
    assert (None, resolution("b")) == (pins.find("models:/a@x"), pins.find("models:/b@x"))


def test_clearing_all_removes_damaged_notes(cache):
    """Of which model they told nobody knows any more."""
    cache.pins("here").keep("models:/a@x", resolution("a"))
    (note,) = cache.folder.list_pins()
    note.write_text("{")
    cache.clear("a")
    assert [note] == cache.folder.list_pins()
    cache.clear()
    assert [] == cache.folder.list_pins()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"resolution": 1}', '{"resolution": {}}'])
def test_a_damaged_note_counts_as_none(cache, text):
    """It is written anew."""
    pins = cache.pins("here")
    pins.keep("models:/a@x", resolution("a"))
    next((cache.folder.path / "pins").iterdir()).write_text(text)
    assert pins.find("models:/a@x") is None
    pins.keep("models:/a@x", resolution("a"))
    assert resolution("a") == pins.find("models:/a@x")
