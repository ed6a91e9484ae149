import signal
import threading

import pytest

from penstock.rest._courier import Courier


def test_the_main_thread_hands_its_calls_over():
    """To one thread, time and again."""
    courier = Courier()
    names = {courier.run(lambda: threading.current_thread().name) for _ in range(3)}
    assert {"penstock-courier"} == names


def test_other_threads_make_their_calls_themselves():
    """Signals never come to them."""
    courier, names = Courier(), []
    thread = threading.Thread(
        target=lambda: names.append(courier.run(lambda: threading.current_thread().name)),
        name="worker",
    )
    thread.start()
    thread.join()
    assert ["worker"] == names


def test_an_error_comes_out_where_the_call_was_made():
    """And the next call works."""
    courier = Courier()

    def fail():
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        courier.run(fail)
    assert 1 == courier.run(lambda: 1)


class Interrupted(Exception):
    pass


@pytest.fixture
def alarm():
    """Raises Interrupted in the main thread a moment after it was asked to."""

    def interrupt(_number, _frame):
        raise Interrupted

    previous = signal.signal(signal.SIGALRM, interrupt)
    yield lambda: signal.setitimer(signal.ITIMER_REAL, 0.05)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, previous)


def test_a_signal_interrupts_a_call_at_once(alarm):
    """The call is left to its end; the next one does not wait for it."""
    courier, release, ended = Courier(), threading.Event(), threading.Event()

    def hang():
        release.wait(60)
        ended.set()

    alarm()
    with pytest.raises(Interrupted):
        courier.run(hang)
    assert 2 == courier.run(lambda: 2)
    assert not ended.is_set()
    release.set()
    assert ended.wait(60)


def couriers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "penstock-courier"]


def test_the_thread_ends_with_its_courier():
    """Clients that nobody closes leave nothing behind."""
    before = couriers()
    courier = Courier()
    courier.run(lambda: None)
    (thread,) = set(couriers()) - set(before)
    del courier
    thread.join(60)
    assert not thread.is_alive()
