from binascii import b2a_base64
from collections.abc import Mapping
from pathlib import Path

from penstock.config import Config
from penstock.errors import ConfigurationError

USERNAME_SETTINGS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_USERNAME")
PASSWORD_SETTINGS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_PASSWORD")
TOKEN_SETTING = "MLFLOW_TRACKING_TOKEN"  # noqa: S105 - the name of a setting, not a token
CREDENTIALS_FILE = "~/.mlflow/credentials"


class Credentials:
    """Proof of identity for one server, as the value of the `Authorization` header.

    Neither `repr` nor `str` shows it.
    """

    __slots__ = ("authorization",)

    def __init__(self, authorization: str) -> None:
        if not authorization.isascii() or not authorization.isprintable():
            raise ConfigurationError(
                "the token for the server holds characters that no HTTP header can carry; "
                f"pass it without line breaks, or set {TOKEN_SETTING} anew"
            )
        self.authorization = authorization

    @classmethod
    def from_password(cls, username: str, password: str) -> "Credentials":
        """Make the credentials of HTTP Basic authentication."""
        proof = b2a_base64(f"{username}:{password}".encode(), newline=False)
        return cls(f"Basic {proof.decode()}")

    @classmethod
    def from_token(cls, token: str) -> "Credentials":
        """Make the credentials of a bearer token."""
        return cls(f"Bearer {token.strip()}")

    def __repr__(self) -> str:
        return "Credentials(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Credentials) and other.authorization == self.authorization

    def __hash__(self) -> int:
        return hash(self.authorization)


def given_credentials(
    username: str | None, password: str | None, token: str | None, *, config: Config
) -> Credentials | None:
    """Return what was passed as arguments; a missing half of a pair comes from the settings."""
    if token is not None and (username is not None or password is not None):
        raise ConfigurationError("pass either a token, or a user name and a password, not both")
    if token is not None:
        return Credentials.from_token(token)
    if username is None and password is None:
        return None
    username = username if username is not None else config.first(*USERNAME_SETTINGS)
    password = password if password is not None else config.first(*PASSWORD_SETTINGS)
    if username is None or password is None:
        missing = "user name" if username is None else "password"
        names = USERNAME_SETTINGS if username is None else PASSWORD_SETTINGS
        raise ConfigurationError(f"the {missing} is missing: pass it, or set {' or '.join(names)}")
    return Credentials.from_password(username, password)


def configured_credentials(config: Config) -> Credentials | None:
    """Return what the settings hold, or MLflow's file of credentials, or None.

    As in MLflow, a whole pair of user name and password counts before a token.
    """
    stored = _read_credentials_file()
    username = config.first(*USERNAME_SETTINGS) or stored.get(USERNAME_SETTINGS[0].lower())
    password = config.first(*PASSWORD_SETTINGS) or stored.get(PASSWORD_SETTINGS[0].lower())
    if username and password:
        return Credentials.from_password(username, password)
    token = config.first(TOKEN_SETTING)
    return Credentials.from_token(token) if token else None


def _read_credentials_file() -> Mapping[str, str]:
    path = Path(CREDENTIALS_FILE).expanduser()
    if not path.is_file():
        return {}
    import configparser  # noqa: PLC0415 - most starts find no such file

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        # What the parser says quotes lines of the file, and these hold a password.
        raise ConfigurationError(
            f"cannot read {CREDENTIALS_FILE}; expected a section [mlflow] with "
            "mlflow_tracking_username and mlflow_tracking_password"
        ) from None
    return parser["mlflow"] if parser.has_section("mlflow") else {}
