"""Check the path and query of a request before anything is decided by them. Pure.

HTTP libraries and servers normalise URLs in different ways (dot segments, `%2e`, backslashes,
doubled slashes, control characters). A path that two of them could read differently is refused,
so that the path that was judged is, byte for byte, the path that MLflow gets.
"""

import re
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes

from penstock.errors import RequestRefused

MAX_TARGET_BYTES = 60_000
"""Below what the HTTP library and the parser take (65,534), with room for MLflow's address."""

TOO_LONG = f"path and query of the request are longer than {MAX_TARGET_BYTES} bytes together"

MAX_DECODINGS = 10
"""How often MLflow decodes a path before it gives up."""

ROLLOUT = "/v1/rollout/"
"""Below it a name may hold an encoded slash: these calls are answered here, and go no further."""

_ROLLOUT_NAME = re.compile(ROLLOUT.encode() + rb"[^/]+/([^/]+)/")
_PATH = re.compile(rb"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)+")
_AMBIGUOUS_ESCAPE = re.compile(r"%(?:[01][0-9A-Fa-f]|2[EeFf]|5[Cc]|7[Ff])")
_DOT_SEGMENT = re.compile(rb"/\.{1,2}(?:/|$)")
_CONTROL = re.compile(r"[\x80-\x9f]")
_CONTROL_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_QUERY_SAFE = "!$&()*+,;=:@/?%-._~"


def check_path(raw_path: bytes) -> str:
    """Return the path as it was sent, percent-escapes kept. Raises RequestRefused (400)."""
    if not _PATH.fullmatch(raw_path):
        raise _refusal("holds a character that must be percent-encoded, or a broken escape")
    if b"//" in raw_path or _DOT_SEGMENT.search(raw_path):
        raise _refusal("holds an empty, '.' or '..' segment")
    if b"%" in raw_path:
        _check_escapes(_without_name(raw_path))
    return raw_path.decode("ascii")


def with_query(path: str, query: bytes) -> str:
    """Return path and query, with all that no library on the way should re-encode encoded.

    Raises RequestRefused: 400 for a query with broken escapes, 414 when both are too long.
    """
    if _BROKEN_ESCAPE.search(query):
        raise RequestRefused(400, "BAD_REQUEST", "the query holds a broken percent-escape")
    target = f"{path}?{quote(query, safe=_QUERY_SAFE)}" if query else path
    if len(target) > MAX_TARGET_BYTES:
        raise RequestRefused(414, "BAD_REQUEST", TOO_LONG)
    return target


def parse_query(query: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a query, decoded as MLflow's server decodes them, blanks kept."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)


def _without_name(raw_path: bytes) -> bytes:
    """Return a path without the one segment that is decoded once, here, and may hold anything."""
    found = _ROLLOUT_NAME.match(raw_path)
    if found is None:
        return raw_path
    if _CONTROL_IN_NAME.search(_decoded(found[1])):
        raise _refusal("holds an encoded control character")
    return raw_path[: found.start(1)] + b"-" + raw_path[found.end(1) :]


def _decoded(encoded: bytes) -> str:
    try:
        return unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal("holds escapes that are not UTF-8") from error


def _check_escapes(raw_path: bytes) -> None:
    path = _decoded(raw_path)
    if _CONTROL.search(path):
        raise _refusal("holds an encoded control character")
    # MLflow decodes an artifact's path again and again, until nothing changes any more.
    encoded, decoded = raw_path.decode("ascii"), path
    for _ in range(MAX_DECODINGS):
        if _AMBIGUOUS_ESCAPE.search(encoded):
            raise _refusal("holds an encoded dot, slash, backslash or control character")
        if encoded == decoded:
            return
        encoded, decoded = decoded, unquote(decoded)
    raise _refusal("is percent-encoded too often")


def _refusal(reason: str) -> RequestRefused:
    return RequestRefused(400, "BAD_REQUEST", f"the path of the request {reason}")
