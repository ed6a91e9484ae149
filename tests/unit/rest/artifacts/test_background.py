import logging
import os
import threading

import pytest

from penstock.errors import MlflowException, Unsent
from penstock.rest.artifacts.background import MOST_WAITING, BackgroundUploads


@pytest.fixture
def uploads():
    uploads = BackgroundUploads()
    yield uploads
    uploads.close()


def test_work_is_done_in_the_background(uploads):
    """Closing waits for it."""
    names, go = [], threading.Event()

    def work() -> None:
        go.wait(30)
        names.append(threading.current_thread().name)

    for _ in range(5):
        uploads.submit("x", work)
    assert [] == names
    go.set()
    uploads.flush()
    assert ["penstock-background"] * 5 == names


def test_a_failure_is_logged_and_the_rest_goes_on(uploads, caplog):
    """With the name of what is missing."""
    done = []

    def fail() -> None:
        raise MlflowException("no room")

    uploads.submit("image 'a'", fail)
    uploads.submit("image 'b'", lambda: 1 // 0)
    uploads.submit("image 'c'", lambda: done.append("c"))
    uploads.close()
    assert ["c"] == done
    assert "image 'a' was not uploaded: no room" in caplog.text
    assert "image 'b' was not uploaded" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_when_too_many_wait_the_caller_waits_too(uploads):
    """Or images would fill the memory."""
    go, submitted = threading.Event(), []

    def submit_all() -> None:
        for number in range(MOST_WAITING + 1):
            uploads.submit(str(number), lambda: go.wait(30))
            submitted.append(number)

    thread = threading.Thread(target=submit_all)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    assert MOST_WAITING == len(submitted)
    go.set()
    thread.join(30)
    assert MOST_WAITING + 1 == len(submitted)


def test_who_leaves_does_not_wait_for_ever(uploads, caplog):
    """It is told what is lost."""
    go = threading.Event()
    uploads.submit("x", lambda: go.wait(30))
    with pytest.raises(Unsent, match="1 uploads"):
        uploads.flush(timeout=0.01)
    with caplog.at_level(logging.ERROR):
        uploads.close(timeout=0.01)
    assert "1 uploads in the background did not end" in caplog.text
    go.set()


def test_it_can_be_used_again_after_closing(uploads):
    """As a client that is flushed at the end of each epoch."""
    done = []
    for _ in range(3):
        uploads.submit("x", lambda: done.append(1))
        uploads.close()
    assert [1, 1, 1] == done


def test_the_child_of_a_fork_has_its_own(uploads, monkeypatch):
    """The threads of the parent are not in it."""
    go = threading.Event()
    uploads.submit("x", lambda: go.wait(30))
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    done = []
    uploads.close()
    uploads.submit("y", lambda: done.append("y"))
    uploads.close()
    assert ["y"] == done
    go.set()
