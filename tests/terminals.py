"""Programs at a real terminal, for tests of what people see and type."""

import fcntl
import os
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Terminal:
    """A terminal with a program in the foreground."""

    process: subprocess.Popen[bytes]
    end: int
    shown: bytes = b""

    def read_until(self, wanted: bytes, seconds: float = 60) -> None:
        """Read what is shown until it holds what is wanted; fail after some seconds."""
        deadline = time.monotonic() + seconds
        while wanted not in self.shown:
            left = max(deadline - time.monotonic(), 0)
            readable, _, _ = select.select([self.end], [], [], left)
            assert readable, f"{wanted!r} is not in {self.shown!r}"
            self.shown += os.read(self.end, 4096)

    def type(self, text: str) -> None:
        os.write(self.end, text.encode())


@contextmanager
def at_terminal(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[Terminal]:
    """Run a program at a terminal of its own; it is killed when the block ends."""
    end, inner = os.openpty()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread runs
    )
    os.close(inner)
    try:
        yield Terminal(process, end)
    finally:
        process.kill()
        process.wait()
        os.close(end)
