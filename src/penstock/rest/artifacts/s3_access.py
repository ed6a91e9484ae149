import json
import os
from threading import Lock
from typing import Any, NamedTuple

from penstock.errors import ConfigurationError
from penstock.rest.artifacts.libraries import load_library
from penstock.rest.artifacts.settings import read_config, read_settings

ENDPOINT_SETTING = "MLFLOW_S3_ENDPOINT_URL"
EXTRA_SETTING = "MLFLOW_S3_UPLOAD_EXTRA_ARGS"
OWNER_SETTING = "MLFLOW_S3_EXPECTED_BUCKET_OWNER"
STYLE_SETTING = "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"
SIGNATURE_SETTING = "MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION"
CONNECTIONS = 32


class S3Client(NamedTuple):
    """A client of `boto3`, and what is passed with each call of a kind."""

    boto: Any
    owner: dict[str, str]
    upload: dict[str, Any]


class S3Access:
    """The way to S3: settings, credentials and connections as `boto3` finds them, and MLflow's.

    Safe for use from several threads; the child of a fork makes its own connections.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner = 0
        self._client: S3Client | None = None

    def client(self) -> S3Client:
        """Return the client. Raises MissingLibrary without `boto3`."""
        with self._lock:
            if self._client is None or self._owner != os.getpid():
                self._client = make_client()
                self._owner = os.getpid()
            return self._client

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __setstate__(self, _state: dict[str, Any]) -> None:
        S3Access.__init__(self)


def make_client(region: str | None = None) -> S3Client:
    """Connect to S3, in a region or in that of the settings. Raises MissingLibrary."""
    # A session of our own: the one that `boto3` shares is not safe for several threads, and
    # remembers the credentials of whoever was first.
    session = load_library("boto3.session", "pip install 'penstock[s3]'").Session()
    config = read_config()
    boto = session.client(
        "s3",
        region_name=region,
        endpoint_url=config.get(ENDPOINT_SETTING),
        verify=False if read_settings().ignores_tls_of_s3 else None,
        config=_boto_config(config.get(SIGNATURE_SETTING), config.get(STYLE_SETTING, "auto")),
    )
    owner = config.get(OWNER_SETTING)
    return S3Client(
        boto,
        {} if owner is None else {"ExpectedBucketOwner": owner},
        _read_extra(config.get(EXTRA_SETTING)),
    )


def _boto_config(signature: str | None, style: str) -> Any:  # noqa: ANN401 - boto3 has no types
    botocore = load_library("botocore", "pip install 'penstock[s3]'")
    kind = load_library("botocore.config", "pip install 'penstock[s3]'").Config
    version = botocore.UNSIGNED if signature == "unsigned" else signature or "s3v4"
    return kind(
        signature_version=version,
        s3={"addressing_style": style},
        max_pool_connections=CONNECTIONS,
    )


def _read_extra(text: str | None) -> dict[str, Any]:
    try:
        extra = json.loads(text or "{}")
    except ValueError as error:
        raise ConfigurationError(f"{EXTRA_SETTING} is not JSON: {error}") from error
    if not isinstance(extra, dict):
        raise ConfigurationError(f"{EXTRA_SETTING} must be a JSON object")
    return extra
