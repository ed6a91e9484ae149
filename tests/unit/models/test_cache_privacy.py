"""Whoever may write a cache decides what others run, so that nobody else may."""

import json
import os

import pytest

from penstock.errors import CacheError, UnreadableModel
from penstock.models.cache.cache import ModelCache
from penstock.models.cache.folder import FOLDERS
from penstock.models.resolution import parse_resolution
from unit.models.entries import Fetch, resolution


@pytest.fixture
def cache(tmp_path):
    """A cache with one entry."""
    cache = ModelCache(tmp_path / "cache", wait_seconds=5)
    cache.get(resolution(), Fetch()).close()
    cache.pins("here").keep("models:/churn/1", resolution())
    return cache


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_others_may_write_is_not_used(cache, name):
    """Not for reading, either: what lies there may be theirs."""
    (cache.folder.path / name).chmod(0o777)
    with pytest.raises(CacheError, match=f"{name} is not a folder that this user alone"):
        cache.find("churn-1")
    with pytest.raises(CacheError, match="models are programs"):
        cache.get(resolution(version=2), Fetch())
    assert cache.pins("here").find("models:/churn/1") is None


def test_a_link_in_place_of_a_folder_is_not_followed(cache, tmp_path):
    """Somebody else may have set it."""
    entries = cache.folder.path / "entries"
    entries.rename(tmp_path / "elsewhere")
    entries.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CacheError):
        cache.find("churn-1")


def test_a_link_in_place_of_an_entry_is_replaced(cache, tmp_path):
    """By the model itself."""
    place = cache.folder.entry("churn-1")
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert cache.find("churn-1") is None
    fetch = Fetch()
    cache.get(resolution(), fetch).close()
    assert (1, False) == (fetch.count, place.is_symlink())


@pytest.mark.parametrize("is_folder", [True, False])
def test_links_inside_of_an_entry_are_damages(cache, tmp_path, is_folder):
    """Even to the same bytes: they may be others the next moment."""
    entry = cache.find("churn-1")
    with entry:
        place = entry.model / "data" if is_folder else entry.model / "data" / "weights"
        place.rename(tmp_path / "elsewhere")
        place.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(UnreadableModel):
            entry.check()


def test_another_folder_more_is_a_damage(cache, tmp_path):
    """A linked one, too."""
    entry = cache.find("churn-1")
    with entry:
        (entry.model / "more").symlink_to(tmp_path)
        with pytest.raises(UnreadableModel, match="too many files"):
            entry.check()


def test_folders_are_made_for_their_owner_alone(tmp_path):
    """Whatever the umask is."""
    before = os.umask(0)
    try:
        cache = ModelCache(tmp_path / "cache")
        cache.get(resolution(), Fetch()).close()
    finally:
        os.umask(before)
    places = [cache.folder.path, *(cache.folder.path / name for name in FOLDERS)]
    assert {0o700} == {place.stat().st_mode & 0o777 for place in places}


@pytest.mark.parametrize("key", ["../../etc", "..", ".", "a/b", 5, ["x"]])
def test_a_key_never_leads_out_of_the_cache(key):
    """It is the name of a folder."""
    document = {**resolution().to_document(), "key": key}
    with pytest.raises(ValueError, match="model"):
        parse_resolution(json.loads(json.dumps(document)))
