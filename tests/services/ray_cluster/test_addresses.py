"""Where a Ray cluster that Penstock starts can be reached."""

import importlib.util
import ipaddress
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from servers import clean_environment, free_port

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None and not os.environ.get("CI"),
        reason="ray is not installed; install it: pip install 'penstock[ray]'",
    ),
]

PROGRAM = """
import sys
from penstock.serving.engines import ray

ray.join("")
ray.listen("127.0.0.1", int(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
ray.leave()
"""


def _listening(process):
    return [
        address.laddr.ip
        for each in (process, *process.children(recursive=True))
        for address in each.net_connections("inet")
        if address.status == psutil.CONN_LISTEN
    ]


def _is_loopback(address):
    found = ipaddress.ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


@pytest.fixture
def folder():
    """Ray's own folder, which names a cluster that somebody has started on this machine."""
    # Sockets lie in it, whose paths have to be short.
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as found:
        named = Path(found) / "ray" / "ray_current_cluster"
        named.parent.mkdir()
        named.write_text(f"127.0.0.1:{free_port()}")
        yield found


def test_it_is_its_own_on_the_loopback_alone_and_ends_with_us(folder):
    """Whoever can reach a cluster can run code on it; the one of somebody else is let alone."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(free_port())],
        env=clean_environment(RAY_TMPDIR=folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    below = []
    try:
        assert "ready\n" in iter(process.stdout.readline, "")
        found = psutil.Process(process.pid)
        below = found.children(recursive=True)
        addresses = _listening(found)
        assert len(addresses) >= 3
        assert [] == [address for address in addresses if not _is_loopback(address)]
        process.stdin.close()
        assert 0 == process.wait(60)
        _, alive = psutil.wait_procs(below, 20)
        assert [] == alive
    finally:
        for each in below:
            if each.is_running():
                each.kill()
        process.kill()
        process.wait()
        process.stdout.close()
