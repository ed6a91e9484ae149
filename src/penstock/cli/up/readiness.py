"""What must answer before Penstock is ready, asked over HTTP as a client would."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

from penstock.cli.exposure import LOOPBACK
from penstock.cli.up.administrator import Administrator
from penstock.gateway.networks import reachable_host

_SECONDS: Final = 5.0
_OK: Final = 200
_UNAUTHENTICATED: Final = 401
_SEARCH: Final = "/api/2.0/mlflow/experiments/search"

Check = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Checks of the servers of one `penstock up`; each returns whether it holds by now."""

    gateway_host: str
    gateway_port: int
    mlflow_port: int
    administrator: Administrator

    def mlflow_answers(self) -> bool:
        """Return whether MLflow itself answers."""
        return _status(LOOPBACK, self.mlflow_port, "/health") == _OK

    def gateway_answers(self) -> bool:
        """Return whether the gateway tells a login from none, and reaches its database and MLflow.

        With a known password, that means: the login works, and MLflow answers it.
        """
        if self._ask("/v1/me") != _UNAUTHENTICATED:
            return False
        if self.administrator.password is None or self.login_is_refused():
            return self._ask("/ready") == _OK
        headers = _basic(self.administrator.username, self.administrator.password)
        return (
            self._ask("/v1/me", headers) == _OK
            and self._ask(_SEARCH, headers, {"max_results": 1}) == _OK
        )

    def login_is_refused(self) -> bool:
        """Return whether the known password is not, or no longer, the administrator's.

        That can only be where an administrator was there before this start.
        """
        known = self.administrator
        if known.password is None or not known.existed:
            return False
        return self._ask("/v1/me", _basic(known.username, known.password)) == _UNAUTHENTICATED

    def _ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> int | None:
        host = reachable_host(self.gateway_host).strip("[]")
        return _status(host, self.gateway_port, path, headers=headers, body=body)


def _status(
    host: str,
    port: int,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, object] | None = None,
) -> int | None:
    """Return the status of an answer, or None where there is none yet."""
    connection = HTTPConnection(host, port, timeout=_SECONDS)
    try:
        if body is None:
            connection.request("GET", path, headers=dict(headers or {}))
        else:
            sent = {"Content-Type": "application/json", **(headers or {})}
            connection.request("POST", path, json.dumps(body), sent)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _basic(username: str, password: str) -> dict[str, str]:
    proof = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {proof}"}
