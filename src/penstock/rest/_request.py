from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from penstock.errors import MlflowException

API_PREFIX = "/api/2.0/"
REPEATABLE_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
REPEATABLE_WRITES = {
    "mlflow/experiments/search",
    "mlflow/experiments/set-experiment-tag",
    "mlflow/logged-models/search",
    "mlflow/model-versions/set-tag",
    "mlflow/model-versions/transition-stage",
    "mlflow/model-versions/update",
    "mlflow/registered-models/alias",
    "mlflow/registered-models/get-latest-versions",
    "mlflow/registered-models/set-tag",
    "mlflow/registered-models/update",
    "mlflow/runs/log-batch",
    "mlflow/runs/log-metric",
    "mlflow/runs/log-parameter",
    "mlflow/runs/search",
    "mlflow/runs/set-tag",
    "mlflow/runs/update",
}
"""POST and PATCH endpoints that do nothing the second time: MLflow ignores an identical metric."""


class Request(NamedTuple):
    """One call to a server, ready to be sent; `path` is for messages, and has no query."""

    method: str
    url: str
    path: str
    body: bytes | None = None
    is_repeatable: bool = False
    content_type: str | None = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def build_request(
    base_url: str,
    method: str,
    endpoint: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Request:
    """Build the request of an endpoint such as `mlflow/runs/get`; None counts as left out.

    Raises MlflowException with INVALID_PARAMETER_VALUE for what neither URL nor JSON can carry.
    """
    path = f"/{'/'.join(base_url.split('/')[3:])}".rstrip("/") + _api_path(endpoint)
    origin = "/".join(base_url.split("/", 3)[:3])
    try:
        parameters = urlencode(list(_pairs(query or {})), quote_via=quote)
        content = None if body is None else msgspec.json.encode(_without_none(body))
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise MlflowException(
            f"{method} {path}: the arguments cannot be sent: {error}", "INVALID_PARAMETER_VALUE"
        ) from error
    return Request(
        method=method,
        url=f"{origin}{path}?{parameters}" if parameters else f"{origin}{path}",
        path=path,
        body=content,
        is_repeatable=method in REPEATABLE_METHODS or endpoint in REPEATABLE_WRITES,
    )


def build_at(method: str, url: str, headers: Mapping[str, str]) -> Request:
    """Build a request that may be repeated to a URL which holds its own proof, in its query."""
    path = "/" + "/".join(url.partition("?")[0].split("/")[3:])
    return Request(
        method=method,
        url=url,
        path=path,
        is_repeatable=True,
        content_type=None,
        headers=tuple(headers.items()),
    )


def _api_path(endpoint: str) -> str:
    if endpoint.startswith("/"):
        return endpoint
    return f"/{endpoint}" if endpoint.startswith("api/") else f"{API_PREFIX}{endpoint}"


def _pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        values = value if isinstance(value, list | tuple) else [value]
        for item in values:
            if item is not None:
                yield name, _as_text(item)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_none(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
