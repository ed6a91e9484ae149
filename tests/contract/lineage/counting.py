"""Passes requests on to a server and counts them."""

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclass
class Counts:
    """The requests that went through, by the last two parts of their path."""

    url: str = ""
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.calls.total()


@contextmanager
def counting(upstream: str) -> Iterator[Counts]:
    """Listen on loopback while the block runs."""
    counts, place = Counts(), urlsplit(upstream)

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            counts.calls["/".join(urlsplit(self.path).path.split("/")[-2:])] += 1
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            there = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            there.request(self.command, self.path, body, headers)
            answer = there.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            there.close()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_args: object):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    counts.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield counts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
