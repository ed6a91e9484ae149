"""The cookie that carries a session. Pure."""

from typing import Final

from penstock.gateway.auth.proof import Headers

NAME: Final = "penstock_session"
MAX_BYTES: Final = 4096


def find_session_cookie(headers: Headers) -> str | None:
    """Return the session cookie of a request, or None; of two with the name, none counts."""
    values = [
        value.strip()
        for name, line in headers
        if name == b"cookie"
        for key, _, value in (pair.partition(b"=") for pair in line.split(b";"))
        if key.strip() == NAME.encode()
    ]
    if len(values) != 1 or not values[0] or len(values[0]) > MAX_BYTES:
        return None
    return values[0].decode("latin-1")
