"""Settings for commands: options first, then environment, `.env` and `penstock.toml`."""

from pathlib import Path
from typing import Final

from penstock.config import Config, check_names, load_config
from penstock.errors import ConfigurationError

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


def read_settings() -> Config:
    """Return the settings of this process and folder. Raises ConfigurationError."""
    try:
        config = load_config()
        check_names(config)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    return config


def folder_setting(config: Config, name: str, default: str) -> Path:
    """Return a folder from the settings."""
    return below_home(Path(config.get(name, default)), name)


def below_home(folder: Path, name: str) -> Path:
    """Return a folder with the home that a leading `~` stands for; `name` says who named it."""
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise ConfigurationError(
            f"{name} must name somebody's home that exists after '~', not {folder}"
        ) from error


def port_setting(config: Config, name: str, default: int) -> int:
    """Return a port from the settings; 0 asks for a free one."""
    text = config.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and int(text) < 1 << 16):
        raise ConfigurationError(f"{name} must be a port from 0 to 65535, not '{text}'")
    return int(text)


def flag_setting(config: Config, name: str, *, default: bool) -> bool:
    """Return a setting that is on or off."""
    text = config.get(name, "").lower()
    if text and text not in _YES | _NO:
        raise ConfigurationError(f"{name} must be true or false, not '{text}'")
    return text in _YES if text else default
