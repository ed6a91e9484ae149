import traceback

import pytest

from penstock.errors import MlflowException
from penstock.rest._operations import RunOperations, finish

NO = MlflowException("no")


def test_an_operation_of_nothing_is_settled():
    """And need not be waited for."""
    assert RunOperations().is_settled
    RunOperations().wait()


def test_an_operation_is_settled_with_its_last_item():
    """The first error is the one it tells of."""
    operation = RunOperations(items=3)
    operation.settle()
    operation.settle(NO)
    assert not operation.is_settled
    operation.settle(MlflowException("later"))
    assert operation.is_settled
    for _ in range(2):
        with pytest.raises(MlflowException) as refusal:
            operation.wait()
        assert NO is refusal.value


def test_waiting_often_does_not_pile_up_tracebacks():
    """Each wait raises the error anew."""
    operation = RunOperations(NO)
    for _ in range(20):
        with pytest.raises(MlflowException) as refusal:
            operation.wait()
    assert len(traceback.extract_tb(refusal.value.__traceback__)) < 5


def test_what_is_written_at_once_is_an_operation_too():
    """With its outcome."""

    def fail():
        raise NO

    finish(lambda: None).wait()
    with pytest.raises(MlflowException, match="no"):
        finish(fail).wait()
