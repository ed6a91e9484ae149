import os
from pathlib import Path
from typing import Final, NamedTuple

from penstock.config import Config, load_config
from penstock.errors import ConfigurationError
from penstock.models.cache.cache import MOST_BYTES

CACHE_DIR: Final = "PENSTOCK_CACHE_DIR"
CACHE_BYTES: Final = "PENSTOCK_CACHE_BYTES"
LOCAL_DIR: Final = "PENSTOCK_LOCAL_MODELS_DIR"


class Places(NamedTuple):
    """Where models are kept on this machine, and how many bytes the cache may have."""

    local_dir: Path
    cache_dir: Path
    cache_bytes: int


def resolve_places(
    local_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    cache_bytes: int | None = None,
) -> Places:
    """Combine arguments and settings; without either, the folders are the user's own."""
    try:
        config = load_config()
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    local = local_dir or config.get(LOCAL_DIR) or _home("XDG_DATA_HOME", "~/.local/share")
    cache = cache_dir or config.get(CACHE_DIR) or _home("XDG_CACHE_HOME", "~/.cache")
    return Places(
        Path(local).expanduser(),
        Path(cache).expanduser(),
        _bytes(config) if cache_bytes is None else cache_bytes,
    )


def _home(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default, "penstock", "models")


def _bytes(config: Config) -> int:
    text = config.get(CACHE_BYTES)
    if text is None:
        return MOST_BYTES
    if not (text.isascii() and text.isdecimal()):
        raise ConfigurationError(f"{CACHE_BYTES} must be a number of bytes, not '{text}'")
    return int(text)
