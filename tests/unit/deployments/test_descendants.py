"""Every process below one, and how they end."""

import os
import subprocess
import sys

import psutil
import pytest

STUBBORN = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(2):
    if os.fork():
        os._exit(0)
    os.setsid()
print(os.getpid(), flush=True)
signal.pause()
"""

ADOPT_AND_END = """
import subprocess, sys
from penstock.deployments.descendants import adopt_orphans, end_descendants
adopt_orphans()
stubborn = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
print(stubborn.stdout.readline(), end="", flush=True)
stubborn.wait()
end_descendants(grace=0.2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt")
def test_a_daemon_that_hides_and_does_not_listen_is_ended():
    """A process in a session of its own, whose parents have ended, is found and killed."""
    command = [sys.executable, "-c", ADOPT_AND_END, STUBBORN]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert "" == ended.stderr
    assert 0 == ended.returncode
    daemon = int(ended.stdout)
    assert daemon not in (0, os.getpid())
    assert not psutil.pid_exists(daemon)
