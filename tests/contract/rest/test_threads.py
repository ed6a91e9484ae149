"""Threads that come and go, and use clients."""

import subprocess
import sys

from contract.rest.loopback import answering, reply

PROGRAM = """
import sys, threading
from penstock import MlflowClient

def use():
    with MlflowClient(sys.argv[1]) as client:
        assert client.get_run("abc").info.run_id == "abc"

for _ in range(10):
    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
use()
print("well")
"""


def test_the_thread_that_used_a_client_first_may_end():
    """The HTTP library's allocator would crash the process when another one gets its id."""
    with answering(reply('{"run": {"info": {"run_id": "abc"}}}')) as server:
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, server.url],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ("well\n", "", 0) == (ended.stdout, ended.stderr, ended.returncode)
