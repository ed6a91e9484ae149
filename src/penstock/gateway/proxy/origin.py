"""Judge where a browser's request comes from. Pure.

The gateway is the origin for browsers: it judges `Origin` itself and does not forward it, for
MLflow behind it would take the gateway's own pages for foreign ones.
"""

from urllib.parse import urlsplit

from penstock.errors import RequestRefused

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(method: str, origin: bytes | None, host: bytes | None) -> None:
    """Refuse (403) a write that a page of another origin asks for.

    Programs send no `Origin`. A browser that has a login would send it along with a foreign
    page's request; only the `Origin` tells.
    """
    if origin is None or method in SAFE_METHODS:
        return
    try:
        netloc = urlsplit(origin.decode("latin-1")).netloc
    except ValueError:
        netloc = ""
    if not netloc or netloc.lower().encode("latin-1") != (host or b"").lower():
        raise RequestRefused(
            403, "PERMISSION_DENIED", "writes from pages of another origin are refused"
        )
