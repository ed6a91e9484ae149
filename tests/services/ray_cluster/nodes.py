"""A Ray cluster of two nodes on this machine, as a process that ends it when its input ends."""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from servers import wait_until

ATTEMPTS = 3
"""Ray gives a node 30 seconds to start, which a busy machine may not have."""

STOP_SECONDS = 60
CPUS = 8
"""Counted ones: there are as many as it says, and processes share what there is."""

LOOKS, LOOK_SECONDS = 10, 0.03
"""How often processes are looked at in a row, for the title of one at work tells nothing."""

REPLICA = re.compile(r"ray::ServeReplica:(\S+):(\w+)")
"""The title of a process that is a replica, while it is not at work."""

PROGRAM = """
import json, sys
from ray.cluster_utils import Cluster

place = dict(num_cpus=int(sys.argv[2]), node_ip_address="127.0.0.1")
cluster = Cluster(True, head_node_args=dict(place, include_dashboard=False, temp_dir=sys.argv[1]))
nodes = [cluster.head_node, cluster.add_node(**place)]
raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
print(json.dumps([cluster.address, *raylets]), flush=True)
sys.stdin.read()
cluster.shutdown()
"""

VARIABLES = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray listens on the loopback alone.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # A node that is silent for so long is gone.
    "RAY_health_check_initial_delay_ms": "2000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "8",
}


class Replica(NamedTuple):
    """What a process is."""

    application: str
    kind: str


@dataclass(frozen=True)
class RayNodes:
    """A running cluster: its head, and another node."""

    address: str
    raylets: tuple[int, ...]
    _known: dict[psutil.Process, Replica] = field(default_factory=dict)

    def replicas(self, kind: str = "", *, node: int | None = None) -> dict[int, str]:
        """Return the applications of replicas, or of those of a kind or a node, by process ids."""
        raylets = self.raylets if node is None else self.raylets[node : node + 1]
        for _ in range(LOOKS):
            # Under a call, be it a health check, the title of a process names the call instead.
            found = {
                process: replica
                for raylet in raylets
                for process in _children(raylet)
                if (replica := self._find(process))
            }
            time.sleep(LOOK_SECONDS)
        return {
            process.pid: replica.application
            for process, replica in found.items()
            if kind in {"", replica.kind}
        }

    def _find(self, process: psutil.Process) -> Replica | None:
        try:
            title = REPLICA.match(" ".join(process.cmdline()))
        except psutil.Error:
            return None
        if title:
            self._known[process] = Replica(*title.groups())
        return self._known.get(process)

    def kill_node(self, node: int) -> None:
        """Kill all processes of a node at once, as when its machine dies."""
        raylet = psutil.Process(self.raylets[node])
        for process in (*raylet.children(recursive=True), raylet):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def running_nodes(environment: Mapping[str, str]) -> Iterator[RayNodes]:
    """Run a cluster until the block ends; skip where Ray is not installed."""
    if importlib.util.find_spec("ray") is None and not os.environ.get("CI"):
        pytest.skip("ray is not installed; install it: pip install 'penstock[ray]'")
    for attempt in range(ATTEMPTS):
        with _process(environment) as (process, line):
            if line:
                address, *raylets = json.loads(line)
                yield RayNodes(address, tuple(raylets))
                return
        assert attempt < ATTEMPTS - 1, f"the cluster has not started: {process.returncode}"


@contextmanager
def _process(
    environment: Mapping[str, str],
) -> Iterator[tuple[subprocess.Popen[str], str | None]]:
    """Run the program until the block ends, with what it says once it has started the nodes."""
    # Sockets lie in it, whose paths have to be short.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(folder), str(CPUS)],
        env={**environment, **VARIABLES},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    below: list[psutil.Process] = []
    try:
        yield process, next((line for line in process.stdout if line.startswith("[")), None)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            below = psutil.Process(process.pid).children(recursive=True)
        process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        finally:
            for each in below:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            process.kill()
            process.wait()
            process.stdout.close()
            shutil.rmtree(folder, ignore_errors=True)


def _children(raylet: int) -> list[psutil.Process]:
    try:
        return psutil.Process(raylet).children()
    except psutil.NoSuchProcess:
        return []


def kill(pid: int) -> None:
    """Kill a process, and wait until it is gone."""
    process = psutil.Process(pid)
    process.kill()
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
