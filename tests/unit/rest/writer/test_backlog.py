from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.errors import MlflowException, SpoolError
from penstock.rest._operations import RunOperations
from penstock.rest.spool.folder import SpoolFolder
from penstock.rest.spool.journal import Journal
from penstock.rest.spool.survey import Survey
from penstock.rest.writer.backlog import Backlog
from penstock.rest.writer.delivery import Refusal
from unit.rest.writer.items import RUNS, metric

ALWAYS = float("inf")
NO = MlflowException("no", "INVALID_PARAMETER_VALUE", status=400)


@pytest.fixture
def folder(tmp_path) -> SpoolFolder:
    folder = SpoolFolder(tmp_path / "spool")
    folder.make()
    return folder


def spooled(folder, limit):
    return Backlog(limit=limit, open_journal=lambda: Journal(folder, "http://here"))


def refill(backlog):
    while backlog.wants_refill():
        place, end, most = backlog.refill_from()
        backlog.refill(*backlog.keeper.journal.read(place, end=end, most=most))


def left(folder):
    return [pending.item.body for path in folder.journals() for pending in Survey(path).pending()]


def test_a_full_backlog_takes_nothing_more():
    """Until something has left it."""
    backlog = Backlog(limit=3)
    assert [True, True, True, False] == [backlog.add(metric(number)) for number in range(4)]
    assert (3, False) == (backlog.count, backlog.has_room)
    backlog.take(since=ALWAYS)
    assert (3, False) == (backlog.count, backlog.has_room)
    backlog.settle([])
    assert (0, True) == (backlog.count, backlog.has_room)
    assert backlog.add(metric(4))


def test_numbers_tell_what_has_left():
    """What is under way has not."""
    backlog = Backlog(limit=10)
    for run in ("a", "b", "a"):
        backlog.add(metric(1, run_id=run))
    assert (3, 1, 2) == (backlog.last_number, backlog.first_number(), backlog.first_number("b"))
    backlog.take(since=ALWAYS)
    assert (1, 1) == (backlog.first_number(), backlog.first_number("a"))
    backlog.settle([])
    assert (2, None) == (backlog.first_number(), backlog.first_number("a"))


def test_operations_are_told_what_became_of_their_items():
    """Of each of them."""
    backlog = Backlog(limit=10)
    operations = [RunOperations(items=1) for _ in range(3)]
    items = [metric(number, operation=operations[number]) for number in range(3)]
    for item in items:
        backlog.add(item)
    backlog.take(since=ALWAYS)
    backlog.settle([Refusal([items[1]], NO, is_final=True)])
    operations[0].wait()
    operations[2].wait()
    with pytest.raises(MlflowException, match="no"):
        operations[1].wait()


def test_what_is_dropped_is_counted(folder):
    """What lies in a journal is not lost."""
    plain, kept = Backlog(limit=10), spooled(folder, 2)
    operation = RunOperations(items=4)
    for backlog in (plain, kept):
        for number in range(4):
            backlog.add(metric(number, operation=operation))
    plain.take(since=ALWAYS)
    assert (4, 0, "") == plain.drop(NO)
    assert (0, 4, str(folder.path)) == kept.drop(NO)
    with pytest.raises(MlflowException, match="no"):
        operation.wait()
    assert 4 == len(left(folder))


def test_a_journal_that_cannot_be_written_is_told_of_once(folder):
    """The items are in memory then; it is tried again with each of them."""
    backlog = spooled(folder, 3)
    folder.path.rmdir()
    assert backlog.add(metric(1))
    trouble = backlog.keeper.take_trouble()
    assert isinstance(trouble, SpoolError)
    assert backlog.add(metric(2))
    assert backlog.keeper.take_trouble() is None
    assert backlog.keeper.trouble is not None
    folder.make()
    assert backlog.add(metric(3))
    assert backlog.keeper.trouble is None
    assert backlog.add(metric(4))
    folder.path.rename(f"{folder.path}-gone")
    assert (2, 2, str(folder.path)) == backlog.drop(NO)


def test_a_damaged_journal_ends_the_reading_back(folder):
    """What cannot be read stays where it is."""
    backlog = spooled(folder, 2)
    operation = RunOperations(items=6)
    for number in range(6):
        backlog.add(metric(number, operation=operation))
    (path,) = folder.journals()
    path.write_bytes(path.read_bytes().replace(b'"value":3', b'"VALUE":3'))
    backlog.take(since=ALWAYS)
    backlog.settle([])
    place, end, most = backlog.refill_from()
    with pytest.raises(SpoolError, match="damaged at byte") as damage:
        backlog.keeper.journal.read(place, end=end, most=most)
    backlog.drop_overflow(damage.value)
    assert 0 == backlog.count
    assert (0, 4, str(folder.path)) == backlog.drop(NO)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), RUNS),
        st.tuples(st.just("send"), st.sets(st.integers(0, 3), max_size=2)),
        st.tuples(st.just("keep"), st.sets(st.integers(0, 3), max_size=2)),
    ),
    max_size=60,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(1, 6))
def test_everything_leaves_once_and_in_order(tmp_path_factory, steps, limit):
    """Through memory or the journal; what is kept, and what never left, is in the journal."""
    folder = SpoolFolder(tmp_path_factory.mktemp("spool"))
    backlog = spooled(folder, limit)
    added, sent, kept = {}, {}, []
    for number, (step, what) in enumerate([*steps]):
        if step == "add":
            added.setdefault(what, []).append(number)
            assert backlog.add(metric(number, run_id=what))
            continue
        refill(backlog)
        parcel = backlog.take(since=ALWAYS)
        if parcel is None:
            continue
        chosen = [item for place, item in enumerate(parcel.items) if place in what]
        if step == "keep":
            kept += [item.body for item in chosen]
        refusals = [Refusal(chosen, NO, is_final=step == "send")] if chosen else []
        sent.setdefault(parcel.run_id, []).extend(item.body for item in parcel.items)
        backlog.settle(refusals)
    for run, numbers in added.items():
        expected = [metric(number, run_id=run).body for number in numbers]
        assert expected[: len(sent.get(run, []))] == sent.get(run, [])
    unsent = sum(map(len, added.values())) - sum(map(len, sent.values()))
    assert unsent == backlog.count
    with suppress(MlflowException):
        assert (0, unsent + len(kept)) == backlog.drop(NO)[:2]
    waiting = [
        metric(number, run_id=run).body
        for run, numbers in added.items()
        for number in numbers[len(sent.get(run, [])) :]
    ]
    assert sorted(waiting + kept) == sorted(left(folder))
