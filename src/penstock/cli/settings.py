"""Settings for commands: options first, then environment, `.env` and `penstock.toml`."""

from typing import Final

from penstock.config import Config, load_config
from penstock.errors import ConfigurationError

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


def read_settings() -> Config:
    """Return the settings of this process and folder. Raises ConfigurationError."""
    try:
        return load_config()
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


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
