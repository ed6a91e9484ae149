import logging
import threading
import time

import pytest

from penstock.errors import MlflowException, ServerUnreachable
from penstock.rest.writer.patience import GaveUp, Patience
from servers import wait_until

AWAY = ServerUnreachable("nobody is there")


def busy(seconds):
    error = MlflowException("busy", "TEMPORARILY_UNAVAILABLE", status=503)
    error.retry_after = seconds
    return error


def pausing(patience, error, attempt):
    """Pause in another thread, and return it when it does."""
    ended = []

    def work():
        try:
            patience.pause(error, attempt)
            ended.append("paused")
        except GaveUp:
            ended.append("gave up")

    thread = threading.Thread(target=work)
    thread.ended = ended
    thread.start()
    wait_until(lambda: patience.problem is error)
    return thread


def test_the_pauses_grow_up_to_some_seconds():
    """However often it was tried."""
    patience = Patience()
    started = time.monotonic()
    patience.pause(AWAY, 0)
    assert time.monotonic() - started < 1
    thread = pausing(patience, AWAY, 10**9)
    thread.join(0.3)
    assert thread.is_alive()
    patience.stop()
    thread.join()


def test_a_pause_ends_when_somebody_waits_for_the_outcome():
    """And then it goes on."""
    patience = Patience()
    thread = pausing(patience, AWAY, 8)
    wait_until(lambda: patience.hurry() or not thread.is_alive())
    assert ["paused"] == thread.ended


def test_a_pause_that_the_server_wants_is_not_cut_short():
    """But it ends with the waiting itself."""
    patience = Patience()
    thread = pausing(patience, busy("60"), 0)
    patience.hurry()
    thread.join(0.2)
    assert thread.is_alive()
    patience.stop()
    thread.join()
    assert ["gave up"] == thread.ended


def test_a_limit_ends_the_waiting():
    """It counts from the last time that the server took something."""
    patience = Patience(limit=0.3)
    with pytest.raises(GaveUp):
        wait_until(lambda: patience.pause(AWAY, 0))
    patience.hear()
    patience.pause(AWAY, 0)
    with pytest.raises(GaveUp):
        patience.pause(busy("60"), 0)


def test_after_the_end_nothing_is_waited_for():
    """Not even a moment."""
    patience = Patience()
    patience.stop()
    with pytest.raises(GaveUp):
        patience.pause(AWAY, 0)


def test_an_outage_is_logged_once_a_minute_and_its_end_once(caplog, monkeypatch):
    """Not with every attempt."""
    caplog.set_level(logging.INFO)
    patience = Patience()
    patience.hear()
    for attempt in range(3):
        patience.pause(busy("0"), attempt)
    assert 1 == caplog.text.count("busy; what is logged waits")
    monkeypatch.setattr("penstock.rest.writer.patience.REMINDER_SECONDS", 0)
    patience.pause(busy("0"), 0)
    assert 2 == caplog.text.count("busy; what is logged waits")
    patience.hear()
    patience.hear()
    assert 1 == caplog.text.count("takes what is logged again")
