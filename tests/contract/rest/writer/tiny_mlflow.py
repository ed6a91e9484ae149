"""A small server on loopback that takes logs as MLflow does, and can be told to misbehave."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

NAME = re.compile(r"[/\w.\- :]*")
MISSING = "missing"
DELETED = "deleted"

Body = dict[str, Any]


class Odd(NamedTuple):
    """An answer instead of the usual one."""

    status: int
    body: Body
    headers: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):
    """The server does not take something; as MLflow says it."""

    def __init__(self, message: str, *, status: int = 400, code: str = "INVALID_PARAMETER_VALUE"):
        super().__init__(message)
        self.odd = Odd(status, {"error_code": code, "message": message})


class TinyMlflow:
    """Keeps what is logged; a `disturb` may answer a request first, or hold it up."""

    def __init__(self) -> None:
        self.metrics: dict[str, dict[tuple[Any, ...], None]] = {}
        self.params: dict[str, dict[str, str]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.tag_values: list[tuple[str, str]] = []
        self.calls: list[tuple[str, Body]] = []
        self.times_sent: Counter[tuple[Any, ...]] = Counter()
        self.disturb: Callable[[str, Body], Odd | None] = lambda _endpoint, _body: None
        self.logins: set[str | None] = set()
        self.lock = threading.Lock()
        self._server: Listener | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = Listener(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Break all connections and listen no more."""
        if self._server is not None:
            server, self._server = self._server, None
            server.shutdown()
            server.server_close()
            server.break_connections()

    def break_connections(self) -> None:
        """Break all connections, and go on listening."""
        if self._server is not None:
            self._server.break_connections()

    def history(self, run_id: str, key: str = "m") -> list[float]:
        """Return the values of a metric in the order in which they came."""
        found = self.metrics.get(run_id, {})
        return [value for name, _time, _step, value in found if name == key]

    def batches(self) -> list[Body]:
        """Return all batches that were sent, the empty ones left out."""
        return [
            body for endpoint, body in self.calls if endpoint == "runs/log-batch" and len(body) > 1
        ]

    def answer(self, endpoint: str, body: Body) -> Odd:
        odd = self.disturb(endpoint, body)
        with self.lock:
            self.calls.append((endpoint, body))
            if odd is not None:
                return odd
            try:
                return Odd(200, self._take(endpoint, body))
            except Refused as refused:
                return refused.odd

    def _take(self, endpoint: str, body: Body) -> Body:
        run_id = body.get("run_id", "")
        if run_id == MISSING:
            raise Refused("no such run", status=404, code="RESOURCE_DOES_NOT_EXIST")
        if run_id == DELETED:
            raise Refused("the run must be active")
        if endpoint == "runs/log-batch":
            self._take_batch(run_id, body)
        elif endpoint == "runs/log-metric":
            self._take_batch(run_id, {"metrics": [body]})
        elif endpoint == "runs/log-parameter":
            self._take_batch(run_id, {"params": [body]})
        elif endpoint == "runs/set-tag":
            self._take_batch(run_id, {"tags": [body]})
        elif endpoint == "runs/delete-tag":
            self.tags[run_id].pop(body["key"])
        elif endpoint == "runs/get":
            return {"run": {"info": {"run_id": run_id}}}
        return {}

    def _take_batch(self, run_id: str, body: Body) -> None:
        for field in ("metrics", "params", "tags"):
            for place, item in enumerate(body.get(field, [])):
                self._check(field, place, item["key"])
        params = self.params.setdefault(run_id, {})
        given = [param["key"] for param in body.get("params", [])]
        if len(set(given)) < len(given):
            raise Refused("Duplicate parameter keys have been submitted")
        changed = [
            {"key": param["key"], "old_value": params[param["key"]]}
            for param in body.get("params", [])
            if params.get(param["key"], param["value"]) != param["value"]
        ]
        if changed:
            raise Refused(f"Changing param values is not allowed. Already logged='{changed}'")
        params.update({param["key"]: param["value"] for param in body.get("params", [])})
        kept = self.metrics.setdefault(run_id, {})
        for metric in body.get("metrics", []):
            identity = (metric["key"], metric["timestamp"], metric["step"], metric["value"])
            kept.setdefault(identity)
            self.times_sent[run_id, *identity] += 1
        for tag in body.get("tags", []):
            self.tags.setdefault(run_id, {})[tag["key"]] = tag["value"]
            self.tag_values.append((tag["key"], tag["value"]))

    @staticmethod
    def _check(field: str, place: int, key: str) -> None:
        if NAME.fullmatch(key) is None:
            name = "name" if field == "metrics" else "key"
            raise Refused(
                f"Invalid value \"{key}\" for parameter '{field}[{place}].{name}' supplied: Names "
                "may only contain alphanumerics"
            )


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, mlflow: TinyMlflow, port: int) -> None:
        self.mlflow = mlflow
        self.connections: set[Any] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def break_connections(self) -> None:
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(2)

    def handle_error(self, *_: object) -> None:
        """A client that breaks off is no fault of the server."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def do_GET(self) -> None:
        self._answer({})

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def _answer(self, body: Body) -> None:
        endpoint = self.path.removeprefix("/api/2.0/mlflow/").partition("?")[0]
        self.server.mlflow.logins.add(self.headers.get("Authorization"))
        odd = self.server.mlflow.answer(endpoint, body)
        content = json.dumps(odd.body).encode()
        self.send_response(odd.status)
        for name, value in odd.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def tiny_mlflow() -> Iterator[TinyMlflow]:
    """Run one until the block ends."""
    server = TinyMlflow()
    server.start()
    try:
        yield server
    finally:
        server.stop()
