"""Changes by processes that end in the middle, and over connections that break off."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from contract.rollout.watched import watch
from contract.rollout.workplace import Workplace
from penstock import MlflowClient
from penstock.rest.exchange import Request
from penstock.rollout import changes
from penstock.rollout.changing import carry_through
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["contract.rollout.crashing"])

Wanted = Mapping[str, tuple[str, float]]
"""Status and fraction of each run that is to be live."""


def live(wanted: Wanted) -> dict[str, LiveRun]:
    return {run_id: LiveRun(ModelStatus[name], part) for run_id, (name, part) in wanted.items()}


def bring_about(client: MlflowClient, scope: Scope, wanted: Wanted) -> Plan:
    """Make exactly these runs live, by the way of every change."""
    said = {run_id: (run.status, run.fraction) for run_id, run in live(wanted).items()}
    return carry_through(
        client, scope, said, lambda plan, statuses: changes.replace_runs(plan, said, statuses)
    )


class Steps:
    """Counts requests, and does something before or after one of them."""

    def __init__(self, number: int, side: str, act: Any) -> None:
        self.number, self.side, self.act = number, side, act
        self.begun, self.ended = 0, 0
        self._lock = threading.Lock()

    def before(self, _: Request) -> None:
        with self._lock:
            self.begun += 1
            if self.side == "before" and self.begun == self.number:
                self.act()

    def after(self, _: Request) -> None:
        with self._lock:
            self.ended += 1
            if self.side == "after" and self.ended == self.number:
                self.act()


def count_steps(place: Workplace, scope: Scope, wanted: Wanted) -> int:
    """Return how many requests a change takes; it is made."""
    steps = Steps(0, "", None)
    with MlflowClient(place.client.tracking_uri, retries=0) as client:
        watch(client, before=steps.before, after=steps.after)
        bring_about(client, scope, wanted)
    return steps.begun


def killed_at(
    login: Mapping[str, str], scope: Scope, wanted: Wanted, step: tuple[int, str]
) -> bool:
    """Let a process make a change and kill itself at a step; tell whether it came to that."""
    process = PROCESSES.Process(target=_change_and_die, args=(dict(login), scope, wanted, *step))
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def _change_and_die(
    login: dict[str, str], scope: Scope, wanted: Wanted, number: int, side: str
) -> None:
    steps = Steps(number, side, lambda: os.kill(os.getpid(), signal.SIGKILL))
    with MlflowClient(**login, retries=0) as client:
        watch(client, before=steps.before, after=steps.after)
        bring_about(client, scope, wanted)


class BreakingProxy(ThreadingHTTPServer):
    """Passes requests on to a server until one of them: that and all later ones get no answer.

    `lost` says whether the one is passed on, and only its answer lost.
    """

    daemon_threads = True

    def __init__(self, url: str, steps: int, lost: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream, self.steps, self.lost = urlsplit(url), steps, lost
        self.seen, self.counting = 0, threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: connections are broken on purpose."""


class _Passing(BaseHTTPRequestHandler):
    server: BreakingProxy
    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Stay silent."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.counting:
            self.server.seen += 1
            number = self.server.seen
        is_over = number >= self.server.steps
        if is_over and (number > self.server.steps or self.server.lost == "request"):
            self.close_connection = True
            return
        status, kind, answer = self._ask(body)
        if is_over:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _ask(self, body: bytes) -> tuple[int, str, bytes]:
        connection = HTTPConnection(self.server.upstream.netloc, timeout=30)
        try:
            headers = {"Content-Type": self.headers.get("Content-Type") or "application/json"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type") or "", answer.read()
        finally:
            connection.close()
