import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.errors import SpoolError
from penstock.rest.spool.folder import SpoolFolder
from penstock.rest.spool.journal import Journal
from penstock.rest.spool.survey import Survey, newest_tags
from penstock.rest.writer.keeper import ranges
from unit.rest.writer.items import ITEMS, metric, numbered, tag

URI = "http://127.0.0.1:5000/prefix"


@pytest.fixture
def folder(tmp_path) -> SpoolFolder:
    folder = SpoolFolder(tmp_path / "spool")
    folder.make()
    return folder


def journal_of(folder, items):
    journal = Journal(folder, URI)
    for item in numbered(items):
        journal.append(item)
    return journal


def pending(path):
    return [spooled.item for spooled in Survey(path).pending()]


def bodies(items):
    return [item.body for item in items]


def names(folder):
    return sorted(path.suffix for path in folder.path.iterdir())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ITEMS, max_size=30), st.data())
def test_what_is_not_settled_is_pending(tmp_path_factory, items, draw):
    """In order, whoever settled the rest, in whatever parts."""
    folder = SpoolFolder(tmp_path_factory.mktemp("spool"))
    journal = journal_of(folder, items)
    left = {item.number for item in items}
    for run in ("r1", "r2", "r3"):
        mine = [item for item in items if item.run_id == run]
        kept = draw.draw(st.sets(st.sampled_from([0, *(item.number for item in mine)])))
        done = [item for item in mine if item.number not in kept]
        half = len(mine) // 2
        for part in (mine[half:], mine[:half]):
            if found := ranges(part, kept):
                journal.settle(run, found, count=sum(item in done for item in part))
        left -= {item.number for item in done}
    (path,) = folder.journals()
    assert [item for item in items if item.number in left] == [
        *map(without_place, pending(path), (item.place for item in items if item.number in left))
    ]
    assert len(left) == Survey(path).count_pending() == journal.left
    journal.close()
    assert bool(left) is bool(folder.journals())


def without_place(item, place):
    item.place = place
    return item


def test_it_tells_where_it_is_to_be_sent(folder):
    """And who wrote it."""
    journal = journal_of(folder, [metric(1)])
    header = Survey(folder.journals()[0]).header
    assert (URI, os.getpid()) == (header.uri, header.pid)
    journal.close()


def test_a_torn_last_record_counts_as_not_there(folder):
    """Wherever it was cut; all before it is read, and it is written over."""
    items = [metric(number) for number in range(5)]
    journal = journal_of(folder, items)
    (path,) = folder.journals()
    content = path.read_bytes()
    last = items[-1].place
    for size in range(last, len(content)):
        path.write_bytes(content[:size])
        survey = Survey(path)
        assert bodies(items[:-1]) == [spooled.item.body for spooled in survey.pending()]
        assert ([], last) == (survey.damages, survey.end)
    path.write_bytes(content)
    assert bodies(items) == bodies(pending(path))
    journal.close()


def test_a_torn_beginning_is_an_empty_journal(folder):
    """Its client died before it had logged anything."""
    journal = journal_of(folder, [])
    (path,) = folder.journals()
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        survey = Survey(path)
        assert (None, [], 0) == (survey.header, survey.damages, survey.count_pending())
    journal.close()


def test_damage_is_told_and_all_else_is_read(folder):
    """Also behind it."""
    items = [metric(number) for number in range(5)]
    journal = journal_of(folder, items)
    (path,) = folder.journals()
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"value":2', b'"VALUE":2'))
    survey = Survey(path)
    assert bodies(items[:2] + items[3:]) == bodies(spooled.item for spooled in survey.pending())
    assert items[3].place - items[2].place == survey.damaged_bytes
    assert len(content) == survey.end
    journal.close()


def test_items_are_read_back_from_a_place(folder):
    """As many as are wanted, and what stands between them is passed over."""
    items = [metric(number) for number in range(10)]
    journal = journal_of(folder, items[:6])
    journal.settle("r", [(1, 3)], count=3)
    journal.note_tag("r", "t")
    for number, item in enumerate(items[6:], start=7):
        item.number = number
        journal.append(item)
    found, place = journal.read(items[4].place, end=journal.size, most=3)
    assert bodies(items[4:7]) == bodies(found)
    assert [item.place for item in items[4:7]] == [item.place for item in found]
    found, place = journal.read(place, end=journal.size, most=100)
    assert (bodies(items[7:]), journal.size) == (bodies(found), place)
    journal.settle("r", [(4, 10)], count=7)
    journal.close()


