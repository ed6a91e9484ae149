from typing import NamedTuple

from penstock.config import Config, load_config
from penstock.errors import ConfigurationError

PROGRESS_SETTING = "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"
MULTIPART_SETTING = "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"
MINIMUM_SETTING = "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"
PART_SETTING = "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"
DIRECT_SETTING = "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"
DIRECT_MINIMUM_SETTING = "MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE"
INSECURE_S3_SETTING = "MLFLOW_S3_IGNORE_TLS"
ASYNC_SETTING = "MLFLOW_ENABLE_ASYNC_LOGGING"
MEBIBYTE = 1 << 20
YES, NO = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


class ArtifactSettings(NamedTuple):
    """MLflow's settings for artifacts; sizes in bytes."""

    shows_progress: bool = True
    is_asynchronous: bool = False
    is_multipart: bool | None = None
    """Whether large files go up in parts; None leaves it to what the server says."""
    is_direct: bool | None = None
    """Whether large files come straight from the storage; None as above."""
    multipart_minimum: int = 500 * MEBIBYTE
    direct_minimum: int = 500 * MEBIBYTE
    part_size: int = 10 * MEBIBYTE
    ignores_tls_of_s3: bool = False


def read_settings() -> ArtifactSettings:
    """Read the settings as they are now. Raises ConfigurationError that names a wrong one."""
    config = read_config()
    default = ArtifactSettings()
    return ArtifactSettings(
        shows_progress=_switch(config, PROGRESS_SETTING) is not False,
        is_asynchronous=_switch(config, ASYNC_SETTING) is True,
        is_multipart=_switch(config, MULTIPART_SETTING),
        is_direct=_switch(config, DIRECT_SETTING),
        multipart_minimum=_size(config, MINIMUM_SETTING, default.multipart_minimum),
        direct_minimum=_size(config, DIRECT_MINIMUM_SETTING, default.direct_minimum),
        part_size=_size(config, PART_SETTING, default.part_size),
        ignores_tls_of_s3=_switch(config, INSECURE_S3_SETTING) is True,
    )


def read_config() -> Config:
    """Read all settings. Raises ConfigurationError for a file that is not well-formed."""
    try:
        return load_config()
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _switch(config: Config, name: str) -> bool | None:
    value = config.get(name, "").lower()
    if value in YES or value in NO:
        return value in YES
    if value:
        raise ConfigurationError(f"{name} must be true or false, not '{config[name]}'")
    return None


def _size(config: Config, name: str, default: int) -> int:
    text = config.get(name, str(default))
    if not text.isdecimal() or int(text) == 0:
        raise ConfigurationError(f"{name} must be a number of bytes above 0, not '{text}'")
    return int(text)
