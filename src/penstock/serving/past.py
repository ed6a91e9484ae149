"""Reports of servers by what they have written, whether they run or not."""

from pathlib import Path

from penstock.serving.ledger import FILE, Ledger
from penstock.serving.lineup_memory import LineupMemory
from penstock.serving.report import Report, make_report


def read_reports(folder: Path, *, against: str | None = None) -> list[Report]:
    """Return a report for each server that has written to a data folder. Raises LocalFileError."""
    return [_read(ledger.parent, against) for ledger in sorted(folder.glob(f"*/{FILE}"))]


def _read(folder: Path, against: str | None) -> Report:
    ledger = Ledger(folder)
    lineup = LineupMemory(folder).find()
    name = ledger.read_name() or folder.name
    tallies, outcomes = ledger.read_tallies(), ledger.read_outcomes()
    return make_report(name, lineup, tallies, outcomes, against=against)
