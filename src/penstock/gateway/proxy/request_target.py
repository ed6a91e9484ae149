"""Check the path and query of a request before anything is decided by them. Pure.

HTTP libraries and servers normalise URLs in different ways (dot segments, `%2e`, backslashes,
doubled slashes, control characters). A path that two of them could read differently is refused,
so that the path that was judged is, byte for byte, the path that MLflow gets.
"""

import re
from urllib.parse import quote, unquote_to_bytes

from penstock.errors import RequestRefused

_PATH = re.compile(rb"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)+")
_AMBIGUOUS_ESCAPE = re.compile(rb"%(?:[01][0-9A-Fa-f]|2[EeFf]|5[Cc]|7[Ff])")
_DOT_SEGMENT = re.compile(rb"/\.{1,2}(?:/|$)")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_QUERY_SAFE = "!$&()*+,;=:@/?%-._~"


def check_path(raw_path: bytes) -> str:
    """Return the path as it was sent, percent-escapes kept. Raises RequestRefused (400)."""
    if not _PATH.fullmatch(raw_path):
        raise _refusal("holds a character that must be percent-encoded, or a broken escape")
    if b"//" in raw_path or _DOT_SEGMENT.search(raw_path):
        raise _refusal("holds an empty, '.' or '..' segment")
    if b"%" in raw_path:
        _check_escapes(raw_path)
    return raw_path.decode("ascii")


def canonical_query(query: bytes) -> str:
    """Return the query with all but unreserved and delimiting characters percent-encoded.

    So that no library on the way re-encodes it. Raises RequestRefused (400) for broken escapes.
    """
    if _BROKEN_ESCAPE.search(query):
        raise RequestRefused(400, "BAD_REQUEST", "the query holds a broken percent-escape")
    return quote(query, safe=_QUERY_SAFE)


def _check_escapes(raw_path: bytes) -> None:
    if _AMBIGUOUS_ESCAPE.search(raw_path):
        raise _refusal("holds an encoded dot, slash, backslash or control character")
    try:
        unquote_to_bytes(raw_path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal("holds escapes that are not UTF-8") from error


def _refusal(reason: str) -> RequestRefused:
    return RequestRefused(400, "BAD_REQUEST", f"the path of the request {reason}")
