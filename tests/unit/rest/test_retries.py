from datetime import UTC, datetime

import pytest

from penstock.errors import (
    CertificateError,
    ConnectTimeout,
    IncompleteResponse,
    MlflowException,
    NotMlflow,
    RequestTimeout,
    ServerUnreachable,
    Unauthenticated,
)
from penstock.rest._request import build_request
from penstock.rest._retries import RetryPolicy, draw_chance, may_repeat, parse_retry_after

READ = build_request("http://host", "GET", "mlflow/runs/get")
CREATE = build_request("http://host", "POST", "mlflow/runs/create")


def test_pauses_double_up_to_a_limit():
    """At most, and at least half of it."""
    policy = RetryPolicy(retries=8, first_pause=0.2, longest_pause=5)
    most = [policy.pause(attempt, retry_after=None, chance=1) for attempt in range(8)]
    least = [policy.pause(attempt, retry_after=None, chance=0) for attempt in range(8)]
    assert [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5] == most
    assert [pause / 2 for pause in most if pause] == least


def test_retries_end():
    """After as many as were allowed."""
    policy = RetryPolicy(retries=2)
    assert policy.pause(1, retry_after=None, chance=0) is not None
    assert policy.pause(2, retry_after=None, chance=0) is None
    assert RetryPolicy(retries=0).pause(0, retry_after=0, chance=0) is None


def test_what_the_server_asks_is_obeyed():
    """Not a moment earlier, and many clients not at the same one."""
    policy = RetryPolicy(first_pause=0.2)
    assert 3 == policy.pause(0, retry_after=3, chance=0)
    assert 3.2 == policy.pause(4, retry_after=3, chance=1)
    assert 0 == policy.pause(0, retry_after=0, chance=0)


def test_a_very_long_wait_is_left_to_the_caller():
    """An hour in silence would look like a hang."""
    assert RetryPolicy(longest_wait=60).pause(0, retry_after=3600, chance=0) is None


def status(code: int) -> MlflowException:
    return MlflowException("x", status=code)


@pytest.mark.parametrize(
    ("error", "read", "create"),
    [
        (ServerUnreachable("x"), True, True),
        (ConnectTimeout("x"), True, True),
        (IncompleteResponse("x"), True, False),
        (RequestTimeout("x"), False, False),
        (CertificateError("x"), False, False),
        (NotMlflow("x", status=503), False, False),
        (Unauthenticated("x", status=401), False, False),
        (status(429), True, False),
        (status(502), True, False),
        (status(503), True, False),
        (status(504), True, False),
        (status(500), False, False),
        (status(404), False, False),
    ],
)
def test_only_harmless_repetitions_are_made(error, read, create):
    """Where nothing was sent, anything may be sent again; else only what does nothing twice."""
    assert (read, create) == (may_repeat(error, READ), may_repeat(error, CREATE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 12:00:30", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_a_retry_after_header_is_a_number_or_a_date(text, expected):
    """Anything else counts as none."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert expected == parse_retry_after(text, now)


def test_chance_is_between_nothing_and_certainty():
    """Or pauses would leave their bounds."""
    drawn = [draw_chance() for _ in range(1000)]
    assert 0 <= min(drawn) < 0.1
    assert 0.9 < max(drawn) <= 1
