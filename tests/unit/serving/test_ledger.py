"""What is known of the runs' answers, and what is made of it."""

import random
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from penstock.errors import FeedbackConflict, LocalFileError
from penstock.serving.ledger import Ledger
from penstock.serving.lineup import Lineup
from penstock.serving.picture import draw
from penstock.serving.report import make_report
from penstock.serving.request_ids import RequestIds
from penstock.serving.sequence import Outcomes
from penstock.serving.tally import RunTally, Tally, quantile


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    found = Ledger(tmp_path)
    found.open("churn")
    return found


def test_counts_of_all_workers_add_up(ledger, tmp_path):
    """Each writes what it has counted since the last time."""
    for other in (ledger, Ledger(tmp_path)):
        tally = RunTally(requests=3, errors=1, seconds=0.5)
        tally.took(0.01)
        other.add({"a": tally})
    found = ledger.read_tallies()["a"]
    assert (6, 2, pytest.approx(1.02)) == (found.requests, found.errors, found.seconds)
    assert 2 == sum(found.latency.values())


def test_a_run_that_is_counted_meanwhile_does_not_disturb_a_reading(ledger, monkeypatch):
    """Another worker writes its first counts between two parts of what is read."""

    def tally_while_another_writes(**counts: Any):
        monkeypatch.undo()
        other = RunTally(requests=1)
        other.took(0.01)
        ledger.add({"b": other})
        return RunTally(**counts)

    ledger.add({"a": RunTally(requests=1)})
    monkeypatch.setattr("penstock.serving.ledger.RunTally", tally_while_another_writes)
    assert {"a"} == ledger.read_tallies().keys()
    assert {"a", "b"} == ledger.read_tallies().keys()


def test_feedback_survives_a_restart(ledger, tmp_path):
    """Another process finds it, under the same key of request ids."""
    key = ledger.open("churn")
    ledger.record([("1", "a", 1.0), ("2", "a", 3.0), ("3", "b", 0.0)])
    again = Ledger(tmp_path)
    assert key == again.open("another name")
    assert "churn" == again.read_name()
    assert {"a": Outcomes(2, 2.0, 2.0), "b": Outcomes(1, 0.0, 0.0)} == again.read_outcomes()


