"""The tags of runs: written in the background, in batches, and readable by the writer at once."""

import os
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from penstock.errors import LineageError, MlflowException
from penstock.lineage.long_texts import LongTexts
from penstock.lineage.run_params import RunParams
from penstock.lineage.tag_key import iter_texts, tag_key
from penstock.rest import MlflowClient, RunOperations
from penstock.rest.entities import Run, RunTag

FRESH: Final = 0.5
"""For how many seconds what was read or written is known without asking the server again."""
_MOST_PENDING: Final = 100


class _Written(NamedTuple):
    at: float
    text: str


class _Seen(NamedTuple):
    at: float
    run: Run


class RunTags:
    """Reads and writes the tags of runs by the text that names them.

    A write returns at once; the client's writer sends what came within 0.1 s in one call. A read
    sees all that was written here, and what others wrote up to half a second ago. What the server
    refuses is raised by a later write, the next read that asks the server, or `settle`.
    """

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self._long = LongTexts(client)
        self.params = RunParams(client, self.look_up)
        self._pid = os.getpid()
        self._forget()

    def write(self, run_id: str, texts: Mapping[str, str]) -> None:
        """Set tags. Raises what the server refused lately."""
        tags = {}
        for name, text in texts.items():
            check_utf8(text, name)
            key = tag_key(name)
            tags[key.key] = self._long.shorten(run_id, text)
            if key.full is not None:
                tags[key.beside] = key.full
        entries = [RunTag(key, text) for key, text in tags.items()]
        operation = self._client.log_batch(run_id, tags=entries, synchronous=False)
        self._note(run_id, tags)
        self._pend(operation)

    def find(self, run_id: str, name: str) -> str | None:
        """Return the text of a tag, or None."""
        key = tag_key(name).key
        written = self._written.get(run_id, {}).get(key)
        if written is not None and _is_fresh(written.at):
            return self._long.restore(run_id, written.text)
        text = self._current(run_id).get(key)
        return None if text is None else self._long.restore(run_id, text)

    def read(self, run_id: str) -> dict[str, str]:
        """Return all tags of a run by the text that names them; long ones as they stand there."""
        tags = self._current(run_id)
        return {name: tags[key] for name, key in iter_texts(tags)}

    def look_up(self, run_id: str) -> Run:
        """Return a run as it was at most half a second ago, with all that was written here."""
        seen = self._seen.get(run_id)
        if seen is not None and _is_fresh(seen.at):
            return seen.run
        self.settle()
        started = time.monotonic()
        run = self._client.get_run(run_id)
        self._seen[run_id] = _Seen(started, run)
        written = self._written.get(run_id, {})
        for key, late in list(written.items()):
            if late.at < started:
                written.pop(key, None)
        return run

    def look_again(self) -> None:
        """Ask the server for what is read next: runs have been ended meanwhile."""
        self._seen.clear()

    def settle(self) -> None:
        """Return when the server has all that was written. Raises what it refused, and Unsent."""
        self._leave_parent()
        self._client.flush()
        refused = []
        while self._pending:
            try:
                _wait(self._pending.popleft())
            except LineageError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    def _current(self, run_id: str) -> dict[str, str]:
        tags = dict(self.look_up(run_id).data.tags)
        later = list(self._written.get(run_id, {}).items())
        return tags | {key: written.text for key, written in later}

    def _note(self, run_id: str, tags: Mapping[str, str]) -> None:
        now = time.monotonic()
        written = self._written.setdefault(run_id, {})
        written.update({key: _Written(now, text) for key, text in tags.items()})

    def _pend(self, operation: RunOperations | None) -> None:
        self._leave_parent()
        if operation is not None:
            self._pending.append(operation)
        while len(self._pending) > _MOST_PENDING and self._pending[0].is_settled:
            _wait(self._pending.popleft())

    def _leave_parent(self) -> None:
        # What the parent of a fork has pending is sent by the parent, and waited for there.
        if self._pid != os.getpid():
            self._pending.clear()
            self._pid = os.getpid()

    def _forget(self) -> None:
        self._written: dict[str, dict[str, _Written]] = {}
        self._seen: dict[str, _Seen] = {}
        self._pending: deque[RunOperations] = deque()
        self._pid = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        return {"_client": self._client, "_long": self._long, "params": self.params}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._forget()


def check_utf8(text: str, name: str) -> None:
    """Raise LineageError for a text that cannot be sent as it is."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise LineageError(
            f"{name!a} has a text that UTF-8 cannot hold ({error.reason}); log it as metadata"
        ) from error


def _is_fresh(moment: float) -> bool:
    return time.monotonic() - moment < FRESH


def _wait(operation: RunOperations) -> None:
    try:
        operation.wait()
    except MlflowException as error:
        raise LineageError(
            f"what was logged was refused, and is not there: {error.message}"
        ) from error
