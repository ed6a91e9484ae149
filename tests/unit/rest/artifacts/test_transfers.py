import threading

import pytest

from penstock.errors import (
    LocalFileError,
    MlflowException,
    PermissionDenied,
    ServerUnreachable,
    TransferFailed,
)
from penstock.rest.artifacts.progress import Direction
from penstock.rest.artifacts.transfers import MOST_TRANSFERS, Transfer, run_transfers


def failing(error):
    def work(_watch):
        raise error

    return work


def test_a_single_failure_is_itself():
    """Nobody has to look into a summary of one."""
    error = PermissionDenied("no", "PERMISSION_DENIED")
    with pytest.raises(PermissionDenied) as raised:
        run_transfers([Transfer("x", None, failing(error))], Direction.UP)
    assert error is raised.value


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        (
            [MlflowException("a", "INVALID_STATE"), MlflowException("b", "INVALID_STATE")],
            "INVALID_STATE",
        ),
        (
            [MlflowException("a", "INVALID_STATE"), MlflowException("b", "IO_ERROR")],
            "INTERNAL_ERROR",
        ),
        ([MlflowException("a", "INVALID_STATE"), LocalFileError("b")], "INVALID_STATE"),
        ([LocalFileError("a"), LocalFileError("b")], "INTERNAL_ERROR"),
    ],
)
def test_several_failures_have_the_code_that_they_share(errors, code):
    """As in MLflow."""
    transfers = [Transfer(str(number), None, failing(error)) for number, error in enumerate(errors)]
    with pytest.raises(TransferFailed, match="2 of 2 files were not uploaded") as failure:
        run_transfers(transfers, Direction.UP)
    assert code == failure.value.error_code
    assert errors == [failure.value.failures[str(number)] for number in range(2)]


def test_where_no_server_is_not_every_file_is_tried():
    """Each would wait as long as the one before."""
    tried = []

    def work(_watch):
        tried.append(1)
        raise ServerUnreachable("nobody there")

    transfers = [Transfer(str(number), None, work) for number in range(1000)]
    with pytest.raises(TransferFailed, match="1000 of 1000") as failure:
        run_transfers(transfers, Direction.DOWN)
    assert len(tried) <= MOST_TRANSFERS
    assert 1000 == len(failure.value.failures)
    assert "not tried, because of" in str(failure.value.failures["999"])


def test_an_error_that_is_not_ours_comes_out_as_it_is():
    """And the others stop."""
    seen = threading.Event()

    def wait(watch):
        seen.set()
        watch.stopped.wait(30)

    def fail(_watch):
        seen.wait(30)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_transfers([Transfer("a", None, wait), Transfer("b", None, fail)], Direction.UP)


def test_a_bounded_number_runs_at_once():
    """However many there are."""
    everybody = threading.Barrier(MOST_TRANSFERS, timeout=30)
    threads = set()

    def work(_watch):
        threads.add(threading.get_ident())
        everybody.wait()

    count = 3 * MOST_TRANSFERS
    run_transfers([Transfer(str(number), 1, work) for number in range(count)], Direction.UP)
    assert MOST_TRANSFERS == len(threads)


def test_nothing_to_do_is_done_at_once():
    """Also with a folder that holds nothing."""
    run_transfers([], Direction.UP)
