"""`penstock sync`, as far as it needs no server."""

import json

import pytest

from penstock.cli.app import app
from penstock.cli.outcome import run


def test_an_empty_spool_is_soon_sent(capsys, tmp_path):
    """And that is said."""
    assert 0 == run(app, ["sync", str(tmp_path)])
    assert (f"nothing is left in {tmp_path}\n", "") == capsys.readouterr()


def test_an_empty_spool_is_a_document_too(capsys, tmp_path):
    """For scripts."""
    assert 0 == run(app, ["sync", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {"folder": str(tmp_path), "ok": True, "journals": []} == told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["sync"], 2, "Missing argument 'DIR' (see `penstock sync --help`)"),
        (["sync", "{}/nowhere"], 1, "there is no spool {}/nowhere; check the name of the folder"),
    ],
)
def test_what_is_no_spool_is_one_line(capsys, tmp_path, arguments, code, said):
    """On standard error."""
    assert code == run(app, [one.format(tmp_path) for one in arguments])
    assert ("", f"penstock: {said.format(tmp_path)}\n") == capsys.readouterr()


def test_a_journal_of_another_version_is_left(capsys, tmp_path):
    """With what to do about it."""
    from penstock.rest.spool.frame import make_frame  # noqa: PLC0415 - loads msgspec

    journal = tmp_path / "1.journal"
    journal.write_bytes(make_frame(b'["journal",2,{}]'))
    assert 1 == run(app, ["sync", str(tmp_path)])
    told = capsys.readouterr()
    assert "1.journal: 0 sent, 0 left\n" == told.out
    assert "a newer version of Penstock may have written it" in told.err
    assert journal.exists()


def test_a_journal_whose_beginning_is_damaged_needs_to_be_told_where_to_go(capsys, tmp_path):
    """Nobody else knows."""
    from penstock.rest.spool.frame import make_frame  # noqa: PLC0415 - loads msgspec

    item = make_frame(b'["m","r",1,{"key":"m"}]')
    (tmp_path / "1.journal").write_bytes(b"damaged" + item)
    assert 1 == run(app, ["sync", str(tmp_path)])
    told = capsys.readouterr()
    assert "1.journal: 0 sent, 1 left\n" == told.out
    assert "name one with --to" in told.err
    assert "7 bytes of it are damaged" in told.err


def test_a_wrong_address_is_told_and_shows_no_login(capsys, tmp_path):
    """It came from the command line."""
    from penstock.rest.spool.frame import make_frame  # noqa: PLC0415 - loads msgspec

    (tmp_path / "1.journal").write_bytes(make_frame(b'["m","r",1,{"key":"m"}]'))
    assert 1 == run(app, ["sync", str(tmp_path), "--to", "ftp://u:hunter2@host", "--json"])
    told = capsys.readouterr()
    assert "not the address of an MLflow server" in json.loads(told.out)["journals"][0]["problem"]
    assert "hunter2" not in told.out + told.err
