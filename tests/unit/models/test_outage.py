"""A server that is away is not waited for by every load."""

import pytest

from clock import Clock
from penstock.errors import (
    MlflowException,
    PenstockError,
    ServerUnreachable,
    UnreadableModel,
)
from penstock.models.outage import SECONDS, Outage, is_absence

AWAY = ServerUnreachable("nobody is there")


def fail(outage: Outage, error: PenstockError) -> None:
    with pytest.raises(type(error)), outage.watching():
        raise error


def test_an_outage_is_remembered_for_some_seconds():
    """Then the server is asked again."""
    clock = Clock()
    outage = Outage(clock=clock)
    assert outage.find_fresh() is None
    fail(outage, AWAY)
    assert AWAY is outage.find_fresh()
    clock.now += SECONDS
    assert outage.find_fresh() is None


@pytest.mark.parametrize("refusal", [None, MlflowException("unknown", "RESOURCE_DOES_NOT_EXIST")])
def test_an_answer_ends_it(refusal):
    """A refusal is one too."""
    outage = Outage()
    fail(outage, AWAY)
    if refusal is None:
        with outage.watching():
            pass
    else:
        fail(outage, refusal)
    assert outage.find_fresh() is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AWAY, True),
        (MlflowException("nobody behind", "TEMPORARILY_UNAVAILABLE"), True),
        (MlflowException("gone", "RESOURCE_DOES_NOT_EXIST"), False),
        (MlflowException("broken", "INTERNAL_ERROR"), False),
        (UnreadableModel("no model"), False),
    ],
)
def test_what_an_outage_is(error, expected):
    """No answer, or none of the server behind a gateway."""
    assert expected is is_absence(error)
