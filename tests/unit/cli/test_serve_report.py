"""What `penstock serve report` shows of what servers have written."""

from typing import Any

import pytest

from penstock.cli.serve_report import show_reports
from penstock.errors import ConfigurationError
from penstock.serving.ledger import Ledger
from penstock.serving.tally import RunTally


@pytest.fixture
def data(tmp_path):
    """The data folder of a server that has answered one slow request."""
    folder = tmp_path / "one"
    folder.mkdir(parents=True)
    ledger, tally = Ledger(folder), RunTally(requests=1)
    tally.took(1.5)
    ledger.open("churn")
    ledger.add({"run-a": tally})
    return tmp_path


def show(folder, **options: Any):
    """Show the reports of a folder."""
    chosen = {"name": None, "against": None, "picture": None, "as_json": False, **options}
    show_reports(folder, **chosen)


def test_long_times_are_written_out(data, capsys):
    """In whole milliseconds, and with no power of ten."""
    show(data, against="run-a")
    said = capsys.readouterr().out
    assert "run-a" in said
    assert "e+" not in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "chrun"}, "--name is of churn"),
        ({"against": "run-b"}, "--against is of run-a"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(data, options, told):
    """A name or a run that is mistyped is no empty report."""
    with pytest.raises(ConfigurationError, match=told):
        show(data, **options)


def test_a_folder_that_nobody_has_written_to_is_told(tmp_path):
    """With what to do."""
    with pytest.raises(ConfigurationError, match="--data"):
        show(tmp_path)
