"""The client in processes: what it loads, forks, signals, memory."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from contract.rest.loopback import Reply, Then, answering, reply
from penstock import MlflowClient

RUN = '{"run": {"info": {"run_id": "abc"}}}'

HEAVY = [
    *("asyncio", "concurrent.futures", "dataclasses", "dotenv", "email", "http.client", "inspect"),
    *("logging", "mlflow", "msgspec", "multiprocessing", "numpy", "pandas", "pyreqwest", "rich"),
    *("ssl", "typer", "typing_extensions"),
]


def run(program: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_a_client_that_was_only_made_has_loaded_nothing_heavy():
    """Nor opened anything."""
    program = f"""
import sys
from penstock import MlflowClient
MlflowClient("https://127.0.0.1:9", token="t")
print(sorted(set({HEAVY}) & set(sys.modules)))
"""
    assert ("[]\n", "") == (run(program).stdout, run(program).stderr)


def test_a_call_loads_neither_mlflow_nor_what_it_needs():
    """With TLS done by the HTTP library."""
    program = """
import sys
from penstock import MlflowClient
MlflowClient(sys.argv[1]).get_run("abc")
print(sorted({"mlflow", "numpy", "pandas", "asyncio", "ssl", "rich", "typer"} & set(sys.modules)))
"""
    with answering(reply(RUN)) as server:
        answer = run(program, server.url)
    assert ("[]\n", "") == (answer.stdout, answer.stderr)


FORKS = """
import os, sys
from penstock import MlflowClient

client = MlflowClient(sys.argv[1], timeout=20)
print("parent", client.get_run("abc").info.run_id, flush=True)
for number in range(2):
    child = os.fork()
    if child == 0:
        print("child", client.get_run("abc").info.run_id, flush=True)
        print("again", MlflowClient(sys.argv[1]).create_run("0").info.run_id, flush=True)
        client.close()
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
print("parent", client.get_run("abc").info.run_id, flush=True)
"""


def test_a_client_works_on_both_sides_of_a_fork():
    """As a pool of workers makes it; the HTTP library alone would hang there."""
    with answering(reply(RUN)) as server:
        answer = run(FORKS, server.url)
    lines = ["parent abc", *["child abc", "again abc"] * 2, "parent abc"]
    assert (lines, "", 0) == (answer.stdout.splitlines(), answer.stderr, answer.returncode)


def test_a_pool_of_forked_workers_shares_a_client():
    """Logging from all of them."""
    program = """
import multiprocessing, sys
from penstock import MlflowClient

client = MlflowClient(sys.argv[1], timeout=20)
client.get_run("abc")

def log(number):
    client.log_metric("abc", "m", number)
    return number

with multiprocessing.get_context("fork").Pool(3) as pool:
    print(sum(pool.map(log, range(30))))
"""
    with answering(reply(RUN)) as server:
        answer = run(program, server.url)
        assert 31 == len(server.received)
    assert ("435\n", "") == (answer.stdout, answer.stderr)


WAIT = """
import signal, sys
from penstock import MlflowClient

def told(number, frame):
    print("told", number, flush=True)

signal.signal(signal.SIGUSR1, told)
client = MlflowClient(sys.argv[1], timeout=60)
print("waiting", flush=True)
client.get_run("abc")
"""


def start(program: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def silent():
    """A server that never answers."""
    with answering(Reply(b"", Then.HANG)) as server:
        yield server


def wait_for_a_request(server) -> None:
    deadline = time.monotonic() + 60
    while not server.received and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.received


def test_ctrl_c_ends_a_call_at_once(silent):
    """With a KeyboardInterrupt, and nothing worse."""
    process = start(WAIT, silent.url)
    wait_for_a_request(silent)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in told
    assert "panic" not in told
    assert -signal.SIGINT == process.returncode


def test_a_handler_runs_during_a_call(silent):
    """The call goes on waiting afterwards."""
    process = start(WAIT, silent.url)
    wait_for_a_request(silent)
    process.send_signal(signal.SIGUSR1)
    assert process.stdout
    assert "waiting\n" == process.stdout.readline()
    assert f"told {signal.SIGUSR1.value}\n" == process.stdout.readline()
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert -signal.SIGTERM == process.returncode


def test_a_call_in_another_thread_does_not_hold_the_exit_up(silent):
    """A thread that may be left behind is left behind."""
    program = """
import sys, threading
from penstock import MlflowClient

client = MlflowClient(sys.argv[1], timeout=60)
threading.Thread(target=client.get_run, args=("abc",), daemon=True).start()
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, silent.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_a_request(silent)
    _, told = process.communicate("", timeout=10)
    assert (0, "") == (process.returncode, told)


def test_a_large_download_does_not_fill_the_memory(tmp_path):
    """It passes through in parts."""
    megabytes = 256
    program = """
import resource, sys
from penstock import MlflowClient

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

client = MlflowClient(sys.argv[1])
client.list_artifacts("1")
before = peak()
client.download_artifacts("1", "x", sys.argv[2])
print(peak() - before)
"""
    listing = '{"root_uri": "mlflow-artifacts:/1/a"}'
    content = reply(b"x" * (megabytes << 20))
    with answering(reply(listing), reply(listing), content) as server:
        answer = run(program, server.url, str(tmp_path))
    assert "" == answer.stderr
    assert megabytes << 20 == (tmp_path / "x").stat().st_size
    assert int(answer.stdout) < 64


def test_ctrl_c_ends_a_download_and_leaves_no_part(tmp_path):
    """Whatever the size of the file."""
    program = """
import sys
from penstock import MlflowClient

MlflowClient(sys.argv[1], timeout=60).download_artifacts("1", "x", sys.argv[2])
"""
    listing = reply('{"root_uri": "mlflow-artifacts:/1/a"}')
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
    with answering(listing, Reply(head, Then.DRIP)) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", program, server.url, str(tmp_path)],
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while len(server.received) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in told
    assert [] == list(tmp_path.iterdir())


def test_threads_may_make_clients_at_the_same_time(silent):
    """Nothing is shared but what may be."""
    clients = []
    threads = [
        threading.Thread(target=lambda: clients.append(MlflowClient(silent.url))) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 10 == len(clients)
