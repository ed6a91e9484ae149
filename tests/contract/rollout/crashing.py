"""Changes by processes that end in the middle, and over connections that break off."""

import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from contract.rollout.watched import SEARCH, WRITES, watch
from penstock import MlflowClient
from penstock.rest.exchange import Request
from penstock.rollout import changes
from penstock.rollout.changing import carry_through
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["contract.rollout.crashing"])

ROUNDS = int(os.environ.get("PENSTOCK_ROUNDS", "5"))
"""How often what is drawn is drawn; `make soak` asks for a hundred."""

FEW = 5

Kind = Callable[[Request], bool]
Wanted = Mapping[str, tuple[str, float]]
"""Status and fraction of each run that is to be live."""


def is_anything(_: Request) -> bool:
    return True


def live(wanted: Wanted) -> dict[str, LiveRun]:
    return {run_id: LiveRun(ModelStatus[name], part) for run_id, (name, part) in wanted.items()}


def bring_about(client: MlflowClient, scope: Scope, wanted: Wanted) -> Plan:
    """Make exactly these runs live, by the way of every change."""
    said = {run_id: (run.status, run.fraction) for run_id, run in live(wanted).items()}
    return carry_through(
        client, scope, said, lambda plan, statuses: changes.replace_runs(plan, said, statuses)
    )


def in_turn(run_ids: list[str]) -> Iterator[Wanted]:
    """Yield what is wanted in turn, for ever: the statuses become one another."""
    one, two, three, four = run_ids
    while True:
        yield {one: ("Active", 0.5), two: ("Active", 0.5), three: ("Canary", 0.0)}
        yield {one: ("Canary", 0.0), two: ("Active", 0.25), four: ("Active", 0.75)}


def draw(drawn: random.Random, run_ids: list[str]) -> Wanted:
    """Return one or two Active runs, and perhaps Canaries."""
    first, second, *rest = drawn.sample(run_ids, len(run_ids))
    shares = drawn.choice([{first: 1.0}, {first: 0.25, second: 0.75}])
    canaries = {run_id: ("Canary", 0.0) for run_id in rest if drawn.random() < 0.5}
    return canaries | {run_id: ("Active", share) for run_id, share in shares.items()}


class Steps:
    """Counts the wanted requests, and acts before or after one of them."""

    def __init__(
        self,
        number: int = 0,
        side: str = "before",
        act: Callable[[], object] = lambda: None,
        *,
        wanted: Kind = is_anything,
    ) -> None:
        self.number, self.side, self.act, self.wanted = number, side, act, wanted
        self.seen = {"before": 0, "after": 0}
        self._lock = threading.RLock()

    def watch(self, client: MlflowClient) -> None:
        """Count the requests of a client."""
        watch(
            client,
            before=lambda request: self._count("before", request),
            after=lambda request: self._count("after", request),
        )

    def _count(self, side: str, request: Request) -> None:
        with self._lock:
            self.seen[side] += self.wanted(request)
            if (self.side, self.number) == (side, self.seen[side]) and self.wanted(request):
                self.act()


def count_steps(
    login: Mapping[str, str],
    scope: Scope,
    change: Wanted,
    *,
    wanted: Kind = is_anything,
) -> int:
    """Return how many requests a change takes; it is made."""
    steps = Steps(wanted=wanted)
    with MlflowClient(**login, retries=0) as client:
        steps.watch(client)
        bring_about(client, scope, change)
    return steps.seen["after"]


def killed_at(
    login: Mapping[str, str],
    scope: Scope,
    wanted: Wanted,
    step: tuple[int, str],
    *,
    kind: Kind = is_anything,
) -> bool:
    """Let a process make a change and kill itself at a step; tell whether it came to that."""
    arguments = (dict(login), scope, wanted, *step, kind)
    process = PROCESSES.Process(target=_change_and_die, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def _change_and_die(  # noqa: PLR0917 - what a process is given
    login: dict[str, str], scope: Scope, wanted: Wanted, number: int, side: str, kind: Kind
) -> None:
    steps = Steps(number, side, lambda: os.kill(os.getpid(), signal.SIGKILL), wanted=kind)
    with MlflowClient(**login, retries=0) as client:
        steps.watch(client)
        bring_about(client, scope, wanted)


class BreakingProxy(ThreadingHTTPServer):
    """Passes requests on to a server up to a write: that one's and all later answers are lost."""

    daemon_threads = True

    def __init__(self, url: str, writes: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream, self.writes_left = urlsplit(url), writes
        self.counting = threading.Lock()
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
            is_gone = self.server.writes_left <= 0
            self.server.writes_left -= self.command in WRITES and not self.path.endswith(SEARCH)
            is_last = self.server.writes_left <= 0
        if is_gone:
            self.close_connection = True
            return
        status, kind, answer = self._ask(body)
        if is_last:
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
            headers = {
                name: value
                for name in ("Authorization", "Content-Type", "If-Match")
                if (value := self.headers.get(name))
            }
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type") or "", answer.read()
        finally:
            connection.close()