def test_a_journal_that_somebody_removed_cannot_be_read(folder):
    """That is told."""
    journal = journal_of(folder, [metric(1)])
    folder.journals()[0].unlink()
    with pytest.raises(SpoolError, match="cannot read the journal"):
        journal.read(0, end=journal.size, most=1)
    journal.close()


def test_a_large_journal_goes_on_in_a_small_one(folder, monkeypatch):
    """With what is left, as it was."""
    monkeypatch.setattr("penstock.rest.spool.journal.COMPACT_BYTES", 1000)
    items = [metric(number) for number in range(20)] + [tag("t", "a"), tag("t", "b")]
    journal = journal_of(folder, items)
    times = Survey(folder.journals()[0]).tags
    journal.settle("r", [(1, 15)], count=15)
    before = folder.journals()
    journal.compact(items[15:])
    (path,) = folder.journals()
    assert before != [path]
    assert path.stat().st_size == journal.size < 1500
    assert bodies(items[15:]) == bodies(pending(path))
    assert [item.place for item in items[15:]] == [item.place for item in pending_with_places(path)]
    assert times == Survey(path).tags
    journal.settle("r", [(16, 22)], count=7)
    journal.close()
    assert [] == names(folder)


def pending_with_places(path):
    journal_items = []
    from penstock.rest.spool.frame import read_frames  # noqa: PLC0415 - here alone
    from penstock.rest.spool.record import Spooled, parse_record  # noqa: PLC0415 - the same

    with path.open("rb") as file:
        for found in read_frames(file, start=0, end=path.stat().st_size):
            record = parse_record(found.payload)
            if isinstance(record, Spooled):
                record.item.place = found.place
                journal_items.append(record.item)
    return journal_items


def test_a_journal_that_keeps_refused_items_is_not_rewritten(folder, monkeypatch):
    """They are nowhere else."""
    monkeypatch.setattr("penstock.rest.spool.journal.COMPACT_BYTES", 100)
    items = [metric(number) for number in range(20)]
    journal = journal_of(folder, items)
    before = folder.journals()
    journal.compact(items[10:])
    assert before == folder.journals()
    journal.close()
    assert 20 == len(pending(before[0]))


def test_a_disk_that_refuses_the_new_journal_leaves_the_old_one(folder, monkeypatch):
    """And everything goes on."""
    monkeypatch.setattr("penstock.rest.spool.journal.COMPACT_BYTES", 100)
    items = [metric(number) for number in range(20)]
    journal = journal_of(folder, items)
    moved = folder.path.with_name("moved")
    folder.path.rename(moved)
    journal.compact(items)
    moved.rename(folder.path)
    journal.append(numbered([metric(99)])[0])
    assert 21 == len(pending(folder.journals()[0]))
    journal.close()


def test_tags_are_remembered_as_long_as_another_journal_may_hold_older_values(folder):
    """Then nothing is left."""
    other = journal_of(folder, [tag("t", "old"), tag("u", "old")])
    journal = journal_of(folder, [tag("t", "new")])
    journal.note_tag("r", "u")
    journal.settle("r", [(1, 1)], count=1)
    journal.close()
    assert [".journal", ".tags"] == names(folder)
    (old,), (memo,) = folder.journals(), folder.memos()
    newest = newest_tags([Survey(old), Survey(memo)])
    assert all(newest[one] > time for one, time in Survey(old).tags.items())
    other.settle("r", [(1, 2)], count=2)
    other.close()
    assert [] == names(folder)


def test_a_clock_that_is_set_back_does_not_make_a_tag_older(folder, monkeypatch):
    """The value that was set later is the later one."""
    journal = journal_of(folder, [tag("t", "early")])
    early = dict(Survey(folder.journals()[0]).tags)
    monkeypatch.setattr("penstock.rest.spool.frames.time.time_ns", lambda: 5)
    item = tag("t", "late")
    item.number = 2
    journal.append(item)
    assert Survey(folder.journals()[0]).tags["r", "t"] > early["r", "t"]
    journal.settle("r", [(1, 2)], count=2)
    journal.close()


def test_a_journal_of_many_runs_does_not_remember_all_of_them(folder, monkeypatch):
    """What it needs for each is made anew."""
    monkeypatch.setattr("penstock.rest.spool.frames.MOST_PREFIXES", 2)
    items = [metric(number, run_id=f"r{number % 5}") for number in range(20)]
    journal = journal_of(folder, items)
    assert bodies(items) == bodies(pending(folder.journals()[0]))
    assert len(journal._frames._prefixes) <= 2
    journal.close()
