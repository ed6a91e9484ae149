import sys
import time
from collections.abc import Sequence
from enum import Enum
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from penstock.rest.artifacts.settings import read_settings

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

QUIET_SECONDS = 0.5
"""What takes less long is not shown."""


class Direction(Enum):
    """Which way files go."""

    UP = ("Uploading", "uploaded")
    DOWN = ("Downloading", "downloaded")

    @property
    def doing(self) -> str:
        """Return what is being done."""
        return self.value[0]

    @property
    def done(self) -> str:
        """Return what will have been done."""
        return self.value[1]


class Progress:
    """How far transfers are, shown as a bar if standard error is a terminal.

    Safe for use from several threads.
    """

    def __init__(self, direction: Direction, sizes: Sequence[int | None]) -> None:
        self._direction = direction
        self._files = len(sizes)
        self._bytes = sum(size or 0 for size in sizes)
        self._done_files = 0
        self._done_bytes = 0
        self._begun = time.monotonic()
        self._lock = Lock()
        self._bar: RichProgress | None = None
        self._is_wanted = False

    def __enter__(self) -> Self:
        self._is_wanted = _is_terminal() and read_settings().shows_progress
        return self

    def advance(self, count: int) -> None:
        """Count bytes that went, or, below 0, that have to go again."""
        if self._is_wanted:
            with self._lock:
                self._done_bytes += count
                self._show()

    def finish_file(self) -> None:
        """Count a file that is done."""
        if self._is_wanted:
            with self._lock:
                self._done_files += 1
                self._show()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_wanted = False
            if self._bar is not None:
                self._bar.stop()

    def _show(self) -> None:
        if self._bar is None:
            if time.monotonic() - self._begun < QUIET_SECONDS:
                return
            self._bar = _start_bar(self._direction.doing)
        for task in self._bar.task_ids:
            self._bar.update(
                task,
                completed=self._done_bytes,
                total=max(self._bytes, self._done_bytes),
                files=f"{self._done_files}/{self._files} files",
            )


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _start_bar(doing: str) -> "RichProgress":
    # Few programs run at a terminal, and the library takes longer to load than all else.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as RichProgress  # noqa: PLC0415

    bar = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[files]}"),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    bar.start()
    bar.add_task(doing, files="")
    return bar
