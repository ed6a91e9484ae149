"""Runs `penstock sync` and shows what became of each journal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from penstock.cli import output
from penstock.rest.exchange import Connection, resolve_connections
from penstock.rest.spool.folder import SpoolFolder
from penstock.rest.spool.sync import Progress, SpoolSync, ignore_progress
from penstock.rest.spool.synced_journal import SyncedJournal
from penstock.rest.writer.refused_item import RefusedItem


def sync_and_report(folder: Path, to: str | None, *, as_json: bool) -> bool:
    """Send what is in a spool; return whether the server has all of it."""
    with _progress(is_shown=not as_json and output.is_terminal()) as on_progress:
        journals = SpoolSync(SpoolFolder(folder), _connect, to=to, on_progress=on_progress).run()
    is_done = all(journal.is_settled and not journal.refused for journal in journals)
    if as_json:
        output.say_json(
            {
                "folder": str(folder),
                "ok": is_done,
                "journals": [_as_json(journal) for journal in journals],
            }
        )
        return is_done
    for journal in journals:
        _show(journal)
    if not journals:
        output.say(f"nothing is left in {folder}")
    return is_done


def _connect(address: str) -> Connection:
    return resolve_connections(address).tracking


def _show(journal: SyncedJournal) -> None:
    name = journal.path.name
    if journal.is_in_use:
        output.say(f"{name}: in use by a living process, which sends what is left: {journal.left}")
        return
    counts = {"sent": journal.sent, "superseded": journal.superseded, "refused": journal.refused}
    told = [f"{count} {word}" for word, count in counts.items() if count or word == "sent"]
    output.say(f"{name}: {', '.join(told)}, {journal.left} left")
    for item in journal.listed:
        output.fail(f"{name}: {item} was refused: {item.error}")
    if journal.refused > len(journal.listed):
        output.fail(f"{name}: and {journal.refused - len(journal.listed)} more")
    if journal.damaged_bytes:
        output.fail(
            f"{name}: {journal.damaged_bytes} bytes of it are damaged and cannot be sent; all else "
            f"was read; remove {journal.path} when nothing of it is missed"
        )
    if journal.problem:
        output.fail(f"{name}: {journal.problem}")


def _as_json(journal: SyncedJournal) -> dict[str, Any]:
    return {
        **journal._asdict(),
        "path": str(journal.path),
        "listed": [_item_as_json(item) for item in journal.listed],
    }


def _item_as_json(item: RefusedItem) -> dict[str, str]:
    return {
        "run_id": item.run_id,
        "kind": item.kind.value,
        "key": item.key,
        "error": str(item.error),
    }


@contextmanager
def _progress(*, is_shown: bool) -> Iterator[Progress]:
    if not is_shown:
        yield ignore_progress
        return
    from rich.progress import Progress as Bar  # noqa: PLC0415 - only a terminal needs it

    with Bar(transient=True) as bar:
        task = bar.add_task("sending", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
