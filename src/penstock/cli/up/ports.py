"""Find out whether a port can be had before anything is started on it."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psutil

from penstock.errors import SupervisionError


@contextmanager
def held_port(host: str, port: int, *, option: str) -> Iterator[int]:
    """Hold a port, or a free one for 0, while the block runs.

    Raises SupervisionError when it cannot be had. What is started on it afterwards may still
    lose a race.
    """
    family, address = _resolve(host, port)
    with closing(socket.socket(family)) as probe:
        # As servers do: connections of an earlier server that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            raise SupervisionError(_explain(error, host, port, option)) from error
        yield int(probe.getsockname()[1])


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    # As the gateway decides: a name such as `localhost` stands for its IPv4 address.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SupervisionError(_elsewhere(host)) from error
    return family, found[0][4]


def _elsewhere(host: str) -> str:
    return f"--host {host} is no address of this machine; use 127.0.0.1 or 0.0.0.0"


def _explain(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken{_holder(port)}; "
            f"stop what listens there, or choose another port with {option}"
        )
    if error.errno == errno.EACCES:
        return f"port {port} is reserved for root; choose one from 1024 with {option}"
    if error.errno == errno.EADDRNOTAVAIL:
        return _elsewhere(host)
    return f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}"


def _holder(port: int) -> str:
    """Return who listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.pid
            if listens and connection.laddr and connection.laddr.port == port:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
