"""Choose which headers of a request go on to MLflow. Pure."""

from collections.abc import Iterable

from penstock.errors import RequestRefused

MAX_TOTAL_BYTES = 65_536

FORWARDED = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"cache-control",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-md5",
        b"content-type",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"last-event-id",
        b"range",
        b"traceparent",
        b"tracestate",
        b"user-agent",
        b"x-mlflow-client-version",
        b"x-mlflow-experiment-id",
        b"x-mlflow-return-trace-id",
        b"x-mlflow-run-id",
    }
)
"""Headers that MLflow or the HTTP semantics behind it need. Everything else stays here.

A list of what may pass, not of what may not: nobody can list every header that some part takes
for an identity (`X-Forwarded-User`, `Remote-User`, `X-HTTP-Method-Override`, …).
"""

Headers = Iterable[tuple[bytes, bytes]]


def forwarded_headers(headers: Headers) -> list[tuple[str, str]]:
    """Return the headers for MLflow, names in lower case.

    Left out: credentials, cookies, identities, `Host`, `Origin`, `Referer`, lengths and
    hop-by-hop headers; the upstream client sets its own `Host` and framing.
    """
    dropped = _named_by_connection(headers)
    return [
        (name.decode("ascii"), _text(value))
        for name, value in headers
        if name in FORWARDED and name not in dropped
    ]


def check_header_size(headers: Headers) -> None:
    """Refuse (431) a request whose headers are too large together."""
    if sum(len(name) + len(value) for name, value in headers) > MAX_TOTAL_BYTES:
        raise RequestRefused(
            431,
            "BAD_REQUEST",
            f"the headers of the request are larger than {MAX_TOTAL_BYTES} bytes together",
        )


def find_header(headers: Headers, name: bytes) -> bytes | None:
    """Return the first value of a header, or None."""
    return next((value for key, value in headers if key == name), None)


def _named_by_connection(headers: Headers) -> set[bytes]:
    return {
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    }


def _text(value: bytes) -> str:
    # The HTTP library writes text as UTF-8: what is UTF-8 already arrives as it is.
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