MAKE = """
import multiprocessing, sys
from pathlib import Path
from penstock.serving.ledger import Ledger

def make(together, folders):
    for folder in folders:
        together.wait()
        Ledger(folder).open("churn")

context = multiprocessing.get_context("fork")
together, folders = context.Barrier(8), [Path(each) for each in sys.argv[1:]]
makers = [context.Process(target=make, args=(together, folders)) for _ in range(8)]
for maker in makers:
    maker.start()
for maker in makers:
    maker.join(40)
sys.exit(any(maker.exitcode for maker in makers))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
def test_many_make_the_same_file_at_once(tmp_path):
    """Servers may begin on the same folder at the same moment."""
    folders = [tmp_path / str(number) for number in range(200)]
    for folder in folders:
        folder.mkdir()
    command = [sys.executable, "-c", MAKE, *map(str, folders)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert 0 == ended.returncode, ended.stderr


def test_the_first_outcome_of_a_request_counts(ledger):
    """The same once more changes nothing, another one is refused, with all that came along."""
    ledger.record([("1", "a", 1.0)])
    ledger.record([("1", "a", 1.0)])
    with pytest.raises(FeedbackConflict, match="'1' has the outcome 1;"):
        ledger.record([("2", "a", 5.0), ("1", "a", 0.0)])
    assert {"a": Outcomes(1, 1.0, 0.0)} == ledger.read_outcomes()


def test_many_write_at_the_same_time(ledger):
    """None of them is refused for the sake of another."""

    def write(worker):
        for number in range(20):
            ledger.record([(f"{worker}.{number}", "a", 1.0)])
            ledger.add({"a": RunTally(requests=1)})

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 80 == ledger.read_tallies()["a"].requests == ledger.read_outcomes()["a"].count


def test_large_outcomes_keep_their_variance(ledger):
    """Around a mean of a billion, differences of one are not lost."""
    values = [1e9 + number % 2 for number in range(100)]
    ledger.record([(str(n), "a", value) for n, value in enumerate(values)])
    assert pytest.approx(25.0) == ledger.read_outcomes()["a"].squares


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """With the path, so that one can do something."""
    with pytest.raises(LocalFileError, match=r"feedback\.db"):
        Ledger(tmp_path / "gone").open("churn")


def test_counts_that_could_not_be_written_are_counted_in_again():
    """A full disk for a while loses nothing."""
    tally = Tally()
    tally.of("a").requests = 2
    taken = tally.take()
    tally.of("a").took(0.1)
    tally.give_back(taken)
    found = tally.take()["a"]
    assert (2, 1) == (found.requests, sum(found.latency.values()))


def test_quantiles_are_right_to_a_quarter():
    """The buckets of latencies are each 25 % wider than the one before."""
    source, tally = random.Random(3), RunTally()
    times = sorted(source.expovariate(50) for _ in range(5000))
    for seconds in times:
        tally.took(seconds)
    for share in (0.5, 0.99):
        exact = times[int(share * 5000)]
        assert exact * 0.99 <= (quantile(tally.latency, share) or 0) <= exact * 1.26
    assert quantile({}, 0.5) is None


def test_request_ids_say_their_run_and_cannot_be_made_up():
    """None of them need be kept."""
    ids = RequestIds(b"k" * 32)
    request_id = ids.make("models:/churn/3")
    assert "models:/churn/3" == ids.find_run(request_id)
    assert request_id != ids.make("models:/churn/3")
    for wrong in ("", "x", "x" + request_id, request_id[:-1] + "ü", "models:/churn/3." + "0" * 28):
        assert ids.find_run(wrong) is None
    assert RequestIds(b"another").find_run(request_id) is None


@pytest.fixture
def report():
    lineup = Lineup("o", "1.4.0", 7, {"a": 0.9, "b": 0.1}, ("c",), {})
    canary = RunTally(same=3, different=1, compared=4, distance=2.0)
    return make_report(
        "churn",
        lineup,
        {"a": RunTally(requests=10), "old": RunTally(requests=5), "c": canary},
        {"a": Outcomes(500, 0.5, 125.0), "b": Outcomes(400, 0.9, 36.0)},
    )


def test_runs_are_compared_with_the_one_that_has_the_largest_share(report):
    """The difference is of the other to that one; runs of the past are shown, too."""
    assert "a" == report.compared_with
    runs = {run.run_id: run for run in report.runs}
    assert ["a", "b", "c", "old"] == list(runs)
    assert runs["a"].difference is None
    assert pytest.approx(0.4) == runs["b"].difference.estimate
    assert runs["b"].difference.is_clear
    assert (True, 0.5) == (runs["c"].is_canary, runs["c"].mean_distance)


def test_several_differences_hold_together():
    """With more runs, the bounds of each are wider."""
    known = {name: Outcomes(500, 0.5, 125.0) for name in "abcd"}
    lineup = Lineup("o", "1.0.0", 1, dict.fromkeys("abcd", 0.25), (), {})
    two = make_report("x", lineup, {}, {name: known[name] for name in "ab"})
    four = make_report("x", lineup, {}, known)
    width = [found.runs[1].difference.high for found in (two, four)]
    assert width[0] < width[1]


def test_the_picture_is_whole_and_shows_names_as_text(report):
    """Names of runs are nobody's markup."""
    picture = ET.fromstring(draw(report))  # noqa: S314 - our own
    assert picture.tag.endswith("svg")
    odd = make_report("<b>&", None, {"<script>": RunTally(requests=1)}, {})
    assert "<script>" not in draw(odd)
    ET.fromstring(draw(odd))  # noqa: S314 - our own
