"""Tell a browser that goes to a page from a program, and send it to the login."""

from urllib.parse import quote

from starlette.types import Scope, Send

from penstock.errors import RequestRefused
from penstock.gateway.proxy.request_headers import Headers, find_header

LOGIN = "/login"
SAFE_IN_QUERY = "/:@!$'()*,;-._~"


def is_navigation(scope: Scope) -> bool:
    """Return whether a browser asks for a page to show; a program never gets one instead."""
    headers = scope["headers"]
    if scope["method"] not in {"GET", "HEAD"} or find_header(headers, b"authorization"):
        return False
    if find_header(headers, b"sec-fetch-mode") not in {None, b"navigate"}:
        return False
    return b"text/html" in (find_header(headers, b"accept") or b"").lower()


async def to_login(scope: Scope, send: Send) -> None:
    """Send a browser to the login, from where it comes back here."""
    target = scope["raw_path"].decode("ascii", "replace")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("ascii", "replace")
    location = LOGIN if target == "/" else f"{LOGIN}?next={quote(target, safe=SAFE_IN_QUERY)}"
    headers = [
        (b"location", location.encode("ascii")),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def safe_target(target: str) -> str:
    r"""Return where to go after the login: a path here, `/` for everything else.

    Browsers take `//host`, `/\host` and what hides behind control characters for other sites.
    """
    is_here = target.startswith("/") and target[1:2] not in {"/", "\\"}
    if not is_here or not target.isascii() or not target.isprintable() or " " in target:
        return "/"
    return target


def for_browser(refusal: RequestRefused, headers: Headers) -> RequestRefused:
    """Return the refusal without the challenge at which a browser would ask for a password.

    A page whose session is over shows its own error; the browser's dialog would log in by HTTP
    Basic, which nothing but the end of the browser ends.
    """
    if not _is_of_browser(headers):
        return refusal
    kept = {name: value for name, value in refusal.headers.items() if name != "WWW-Authenticate"}
    challenge = {"WWW-Authenticate": 'Bearer realm="Penstock"'}
    return RequestRefused(
        refusal.status, refusal.error_code, refusal.message, headers={**kept, **challenge}
    )


def _is_of_browser(headers: Headers) -> bool:
    # Browsers tell the mode of a fetch to https and to this machine alone, their name to all.
    if find_header(headers, b"sec-fetch-mode") is not None:
        return True
    return (find_header(headers, b"user-agent") or b"").startswith(b"Mozilla/")
