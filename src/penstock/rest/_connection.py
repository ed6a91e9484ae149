from os import PathLike
from typing import NamedTuple

from penstock.config import Config, load_config
from penstock.errors import ConfigurationError
from penstock.rest._address import Address, parse_address
from penstock.rest._credentials import Credentials, configured_credentials, given_credentials
from penstock.rest._trust import Trust, resolve_trust

TRACKING_SETTINGS = ("MLFLOW_TRACKING_URI", "MLFLOW_API_BASE_URL")
REGISTRY_SETTING = "MLFLOW_REGISTRY_URI"
TIMEOUT_SETTING = "MLFLOW_HTTP_REQUEST_TIMEOUT"
RETRIES_SETTING = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
DEFAULT_TIMEOUT = 120.0
DEFAULT_RETRIES = 5
LONGEST_CONNECT = 10.0
LONGEST_TIMEOUT = 365 * 24 * 3600.0

Verify = bool | str | PathLike[str] | None
Timeout = float | tuple[float, float] | None


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, and for each further part of an answer."""

    connect: float
    read: float


class Connection(NamedTuple):
    """All that is needed to speak to one server. Its `repr` shows no secret."""

    base_url: str
    credentials: Credentials | None = None
    trust: Trust = Trust()
    timeouts: Timeouts = Timeouts(LONGEST_CONNECT, DEFAULT_TIMEOUT)
    retries: int = DEFAULT_RETRIES
    uses_proxies: bool = True


class Connections(NamedTuple):
    """Where runs are tracked and where models are registered; often one and the same."""

    tracking: Connection
    registry: Connection


def resolve_connections(  # noqa: PLR0913 - the arguments of the client
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
    *,
    username: str | None = None,
    password: str | None = None,
    token: str | None = None,
    timeout: Timeout = None,
    verify: Verify = None,
    retries: int | None = None,
) -> Connections:
    """Combine arguments and settings; an argument counts before a setting.

    Credentials come from the arguments, else from the URI itself, else from the settings.
    """
    config = _load_config()
    tracking = _find_address(tracking_uri, "tracking_uri", TRACKING_SETTINGS, config=config)
    if tracking is None:
        raise ConfigurationError(
            "no MLflow server is named: pass tracking_uri, or set MLFLOW_TRACKING_URI "
            "in the environment or in .env, e.g. to http://localhost:5000"
        )
    registry = _find_address(registry_uri, "registry_uri", (REGISTRY_SETTING,), config=config)
    given = given_credentials(username, password, token, config=config)
    pattern = Connection(
        base_url="",
        timeouts=_resolve_timeouts(timeout, config),
        retries=_resolve_retries(retries, config),
    )

    def connect(address: Address) -> Connection:
        own = address.credentials or (
            tracking.credentials if address.origin == tracking.origin else None
        )
        return pattern._replace(
            base_url=address.base_url,
            credentials=given or own or configured_credentials(config),
            trust=resolve_trust(config, verify=verify) if address.is_secure else Trust(),
        )

    return Connections(connect(tracking), connect(registry or tracking))


def _load_config() -> Config:
    try:
        return load_config()
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _find_address(
    uri: str | None, argument: str, settings: tuple[str, ...], *, config: Config
) -> Address | None:
    if uri is not None:
        return parse_address(uri, argument)
    for name in settings:
        if name in config:
            return parse_address(config[name], name)
    return None


def _resolve_timeouts(timeout: Timeout, config: Config) -> Timeouts:
    if timeout is None:
        timeout = _number(config.get(TIMEOUT_SETTING), DEFAULT_TIMEOUT, TIMEOUT_SETTING)
    if not isinstance(timeout, tuple):
        timeout = (min(LONGEST_CONNECT, timeout), timeout)
    if not all(0 < seconds <= LONGEST_TIMEOUT for seconds in timeout):
        raise ConfigurationError("a timeout must be more than 0 seconds, and less than a year")
    return Timeouts(*timeout)


def _resolve_retries(retries: int | None, config: Config) -> int:
    if retries is None:
        retries = int(_number(config.get(RETRIES_SETTING), DEFAULT_RETRIES, RETRIES_SETTING))
    if retries < 0:
        raise ConfigurationError("the number of retries must be 0 or more")
    return retries


def _number(text: str | None, default: float, name: str) -> float:
    if text is None:
        return default
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a number, not '{text}'") from None
