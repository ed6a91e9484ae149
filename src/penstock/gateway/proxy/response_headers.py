"""Choose which headers of MLflow's answer go back to the caller. Pure."""

from collections.abc import Iterable

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that speak of one connection alone (RFC 9110, 7.6.1)."""

KEPT_BACK = frozenset({"date", "server", "set-cookie", "www-authenticate"})
"""Headers that are the gateway's own to set: it is the origin, and it asks for the login."""


def returned_headers(
    headers: Iterable[tuple[str, str]], *, with_length: bool = True
) -> list[tuple[bytes, bytes]]:
    """Return MLflow's headers for the caller, repeated ones kept.

    `with_length` is false for an answer that never has a body: 304 may name the length of the
    body that 200 would have, but a server here would wait for it to be written.
    """
    received = [(name.lower(), value) for name, value in headers]
    named = {
        token.strip().lower()
        for name, value in received
        if name == "connection"
        for token in value.split(",")
    }
    dropped = HOP_BY_HOP | KEPT_BACK | named | (set() if with_length else {"content-length"})
    return [
        (name.encode("latin-1"), _encode(value))
        for name, value in received
        if name not in dropped and not name.startswith("access-control-")
    ]


def _encode(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")
