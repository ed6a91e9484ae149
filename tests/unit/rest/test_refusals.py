import json

import pytest

from penstock.errors import MlflowException, NotMlflow, PermissionDenied, Unauthenticated
from penstock.rest._answer import Answer
from penstock.rest._refusals import refusal

HTML = b"<!doctype html><title>404 Not Found</title><p>secret-page</p>"


def refused(status: int, body: object = b"", content_type: str = "", **more: str) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("GET", "/api/2.0/mlflow/runs/get", status, text, content_type, **more)


def told(status: int, code: object) -> Answer:
    return refused(status, {"error_code": code, "message": "x"})


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (told(404, "RESOURCE_DOES_NOT_EXIST"), MlflowException, "RESOURCE_DOES_NOT_EXIST"),
        (told(400, "RESOURCE_ALREADY_EXISTS"), MlflowException, "RESOURCE_ALREADY_EXISTS"),
        (told(500, "INTERNAL_ERROR"), MlflowException, "INTERNAL_ERROR"),
        (told(401, "UNAUTHENTICATED"), Unauthenticated, "UNAUTHENTICATED"),
        (told(403, "PERMISSION_DENIED"), PermissionDenied, "PERMISSION_DENIED"),
        (refused(401, b"No login.", "text/plain"), Unauthenticated, "UNAUTHENTICATED"),
        (refused(401, HTML, "text/html"), Unauthenticated, "UNAUTHENTICATED"),
        (refused(403, b"Invalid Host header", "text/plain"), PermissionDenied, "PERMISSION_DENIED"),
        (refused(404, HTML, "text/html"), NotMlflow, "ENDPOINT_NOT_FOUND"),
        (refused(404, {"detail": "Not Found"}), NotMlflow, "ENDPOINT_NOT_FOUND"),
        (refused(405, b""), NotMlflow, "INTERNAL_ERROR"),
        (refused(429, b""), MlflowException, "RESOURCE_EXHAUSTED"),
        (refused(500, HTML, "text/html"), MlflowException, "INTERNAL_ERROR"),
        (refused(502, HTML, "text/html"), MlflowException, "TEMPORARILY_UNAVAILABLE"),
        (refused(503, b"upstream down", "text/plain"), MlflowException, "TEMPORARILY_UNAVAILABLE"),
        (refused(504, b""), MlflowException, "DEADLINE_EXCEEDED"),
        (told(400, 12), NotMlflow, "BAD_REQUEST"),
        (refused(400, b"[1"), NotMlflow, "BAD_REQUEST"),
        (refused(502, b'{"message": "\xfc"}'), MlflowException, "TEMPORARILY_UNAVAILABLE"),
    ],
)
def test_an_answer_becomes_the_error_of_its_kind(answer, kind, code):
    """With method, path, status and code in the message."""
    error = refusal(answer)
    assert kind is type(error)
    assert code == error.error_code
    assert answer.status == error.get_http_status_code()
    assert f"GET /api/2.0/mlflow/runs/get: {answer.status} {code}" in error.message
    assert str(error) == error.message


def test_the_message_of_mlflow_is_kept():
    """Programs look for words in it."""
    body = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Run with id=1 not found"}
    error = refusal(refused(404, body))
    assert error.message.endswith("RESOURCE_DOES_NOT_EXIST: Run with id=1 not found")


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (refused(401), "MLFLOW_TRACKING_USERNAME"),
        (refused(404, HTML, "text/html"), "MLFLOW_TRACKING_URI"),
        (refused(503, retry_after="17"), "asks to wait: 17"),
        (refused(302, location="https://sso.example/login?state=xyz"), "login page"),
    ],
)
def test_the_message_says_what_to_do(answer, advice):
    """What to check, and how long to wait."""
    assert advice in refusal(answer).message


def test_a_redirect_is_not_mlflow():
    """Where it leads is named without the parameters, which may be secrets."""
    error = refusal(refused(302, location="https://u:hunter2@sso.example:8/login?state=hunter2"))
    assert isinstance(error, NotMlflow)
    assert "https://sso.example/login" in error.message
    assert "hunter2" not in error.message
    assert 500 == error.get_http_status_code()


def test_a_page_is_not_quoted():
    """Nobody can read HTML in an error message."""
    assert "secret-page" not in refusal(refused(404, HTML, "text/html")).message


def test_a_long_text_is_cut():
    """An error message stays one."""
    assert len(refusal(refused(500, b"x" * 10_000, "text/plain")).message) < 500


def test_what_the_server_asks_to_wait_is_kept():
    """For programs that want to obey longer than the client does."""
    assert "17" == refusal(refused(503, retry_after="17")).retry_after
    assert refusal(refused(503)).retry_after is None
