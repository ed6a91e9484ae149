"""What is known of the runs' answers, kept in one SQLite file that all workers write."""

import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from penstock.errors import FeedbackConflict, LocalFileError
from penstock.serving.sequence import Outcomes
from penstock.serving.tally import COUNTS, RunTally

FILE: Final = "feedback.db"
_WAIT_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05
_TYPES: Final = {"seconds": "REAL", "distance": "REAL"}

_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS server (name TEXT NOT NULL, key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tally (
    run_id TEXT PRIMARY KEY,
    {", ".join(f"{name} {_TYPES.get(name, 'INTEGER')} NOT NULL DEFAULT 0" for name in COUNTS)}
);
CREATE TABLE IF NOT EXISTS latency (
    run_id TEXT NOT NULL, bucket INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (run_id, bucket)
);
CREATE TABLE IF NOT EXISTS outcome (
    request_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, at REAL NOT NULL, outcome REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS outcome_of_run ON outcome (run_id, outcome);
"""

_ADD: Final = (
    f"INSERT INTO tally (run_id, {', '.join(COUNTS)}) VALUES (?{', ?' * len(COUNTS)}) "  # noqa: S608 - of constants
    "ON CONFLICT (run_id) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTS)
)
_ADD_LATENCY: Final = (
    "INSERT INTO latency VALUES (?, ?, ?) "
    "ON CONFLICT (run_id, bucket) DO UPDATE SET count = count + excluded.count"
)


class Ledger:
    """Counts and outcomes, by run. Each call opens the file; safe for threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def open(self, name: str) -> bytes:
        """Make the file of a server if needed; return the key of its request ids.

        Raises LocalFileError.
        """
        with self._connected() as connection:
            _write_ahead(connection)
            connection.executescript(_SCHEMA)
        with self._writing() as connection:
            row = connection.execute("SELECT key FROM server").fetchone()
            if row is None:
                row = (secrets.token_bytes(32),)
                connection.execute("INSERT INTO server VALUES (?, ?)", (name, *row))
        return bytes(row[0])

    def read_name(self) -> str | None:
        """Return what the server is called. Raises LocalFileError."""
        with self._connected() as connection:
            row = connection.execute("SELECT name FROM server").fetchone()
        return None if row is None else str(row[0])

    def add(self, tallies: Mapping[str, RunTally]) -> None:
        """Add counts to those of the runs. Raises LocalFileError."""
        rows = [
            (run_id, *(getattr(tally, name) for name in COUNTS))
            for run_id, tally in tallies.items()
        ]
        buckets = [
            (run_id, bucket, count)
            for run_id, tally in tallies.items()
            for bucket, count in tally.latency.items()
        ]
        with self._writing() as connection:
            connection.executemany(_ADD, rows)
            connection.executemany(_ADD_LATENCY, buckets)

    def record(self, outcomes: Iterable[tuple[str, str, float]]) -> None:
        """Keep outcomes, each with the id of its request and its run; all of them or none.

        Raises FeedbackConflict where a request has another outcome already; LocalFileError.
        """
        with self._writing() as connection:
            for request_id, run_id, outcome in outcomes:
                row = connection.execute(
                    "INSERT INTO outcome VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                    "at = at RETURNING outcome",
                    (request_id, run_id, time.time(), outcome),
                ).fetchone()
                if row[0] != outcome:
                    raise FeedbackConflict(
                        f"request '{request_id}' has the outcome {row[0]!r}; the first one counts"
                    )

    def read_tallies(self) -> dict[str, RunTally]:
        """Return the counts of all runs. Raises LocalFileError."""
        with self._reading() as connection:
            found = {
                row[0]: RunTally(**dict(zip(COUNTS, row[1:], strict=True)))
                for row in connection.execute(f"SELECT run_id, {', '.join(COUNTS)} FROM tally")  # noqa: S608 - of constants
            }
            for run_id, bucket, count in connection.execute("SELECT * FROM latency"):
                found[run_id].latency[bucket] = count
        return found

    def read_outcomes(self) -> dict[str, Outcomes]:
        """Return the outcomes of all runs. Raises LocalFileError."""
        with self._reading() as connection:
            means = connection.execute(
                "SELECT run_id, count(*), avg(outcome) FROM outcome GROUP BY run_id"
            ).fetchall()
            # Around the mean: squares of large numbers would swallow what they differ by.
            return {
                run_id: Outcomes(count, mean, _squares(connection, run_id, mean))
                for run_id, count, mean in means
            }

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Let all that is read be of one moment, whatever others write meanwhile."""
        with self._connected() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            try:
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise LocalFileError(f"cannot read or write {self.path}: {error}") from error


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer not wait for each other, from now on."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Somebody else makes the same file at this moment; SQLite does not wait here.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _squares(connection: sqlite3.Connection, run_id: str, mean: float) -> float:
    row = connection.execute(
        "SELECT sum((outcome - ?) * (outcome - ?)) FROM outcome WHERE run_id = ?",
        (mean, mean, run_id),
    ).fetchone()
    return float(row[0] or 0.0)
