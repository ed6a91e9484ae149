from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event
from typing import NamedTuple

from penstock.errors import (
    CertificateError,
    ConnectTimeout,
    PenstockError,
    ServerUnreachable,
    TransferFailed,
    Unauthenticated,
)
from penstock.rest.artifacts.crew import Crew
from penstock.rest.artifacts.progress import Direction, Progress
from penstock.rest.artifacts.watch import Watch

MOST_TRANSFERS = 8
MOST_NAMED = 20
HOPELESS = (CertificateError, ConnectTimeout, ServerUnreachable, Unauthenticated)
"""What one file fails with, all others would: none is begun any more."""


class Transfer(NamedTuple):
    """The way of one file, up or down; `size` in bytes is None if it is not known."""

    name: str
    size: int | None
    work: Callable[[Watch], None]


def run_transfers(transfers: Sequence[Transfer], direction: Direction) -> None:
    """Run transfers, several at once; return when all are done.

    A single one raises its own error. Of several, all are tried, and TransferFailed names each
    that failed.
    """
    with Progress(direction, [transfer.size for transfer in transfers]) as progress:
        failures = _run(transfers, progress)
    if failures and len(transfers) == 1:
        raise next(iter(failures.values()))
    if failures:
        raise _summary(failures, len(transfers), direction)


def _run(transfers: Sequence[Transfer], progress: Progress) -> dict[str, PenstockError]:
    watch = Watch(Event(), progress.advance)
    tasks = {transfer.name: partial(transfer.work, watch) for transfer in transfers}
    failures: dict[str, PenstockError] = {}
    with Crew(tasks, most=MOST_TRANSFERS, hopeless=HOPELESS) as crew, watch:
        for done in crew.done():
            try:
                done.get()
            except PenstockError as error:
                failures[done.name] = error
            else:
                progress.finish_file()
    return failures


def _summary(
    failures: Mapping[str, PenstockError], count: int, direction: Direction
) -> TransferFailed:
    named = [f"  {name}: {error}" for name, error in sorted(failures.items())]
    if len(named) > MOST_NAMED:
        named[MOST_NAMED:] = [f"  … and {len(named) - MOST_NAMED} more, in `failures`"]
    codes = {getattr(error, "error_code", None) for error in failures.values()} - {None}
    return TransferFailed(
        f"{len(failures)} of {count} files were not {direction.done}:\n" + "\n".join(named),
        str(codes.pop()) if len(codes) == 1 else "INTERNAL_ERROR",
        failures=failures,
    )
