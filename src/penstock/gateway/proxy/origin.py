"""Judge where a browser's request comes from. Pure.

The gateway is the origin for browsers: it judges `Origin` and `Referer` itself and does not
forward them, for MLflow behind it would take the gateway's own pages for foreign ones.
"""

from urllib.parse import urlsplit

from penstock.errors import AccessRefused
from penstock.gateway.proxy.request_headers import Headers, find_header

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(method: str, headers: Headers) -> None:
    """Refuse (403) a write that a page of another origin asks for.

    Programs send no `Origin`. A browser that has a login would send it along with a foreign
    page's request; only the `Origin` tells, or the `Referer` where there is none. The scheme may
    differ behind a proxy that ends TLS.
    """
    if method in SAFE_METHODS:
        return
    origins = [value for name, value in headers if name == b"origin"] or [
        value for name, value in headers if name == b"referer"
    ]
    if not origins:
        return
    host = (find_header(headers, b"host") or b"").lower()
    if not host or any(_authority(origin) != host for origin in origins):
        raise AccessRefused(
            403, "PERMISSION_DENIED", "writes from pages of another origin are refused"
        )


def check_session_origin(method: str, headers: Headers) -> None:
    """Refuse (403) a write that a cookie alone proves, unless a page of ours asks for it.

    A browser says with each write where it comes from. Called after `check_origin`, which has
    refused foreign origins: here at least one has to be named.
    """
    if method in SAFE_METHODS:
        return
    named = find_header(headers, b"origin") or find_header(headers, b"referer")
    if named is None and find_header(headers, b"sec-fetch-site") != b"same-origin":
        raise AccessRefused(
            403,
            "PERMISSION_DENIED",
            "a session writes from the gateway's own pages alone; programs log in by a token",
        )


def _authority(origin: bytes) -> bytes:
    try:
        return urlsplit(origin.decode("latin-1")).netloc.lower().encode("latin-1")
    except ValueError:
        return b""
