"""What an error of the server means for what was sent. Pure."""

from enum import Enum

from penstock.errors import MlflowException, NotMlflow, PenstockError, TransportError

CLIENT_ERRORS, SERVER_ERRORS = 400, 500
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
LATER = {408, 425, 429, 502, 503, 504}
IS_THERE_ALREADY = (
    "UNIQUE constraint failed: metrics.",  # SQLite
    'unique constraint "metric_pk"',  # PostgreSQL
    "for key 'metrics.PRIMARY'",  # MySQL
    "for key 'PRIMARY'",  # MariaDB
    "PRIMARY KEY constraint 'metric_pk'",  # SQL Server
)


class Verdict(Enum):
    """What to do about an error."""

    AGAIN = "nobody answers, or the server is busy: send it again, as often as it takes"
    FAULT = "the server failed, maybe because of what was sent: send it again a few times"
    REFUSED = "the server does not take it as it is"


def judge(error: PenstockError) -> Verdict:
    """Return what to do about an error."""
    if not isinstance(error, MlflowException):
        return Verdict.AGAIN
    status = error.get_http_status_code()
    is_refusal = CLIENT_ERRORS <= status < SERVER_ERRORS and status not in LATER
    if isinstance(error, TransportError):
        # A proxy's own page: 413 and the like are about the call, 404 means nobody is behind it.
        is_own = isinstance(error, NotMlflow) and is_refusal and status != NOT_FOUND
        return Verdict.REFUSED if is_own else Verdict.AGAIN
    if status in LATER:
        return Verdict.AGAIN
    return Verdict.REFUSED if is_refusal else Verdict.FAULT


def is_about_login(error: PenstockError) -> bool:
    """Tell whether the server refuses this client whatever it sends."""
    return isinstance(error, MlflowException) and error.get_http_status_code() == UNAUTHORIZED


def is_final(error: PenstockError) -> bool:
    """Tell whether an item that was refused alone will be refused for ever."""
    if judge(error) is not Verdict.REFUSED or not isinstance(error, MlflowException):
        return False
    return error.get_http_status_code() not in {UNAUTHORIZED, FORBIDDEN}


def is_there_already(error: PenstockError) -> bool:
    """Tell whether a metric was refused alone because the server has this very one.

    MLflow ignores an identical metric, but older versions fail for NaN, and where a batch of more
    than 100 keys holds one.
    """
    return any(mark in str(error) for mark in IS_THERE_ALREADY)
