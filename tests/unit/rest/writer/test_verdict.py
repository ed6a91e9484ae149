import pytest

from penstock.errors import (
    CertificateError,
    ConfigurationError,
    IncompleteResponse,
    MlflowException,
    NotMlflow,
    PermissionDenied,
    RequestTimeout,
    ServerUnreachable,
    Unauthenticated,
)
from penstock.rest.writer.verdict import (
    Verdict,
    is_about_login,
    is_final,
    is_there_already,
    judge,
)


def refused(status, code="INVALID_PARAMETER_VALUE"):
    return MlflowException("no", code, status=status)


@pytest.mark.parametrize(
    "error",
    [
        ServerUnreachable("x"),
        RequestTimeout("x"),
        IncompleteResponse("x"),
        CertificateError("x"),
        NotMlflow("a page"),
        NotMlflow("nobody is behind the proxy", status=404),
        NotMlflow("a redirect", status=302),
        ConfigurationError("a certificate is gone"),
        *(refused(status) for status in (408, 425, 429, 502, 503, 504)),
    ],
)
def test_what_passes_is_tried_again(error):
    """As often as it takes."""
    assert Verdict.AGAIN is judge(error)
    assert not is_final(error)


@pytest.mark.parametrize("status", [500, 501, 599])
def test_a_failure_of_the_server_is_tried_again_a_few_times(status):
    """It may be for what was sent."""
    assert Verdict.FAULT is judge(refused(status))
    assert not is_final(refused(status))


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_refusal_stays_one(status):
    """The item alone will never be taken."""
    assert Verdict.REFUSED is judge(refused(status))
    assert is_final(refused(status))


def test_a_refusal_by_a_proxy_is_one():
    """For the size of a call, say."""
    assert Verdict.REFUSED is judge(NotMlflow("too large", status=413))


@pytest.mark.parametrize(("kind", "status"), [(Unauthenticated, 401), (PermissionDenied, 403)])
def test_what_is_not_allowed_may_be_one_day(kind, status):
    """So it is not refused for ever."""
    error = kind("no", status=status)
    assert Verdict.REFUSED is judge(error)
    assert not is_final(error)
    assert (status == 401) is is_about_login(error)


@pytest.mark.parametrize(
    "text",
    [
        "(sqlite3.IntegrityError) UNIQUE constraint failed: metrics.key, metrics.timestamp",
        '(psycopg2.errors.UniqueViolation) duplicate key violates unique constraint "metric_pk"',
        "(pymysql.err.IntegrityError) (1062, \"Duplicate entry 'm-1' for key 'metrics.PRIMARY'\")",
        "(pymysql.err.IntegrityError) (1062, \"Duplicate entry 'm-1' for key 'PRIMARY'\")",
    ],
)
def test_a_metric_that_the_server_has_is_known_by_the_databases_words(text):
    """Of those that MLflow runs on."""
    assert is_there_already(MlflowException(text, "BAD_REQUEST", status=400))


def test_other_words_of_a_database_are_no_proof():
    """A model that is not there, say."""
    text = "(sqlite3.IntegrityError) FOREIGN KEY constraint failed"
    assert not is_there_already(MlflowException(text, "BAD_REQUEST", status=400))
