"""The `/v1` API of a Penstock gateway, over the connections of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from penstock.errors import MlflowException, NotMlflow, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.rest.client import MlflowClient

HEALTH = "/health"

_FOUND: WeakKeyDictionary[MlflowClient, GatewayApi | None] = WeakKeyDictionary()


class GatewayApi:
    """Calls of `/v1`, with the client's address, login, limits and repetitions."""

    def __init__(self, client: MlflowClient) -> None:
        self._api = client._tracking  # noqa: SLF001 - of the same package

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON is any
        """Return the JSON of a successful answer; `path` is percent-encoded.

        Raises MlflowException, with the status of the answer, for a refusal.
        """
        answer = self._api.ask(method, path, query=query, body=body, headers=headers)
        return answer.json()


def find_gateway(client: MlflowClient) -> GatewayApi | None:
    """Return the gateway that a client speaks to, or None if it speaks to a stock server.

    Asked once for each client. Raises TransportError when there is no answer.
    """
    if client not in _FOUND:
        _FOUND[client] = GatewayApi(client) if _is_gateway(client) else None
    return _FOUND[client]


def _is_gateway(client: MlflowClient) -> bool:
    try:
        health = GatewayApi(client).call("GET", HEALTH)
    except NotMlflow:  # a text, or no such path
        return False
    except TransportError:
        raise
    except MlflowException:  # a refusal: what stands between hides the path
        return False
    return isinstance(health, dict) and health.get("status") == "SUCCESS"
