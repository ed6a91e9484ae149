"""Where models are kept on this machine."""

from pathlib import Path

import pytest

from penstock.errors import ConfigurationError
from penstock.models.places import resolve_places

VARIABLES = (
    *("PENSTOCK_CACHE_DIR", "PENSTOCK_CACHE_BYTES", "PENSTOCK_LOCAL_MODELS_DIR"),
    *("XDG_CACHE_HOME", "XDG_DATA_HOME"),
)


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_without_settings_the_folders_are_the_users_own(tmp_path):
    """Where all programs keep such things."""
    places = resolve_places()
    assert tmp_path / ".cache/penstock/models" == places.cache_dir
    assert tmp_path / ".local/share/penstock/models" == places.local_dir
    assert 10 * 1024**3 == places.cache_bytes


def test_arguments_count_before_settings(settings):
    """And settings before the defaults."""
    settings.setenv("PENSTOCK_CACHE_DIR", "/srv/cache")
    settings.setenv("PENSTOCK_CACHE_BYTES", "1000")
    settings.setenv("PENSTOCK_LOCAL_MODELS_DIR", "/srv/local")
    assert (Path("/srv/local"), Path("/srv/cache"), 1000) == resolve_places()
    assert (Path("/a"), Path("/b"), 5) == resolve_places("/a", "/b", 5)


@pytest.mark.parametrize("text", ["10GB", "-1", "1.5"])
def test_a_size_that_is_none_is_told(settings, text):
    """By the name of the setting."""
    settings.setenv("PENSTOCK_CACHE_BYTES", text)
    with pytest.raises(ConfigurationError, match="PENSTOCK_CACHE_BYTES"):
        resolve_places()
