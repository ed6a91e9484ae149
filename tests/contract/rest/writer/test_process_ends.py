"""How processes end, and are forked, with something still to be sent."""

import subprocess
import sys
import time

import pytest

from contract.rest.loopback import Reply, Then, answering
from contract.rest.writer.programs import run, sync
from contract.rest.writer.tiny_mlflow import tiny_mlflow
from servers import clean_environment

LOG = """
import sys
from penstock import MlflowClient

client = MlflowClient(sys.argv[1])

def log(values, key="m", client=client):
    for value in values:
        client.log_metric("r", key, value, step=value, synchronous=False)

log(range(3000))
"""


HASTY = LOG.replace("argv[1])", "argv[1], flush_timeout=0.3)")


@pytest.mark.parametrize(
    ("end", "code", "told"),
    [
        ("", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("raise ValueError('no')", 1, "ValueError: no"),
        ("raise KeyboardInterrupt", -2, "KeyboardInterrupt"),
    ],
)
def test_the_end_of_a_process_sends_what_is_left(tiny, end, code, told):
    """Also when nobody closes the client, however the program ends."""
    ended = run(f"{LOG}\nclient.flush()\nlog(range(3000, 3500))\n{end}", tiny.url)
    assert list(range(3500)) == tiny.history("r")
    assert code == ended.returncode
    assert told in ended.stderr
    assert "lost" not in ended.stderr


def test_threads_that_outlive_the_main_one_may_go_on_logging(tiny):
    """Python waits for them, and the client after them."""
    program = f"""
import threading
{LOG}
def work():
    threading.main_thread().join()
    log(range(3000, 4000))

threading.Thread(target=work).start()
"""
    assert "" == run(program, tiny.url).stderr
    assert list(range(4000)) == tiny.history("r")


def test_what_is_logged_at_the_very_end_is_sent_at_once(tiny):
    """By functions that run after the client has left."""
    program = """
import atexit, sys

def last():
    operation = client.log_metric("r", "m", 3000, step=3000, synchronous=False)
    operation.wait()
    client.log_param("r", "p", 1, synchronous=False).wait()
    client.log_param("r", "p", 2, synchronous=False)
    client.set_terminated("r")
    MlflowClient(sys.argv[1]).log_metric("r", "m", 3001, synchronous=False)

atexit.register(last)
"""
    ended = run(program + LOG, tiny.url)
    assert (0, "") == (ended.returncode, ended.stderr)
    assert list(range(3002)) == tiny.history("r")
    assert {"p": "1"} == tiny.params["r"]


def test_the_end_waits_for_a_server_that_is_away_only_so_long():
    """Then it says what is lost; one limit holds for all clients."""
    others = "\nmore = [MlflowClient(sys.argv[1], flush_timeout=1) for _ in range(5)]\n"
    others += "for other in more: log(range(5), client=other)\n"
    others += "import time; print(time.time(), flush=True)"
    ended = run(HASTY + others, "http://127.0.0.1:9")
    assert time.time() - float(ended.stdout) < 4
    assert "3000 logged items are lost (" in ended.stderr
    assert "no server answers" in ended.stderr
    assert 5 == ended.stderr.count("5 logged items are lost")
    assert 0 == ended.returncode


def test_the_end_is_not_held_up_by_a_server_that_hangs():
    """Nor does it crash the process."""
    with answering(Reply(b"", Then.HANG)) as server:
        ended = run(HASTY + "import time; print(time.time(), flush=True)", server.url)
        assert time.time() - float(ended.stdout) < 4
    assert 0 == ended.returncode
    assert "3000 logged items are lost" in ended.stderr


FORK = f"""
import os
{LOG}
first = client.log_metric("r", "first", 1, synchronous=False)
"""


def test_both_sides_of_a_fork_log(tiny):
    """Each sends its own items, once, and the child none of its parent's."""
    program = f"""{FORK}
for number in range(3):
    child = os.fork()
    if child == 0:
        try:
            first.wait()
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        assert client.failures == []
        log(range(500), f"child{{number}}")
        sys.exit(7)
    log(range(3000 + 100 * number, 3100 + 100 * number))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
first.wait()
"""
    ended = run(program, tiny.url)
    assert (0, "") == (ended.returncode, ended.stderr)
    told = ended.stdout.splitlines()
    assert {"Unsent this was logged by the parent of this process; wait for it there"} == set(told)
    assert list(range(3300)) == tiny.history("r")
    for number in range(3):
        assert list(range(500)) == tiny.history("r", f"child{number}")
    assert {1} == set(tiny.times_sent.values())


def test_the_child_of_a_fork_has_a_journal_of_its_own(tiny, spool):
    """That it closes does not harm the parent's, even while the server is away."""
    program = f"""
{HASTY.replace("flush_timeout=0.3", "flush_timeout=0.3, spool=sys.argv[2]")}
import os, signal
child = os.fork()
if child == 0:
    log(range(10), "child")
    client.close()
    os._exit(0)
os.waitpid(child, 0)
print(len(os.listdir(sys.argv[2])), flush=True)
log(range(3000, 3010))
os.kill(os.getpid(), signal.SIGKILL)
"""
    tiny.stop()
    ended = run(program, tiny.url, spool)
    assert ("2\n", -9) == (ended.stdout, ended.returncode)
    tiny.start()
    assert 0 == sync(spool).returncode
    assert list(range(3010)) == tiny.history("r")
    assert list(range(10)) == tiny.history("r", "child")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_workers_of_multiprocessing_send_what_they_logged(tiny, tmp_path, method):
    """Also those that end without the usual functions."""
    program = f"""
import multiprocessing, sys
from penstock import MlflowClient

def work(client, number):
    for step in range(500):
        client.log_metric("r", f"m{{number}}", step, step=step, synchronous=False)

if __name__ == "__main__":
    client = MlflowClient(sys.argv[1])
    client.log_metric("r", "m", 1, synchronous=False)
    context = multiprocessing.get_context("{method}")
    workers = [context.Process(target=work, args=(client, number)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print([worker.exitcode for worker in workers])
"""
    script = tmp_path / "script.py"
    script.write_text(program)
    ended = subprocess.run(
        [sys.executable, str(script), tiny.url],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ("[0, 0]\n", "") == (ended.stdout, ended.stderr)
    for number in range(2):
        assert list(range(500)) == tiny.history("r", f"m{number}")


def test_a_client_that_nobody_holds_any_more_sends_what_it_took():
    """Though it was not closed."""
    program = """
import sys
from penstock import MlflowClient

def work():
    client = MlflowClient(sys.argv[1])
    for step in range(100):
        client.log_metric("r", "m", step, step=step, synchronous=False)

work()
"""
    with tiny_mlflow() as server:
        assert "" == run(program, server.url).stderr
        assert list(range(100)) == server.history("r")


def test_a_client_that_logs_in_the_background_loads_no_mlflow(tiny):
    """Nor anything else that is heavy."""
    program = (
        LOG
        + """
client.flush()
heavy = {"mlflow", "numpy", "pandas", "asyncio", "ssl", "rich", "typer", "dotenv", "http.client"}
print(sorted(heavy & set(sys.modules)))
"""
    )
    assert "[]\n" == run(program, tiny.url).stdout
