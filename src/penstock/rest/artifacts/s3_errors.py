from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from penstock.errors import (
    CertificateError,
    ConnectTimeout,
    IncompleteResponse,
    MlflowException,
    PermissionDenied,
    RequestTimeout,
    ServerUnreachable,
    TransportError,
    Unauthenticated,
)
from penstock.rest.artifacts.libraries import load_library

NOT_FOUND = {"404", "NoSuchBucket", "NoSuchKey", "NoSuchUpload"}
REFUSED = {"403", "AccessDenied", "AllAccessDisabled"}
UNKNOWN_CALLER = {
    "401",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
}
LATER = {"503", "RequestLimitExceeded", "ServiceUnavailable", "SlowDown", "Throttling"}
CREDENTIALS_ADVICE = (
    "; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE, and "
    "the endpoint in AWS_ENDPOINT_URL or MLFLOW_S3_ENDPOINT_URL"
)
BY_NAME: tuple[tuple[type[TransportError], tuple[str, ...]], ...] = (
    (CertificateError, ("SSLError",)),
    (ConnectTimeout, ("ConnectTimeoutError",)),
    (RequestTimeout, ("ReadTimeoutError",)),
    (ServerUnreachable, ("EndpointConnectionError", "ProxyConnectionError")),
    (
        IncompleteResponse,
        (
            "ConnectionClosedError",
            "IncompleteReadError",
            "ResponseStreamingError",
            "RetriesExceededError",
        ),
    ),
)


@contextmanager
def told_as_ours(action: str, place: str) -> Iterator[None]:
    """Translate what `boto3` raises in the block; the messages name the action and the place."""
    botocore = load_library("botocore.exceptions", "pip install 'penstock[s3]'")
    boto3 = load_library("boto3.exceptions", "pip install 'penstock[s3]'")
    transfer = load_library("s3transfer.exceptions", "pip install 'penstock[s3]'")
    try:
        yield
    except botocore.ClientError as error:
        raise _refusal(error, f"cannot {action} {place}") from error
    except (
        botocore.BotoCoreError,
        boto3.Boto3Error,
        transfer.RetriesExceededError,
    ) as error:
        raise _failure(error, f"cannot {action} {place}") from error


def _refusal(error: Any, what: str) -> MlflowException:  # noqa: ANN401 - boto3 has no types
    answer = error.response.get("Error", {})
    code = str(answer.get("Code", ""))
    told = f"{what}: S3 answers {code} ({answer.get('Message', '')})"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in NOT_FOUND:
        return MlflowException(told, "RESOURCE_DOES_NOT_EXIST", status=status)
    if code in UNKNOWN_CALLER:
        return Unauthenticated(told + CREDENTIALS_ADVICE, "UNAUTHENTICATED", status=status)
    if code in REFUSED:
        return PermissionDenied(told, "PERMISSION_DENIED", status=status)
    if code in LATER:
        return MlflowException(told, "TEMPORARILY_UNAVAILABLE", status=status)
    return MlflowException(told, "INTERNAL_ERROR", status=status)


def _failure(error: Exception, what: str) -> MlflowException:
    names = [kind.__name__ for kind in type(error).__mro__]
    if {"NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"} & set(names):
        return Unauthenticated(f"{what}: {error}{CREDENTIALS_ADVICE}", "UNAUTHENTICATED")
    for kind, known in BY_NAME:
        if set(known) & set(names):
            return kind(f"{what}: {error}")
    return TransportError(f"{what}: {error}")
