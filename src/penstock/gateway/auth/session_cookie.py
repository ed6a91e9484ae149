"""The cookie that carries a session. Pure."""

from typing import Final

from penstock.gateway.auth.proof import Headers

NAME: Final = "penstock_session"
MAX_BYTES: Final = 4096

MOST: Final = 4
"""Cookies of one name that are tried: over http a neighbouring host can set more."""

HOST_PREFIX: Final = "__Host-"
"""A browser takes a cookie of such a name from the very host alone, and over https alone."""


def host_name(name: str, *, is_https: bool) -> str:
    """Return what a cookie is called, so that no neighbouring host can set it where https is."""
    return HOST_PREFIX + name if is_https else name


def find_session_cookies(headers: Headers, *, is_https: bool) -> list[str]:
    """Return what may be the session cookie of a request: at most MOST, each once."""
    wanted = host_name(NAME, is_https=is_https).encode()
    values = [
        value.strip()
        for name, line in headers
        if name == b"cookie"
        for key, _, value in (pair.partition(b"=") for pair in line.split(b";"))
        if key.strip() == wanted
    ]
    found = dict.fromkeys(one.decode("latin-1") for one in values if 0 < len(one) <= MAX_BYTES)
    return list(found)[:MOST]
