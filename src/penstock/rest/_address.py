from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from penstock.errors import ConfigurationError
from penstock.rest._credentials import Credentials

API_SUFFIX = "/api/2.0"
NEVER_IN_HOSTS = set(' <>"{}|\\^`%')


class Address(NamedTuple):
    """Where a server is, without the user name and password that its URI may have carried."""

    base_url: str
    credentials: Credentials | None = None

    @property
    def is_secure(self) -> bool:
        """Tell whether the connection is encrypted."""
        return self.base_url.startswith("https:")

    @property
    def origin(self) -> str:
        """Return scheme, host and port alone."""
        return "/".join(self.base_url.split("/", 3)[:3])


def parse_address(uri: str, source: str) -> Address:
    """Parse the URI of a server; `source` names the setting or argument in error messages.

    What stands before `@` becomes credentials; a trailing `/api/2.0` is dropped. No error message
    repeats the URI, for it may hold a password.
    """
    if not isinstance(uri, str):
        raise _refusal(source, "it is no text")
    try:
        parts = urlsplit(uri.strip())
        port = parts.port
    except ValueError:
        raise _refusal(source, "it is no well-formed URL") from None
    if parts.scheme.lower() not in {"http", "https"}:
        scheme = f"'{parts.scheme}:'" if parts.scheme else "no scheme"
        raise _refusal(source, f"it has {scheme}, and this client only speaks to servers")
    if not parts.hostname or port == 0:
        raise _refusal(source, "it names no host, or no port that can be reached")
    if parts.query or parts.fragment:
        raise _refusal(source, "it has a part after '?' or '#'")
    userinfo, _, host = parts.netloc.rpartition("@")
    if not host.isprintable() or NEVER_IN_HOSTS & set(host):
        raise _refusal(source, "it has a character in its host that no host has")
    path = quote(parts.path, safe="/%").rstrip("/").removesuffix(API_SUFFIX).rstrip("/")
    return Address(f"{parts.scheme.lower()}://{host}{path}", _parse_userinfo(userinfo))


def _parse_userinfo(userinfo: str) -> Credentials | None:
    if not userinfo:
        return None
    username, _, password = userinfo.partition(":")
    return Credentials.from_password(unquote(username), unquote(password))


def _refusal(source: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"{source} is not the address of an MLflow server: {reason}; "
        "expected http://host:port or https://host/path"
    )
