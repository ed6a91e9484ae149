"""A small artifact server that breaks off, lies, stalls and refuses as a test says."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
RUN = {
    "run": {"info": {"run_id": "1", "experiment_id": "1", "artifact_uri": "mlflow-artifacts:/r"}}
}
PIECE = 1 << 16


class Kind(Enum):
    """What goes wrong with an answer, or with the reading of a body."""

    BREAK = "the connection ends after some bytes"
    STALL = "nothing moves any more after some bytes"
    CUT = "the answer has no length, and ends properly after some bytes"
    LIE = "the answer says that it is longer than it is"
    REFUSE = "an answer with this status, after some bytes of the body were read"


class Fault(NamedTuple):
    """One of these, with the bytes after which it happens, or the status."""

    kind: Kind
    after: int = 0
    status: int = 503


@dataclass
class Breaking:
    """What the server has, and how it misbehaves, request by request; then it behaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    etag: str | None = '"1"'
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    sent: int = 0
    read: int = 0
    url: str = ""
    keeps_files: bool = True
    on_piece: Callable[[], None] = lambda: None
    stopped: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Answers for one Breaking."""

    protocol_version = "HTTP/1.1"
    state: ClassVar[Breaking]

    def do_GET(self):
        path = unquote(self.path.partition("?")[0])
        self.state.asked.append(("GET", path, self.headers["Range"]))
        if path.endswith("/artifacts/list"):
            files = [
                {"path": name, "file_size": len(data)} for name, data in self.state.files.items()
            ]
            listed = [] if "path=" in self.path else files
            self.answer_json({"root_uri": "mlflow-artifacts:/r", "files": listed})
        elif path.endswith("/runs/get"):
            self.answer_json(RUN)
        elif path.startswith(f"{ARTIFACTS}r/"):
            self.send_file(self.state.files.get(path.removeprefix(f"{ARTIFACTS}r/")))
        else:
            self.answer_json({"error_code": "ENDPOINT_NOT_FOUND"}, 404)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer_json({})

    def do_PUT(self):
        name = unquote(self.path).removeprefix(f"{ARTIFACTS}r/")
        self.state.asked.append(("PUT", name, self.headers["Content-Length"]))
        fault = self.next_fault()
        body = self.read_body(fault)
        if fault is None:
            self.state.files[name] = bytes(body)
            self.answer_json({})
        elif fault.kind is Kind.REFUSE:
            self.answer_json({"error_code": "SOME_CODE", "message": "no"}, fault.status)
            self.close_connection = fault.after < int(self.headers["Content-Length"])
            self.linger()

    def read_body(self, fault):
        body = bytearray()
        left = int(self.headers["Content-Length"])
        if fault is not None and fault.kind is not Kind.STALL:
            left = min(left, fault.after)
        while left and (piece := self.rfile.read1(min(PIECE, left))):
            if self.state.keeps_files:
                body += piece
            left -= len(piece)
            self.state.read += len(piece)
            self.state.on_piece()
            if fault is not None and fault.kind is Kind.STALL and self.state.read >= fault.after:
                self.state.stopped.wait()
                break
        if fault is not None and fault.kind is not Kind.REFUSE:
            self.break_off()
        return body

    def send_file(self, data):
        if data is None:
            self.answer_json({"error_code": "RESOURCE_DOES_NOT_EXIST"}, 404)
            return
        fault = self.next_fault()
        if fault is not None and fault.kind is Kind.REFUSE:
            self.answer_json({"error_code": "SOME_CODE"}, fault.status)
            return
        start = self.start_of_range(data)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if self.state.etag is not None:
            self.send_header("ETag", self.state.etag)
        self.send_body(data[start:], fault)

    def start_of_range(self, data):
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        same = self.headers["If-Range"] == self.state.etag
        return int(wanted[1]) if wanted and same and int(wanted[1]) < len(data) else 0

    def send_body(self, data, fault):
        kind = None if fault is None else fault.kind
        if kind is Kind.CUT:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            part = data[: fault.after]
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(part), part))
            return
        self.send_header("Content-Length", str(len(data) + (100 if kind is Kind.LIE else 0)))
        self.end_headers()
        part = data if fault is None or kind is Kind.LIE else data[: fault.after]
        with suppress(OSError):
            self.wfile.write(part)
        self.state.sent += len(part)
        if kind is Kind.STALL:
            self.wfile.flush()
            self.state.stopped.wait()
        if kind is not None:
            self.break_off()

    def answer_json(self, document, status=200):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def linger(self):
        """Let an answer that came early arrive, as a server does that closes its side first."""
        self.wfile.flush()
        if self.close_connection:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
                self.state.stopped.wait(0.5)

    def break_off(self):
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def next_fault(self):
        return self.state.faults.pop(0) if self.state.faults else None

    def log_message(self, *_: object):
        """Say nothing."""


@contextmanager
def breaking(
    files: dict[str, bytes] | None = None, faults: list[Fault] | None = None, **state: Any
) -> Iterator[Breaking]:
    """Run such a server on loopback."""
    server_state = Breaking(dict(files or {}), list(faults or ()), **state)
    handler = type("Handler", (Handler,), {"state": server_state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server_state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server_state
    finally:
        server_state.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(30)
