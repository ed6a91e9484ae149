"""`penstock audit` on the database of a data folder."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from penstock.cli.app import app
from penstock.cli.moment import parse_moment
from penstock.cli.outcome import run
from penstock.errors import ConfigurationError
from penstock.gateway.auth.accounts import open_accounts
from penstock.gateway.db.audit import add_record
from penstock.gateway.db.audit_record import Record
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def data(tmp_path):
    """A data folder whose audit has 1,200 old records and one new one."""
    url = f"sqlite:///{tmp_path}/penstock.db"
    with open_accounts(url):
        pass
    engine = open_engine(url)
    with Database(engine).writing() as connection:
        for number in range(1200):
            target = f"experiment:{number}"
            add_record(connection, Record(NOW, "ann@example.org", "POST /x", target, result="200"))
        record = Record(
            datetime.now(UTC),
            "",
            "POST /v1/grant",
            "\u0645/v1/grant user:a",
            address="127.0.0.1",
            request_id="f" * 32,
            result="403",
            detail='{"level": "READ"}',
        )
        add_record(connection, record)
    engine.dispose()
    return tmp_path


def test_people_get_a_table_of_the_newest(data, capsys):
    """The newest first, as many as are asked for."""
    assert 0 == run(app, ["audit", "list", "--limit", "2", "--data", str(data)])
    head, newest, older = capsys.readouterr().out.splitlines()
    assert ["WHEN", "ACCOUNT", "ACTION", "TARGET", "RESULT", "TIMES", "ADDRESS"] == head.split()
    assert "POST /v1/grant" in newest
    assert "403" in newest
    assert older.startswith("2026-05-04 12:00:00")
    assert "ann@example.org" in older


def test_scripts_get_json(data, capsys):
    """With everything that is known of a record."""
    arguments = ["audit", "list", "--json", "--action", "POST /v1/*", "--data", str(data)]
    assert 0 == run(app, arguments)
    (record,) = json.loads(capsys.readouterr().out)
    assert ("", "403", {"level": "READ"}, 1, 1201, "f" * 32) == tuple(
        record[name] for name in ("actor", "result", "detail", "count", "id", "request_id")
    )


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ((), 50),
        (("--limit", "1201"), 1201),
        (("--actor", "ann@example.org", "--limit", "5000"), 1200),
        (("--actor", "ann"), 0),
        (("--target", "experiment:7"), 1),
        (("--target", "experiment:7*", "--limit", "1000"), 111),
        (("--since", "1h"), 1),
        (("--since", "2026-05-04T12:00Z", "--limit", "2000"), 1201),
        (("--since", "2026-05-04T12:00:01+00:00"), 1),
    ],
)
def test_what_is_asked_for_is_found(data, capsys, arguments, count):
    """All of it, over all pages, and nothing else."""
    assert 0 == run(app, ["audit", "list", "--json", *arguments, "--data", str(data)])
    assert count == len(json.loads(capsys.readouterr().out))


def test_an_export_holds_every_record(data, tmp_path, capsys):
    """As JSON lines, in a file for its owner alone, or on standard output."""
    file = tmp_path / "audit é.jsonl"
    assert 0 == run(app, ["audit", "export", str(file), "--data", str(data)])
    assert f"1201 records written to {file}" in capsys.readouterr().out
    ids = [json.loads(line)["id"] for line in file.read_text(encoding="utf-8").splitlines()]
    assert list(range(1201, 0, -1)) == ids
    assert 0o600 == file.stat().st_mode & 0o777
    assert 0 == run(app, ["audit", "export", "--since", "1h", "--data", str(data)])
    (line,) = capsys.readouterr().out.splitlines()
    assert 1201 == json.loads(line)["id"]


def test_an_export_that_fails_leaves_the_file_as_it_was(data, tmp_path, capsys):
    """And says why."""
    folder = tmp_path / "none"
    assert 1 == run(app, ["audit", "export", str(folder / "x"), "--data", str(data)])
    assert "cannot be written" in capsys.readouterr().err
    file = tmp_path / "is a folder"
    (file / "x").mkdir(parents=True)
    assert 1 == run(app, ["audit", "export", str(file), "--data", str(data)])
    assert {"x"} == {one.name for one in file.iterdir()}
    assert not list(tmp_path.glob(".is a folder*"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2d", NOW - timedelta(days=2)),
        ("90m", NOW - timedelta(minutes=90)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_write_them(text, expected):
    """Without a zone they are in UTC."""
    assert expected == parse_moment(text, NOW)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2", "-2d", "2026-13-01", "999999999d", "0001-01-01T00:00+14:00"],
)
def test_what_is_no_moment_is_refused(text):
    """With an example of what is one."""
    with pytest.raises(ConfigurationError, match="2026-01-31T12:00Z"):
        parse_moment(text, NOW)
