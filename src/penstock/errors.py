"""Every error that Penstock raises.

PenstockError
├── ConfigurationError        a setting is missing or wrong; the message names it
├── AccountError              an account cannot be made or changed as asked
│   ├── AccountExists         the name is taken
│   ├── UnknownAccount        nobody has that name
│   ├── GroupExists           a group has that name already
│   ├── UnknownGroup          no group has that name
│   ├── UnknownToken          there is no such token, or it is somebody else's
│   ├── InvitationOver        an invitation has been used, is over, or never was
│   └── GrantError            a grant cannot be made as asked
├── IdentityRefused           what an identity provider vouches for lets nobody in
├── ProviderUnavailable       an identity provider does not answer, or not as one does
├── DatabaseUnavailable       the gateway's database cannot be opened, read or written
├── UnstorableText            the gateway's database cannot hold a text
├── RequestRefused            the gateway does not pass a request on; carries the HTTP answer
│   └── AccessRefused         not for what the request is, but for who makes it; the audit keeps it
├── UpstreamError             the gateway gets no answer from MLflow
│   ├── UpstreamUnreachable   nothing listens, or the connection broke
│   │   └── UpstreamAway          not even a connection: nothing was sent
│   └── UpstreamTimeout       no answer within the route's limit
├── SupervisionError          a program that Penstock runs cannot be started or ended, or ended
├── LocalFileError            this machine's disk refuses a file of a download or upload
├── MissingLibrary            a Python library that a call needs is not installed
├── LineageError              what cannot be kept or found as lineage; the message says why
│   └── UnknownResource       no run made it, or nothing was recorded of it
├── SpoolError                a spool's folder or journal cannot be written, or read
├── RolloutError              a rollout cannot be read or changed as asked
│   ├── InvalidRollout        the change breaks a rule; also a ValueError
│   ├── PlanConflict          somebody else changed the plan at the same time, too often
│   ├── RampStopped           a ramp has ended before its last step; the message says why
│   └── UnreadablePlan        the tag that holds a plan holds something else
├── DeploymentError           a deployment cannot be made or changed as asked
│   ├── InvalidDeployment     a value breaks a rule; also a ValueError
│   ├── UnmetRequirements     what the model needs is not installed where it shall run
│   ├── DeploymentNameTaken   the name belongs to somebody else
│   └── UnknownDeployment     there is no such deployment, or it is somebody else's
├── ModelUnavailable          no source has a model; `said` holds what each of them said
├── UnreadableModel           the files of a model are damaged, or no model can be made of them
├── CacheError                the cache of models cannot be written, read or locked
├── ServingError              the inference server does not answer as asked; carries the status
│   ├── ClusterUnavailable    the cluster that models run on does not answer
│   ├── InvalidInput          the input does not fit the model; the message names the field
│   ├── ModelFailed           the model itself raised, or answered what no model should
│   ├── PredictionTimeout     the model has not answered in time
│   ├── NothingToServe        no run is live, or none is loaded yet
│   ├── FeedbackConflict      a request has another outcome already
│   └── BodyRefused           a body is too large, too slow or cut off
└── MlflowException           a call to the server failed; `error_code` as in MLflow
    ├── TransportError        no answer, or none that an MLflow server gives
    │   ├── ServerUnreachable     nothing listens there, or the name is unknown
    │   ├── CertificateError      the server's certificate is not trusted
    │   ├── RequestTimeout        no answer in time
    │   │   └── ConnectTimeout        not even a connection in time
    │   ├── IncompleteResponse    the body was cut short
    │   ├── NotMlflow             HTML, a redirect, or JSON of another kind
    │   ├── Unsent                what was logged is not on the server yet
    │   └── QueueFull             too much waits to be sent; what was logged now is dropped
    ├── Unauthenticated       401: no proof of identity, or a wrong one
    ├── PermissionDenied      403: known, but not allowed
    ├── ServerTooOld          the server's MLflow lacks what was asked; the message says since when
    ├── TransferFailed        some files of a folder could not be uploaded or downloaded
    ├── UnsuitableObject      an object that cannot be logged, or not in the way that was asked
    └── UnsafePath            an artifact's path leads out of its folder
"""

from collections.abc import Mapping


class PenstockError(Exception):
    """Base of every error of this package."""


class ConfigurationError(PenstockError):
    """A setting is missing or wrong; the message names the setting and what it should be."""


class AccountError(PenstockError):
    """An account cannot be made or changed as asked."""


class AccountExists(AccountError):
    """The name belongs to somebody already; names compare without case."""


class UnknownAccount(AccountError):
    """Nobody has that name."""


class GroupExists(AccountError):
    """A group of this name exists."""


class UnknownGroup(AccountError):
    """There is no group of this name."""


class UnknownToken(AccountError):
    """There is no such token."""


class InvitationOver(AccountError):
    """An invitation has been used, has expired, or never was."""


class GrantError(AccountError):
    """A grant cannot be made: its subject, pattern or level is none."""


class IdentityRefused(PenstockError):
    """What an identity provider vouches for lets nobody in; the message is for the caller."""


class ProviderUnavailable(PenstockError):
    """An identity provider does not answer, or not as one does."""


class DatabaseUnavailable(PenstockError):
    """The gateway's database cannot be opened, read or written."""


class UnstorableText(PenstockError):
    """The gateway's database cannot hold a text: it is too long, or has no such characters."""


class RequestRefused(PenstockError):
    """The gateway answers a request itself instead of passing it on.

    `error_code` is MLflow's; `headers` go with the answer.
    """

    def __init__(
        self,
        status: int,
        error_code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code
        self.message = message
        self.headers = dict(headers or {})


class AccessRefused(RequestRefused):
    """The caller has not proven who they are, or may not do this; the audit keeps it.

    `target` is what it was about, for the audit alone: `account:ann@example.org`, `experiment:12`.
    """

    def __init__(
        self,
        status: int,
        error_code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        target: str = "",
    ) -> None:
        super().__init__(status, error_code, message, headers=headers)
        self.target = target


class UpstreamError(PenstockError):
    """The gateway gets no answer from MLflow."""


class UpstreamUnreachable(UpstreamError):
    """Nothing listens at the upstream address, or the connection broke before an answer."""


class UpstreamAway(UpstreamUnreachable):
    """No connection came about: MLflow has not seen the request."""


class UpstreamTimeout(UpstreamError):
    """MLflow did not answer within the route's limit."""


class SupervisionError(PenstockError):
    """A program that Penstock runs cannot be started or ended, or it ended by itself."""


class LocalFileError(PenstockError):
    """A file cannot be read from this machine's disk or written to it, or changed meanwhile."""


class MissingLibrary(PenstockError, ImportError):
    """A Python library that a call needs is not installed; the message says how to install it."""


class LineageError(PenstockError):
    """What cannot be kept or found as lineage in the way that was asked."""


class UnknownResource(LineageError):
    """No run made a resource, or nothing was recorded of what was asked about it."""


class SpoolError(PenstockError):
    """The folder of a spool, or a journal in it, cannot be written or read."""


class RolloutError(PenstockError):
    """A rollout cannot be read or changed as asked."""


class InvalidRollout(RolloutError, ValueError):
    """What was asked breaks a rule of rollouts; the message names the value and the rule."""


class PlanConflict(RolloutError):
    """Somebody else changed the plan at the same time; nothing of this change holds."""


class RampStopped(RolloutError):
    """A ramp has ended before its last step: a guard broke, or somebody changed the plan."""


class UnreadablePlan(RolloutError):
    """The experiment's tag of a plan holds something else; the message names the tag."""


class DeploymentError(PenstockError):
    """A deployment cannot be made or changed as asked."""


class InvalidDeployment(DeploymentError, ValueError):
    """What was asked breaks a rule of deployments; the message names the value and the rule."""


class UnmetRequirements(DeploymentError):
    """What a model needs is not installed where it shall run; the message lists it."""


class DeploymentNameTaken(DeploymentError):
    """The name of a deployment belongs to somebody else."""


class UnknownDeployment(DeploymentError):
    """There is no such deployment, or it is somebody else's."""


class ModelUnavailable(PenstockError):
    """No source has a model that can be loaded; `said` is what each said, by its name."""

    def __init__(self, message: str, *, said: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.said = dict(said or {})


class UnreadableModel(PenstockError):
    """The files of a model are missing or damaged, or no model can be made of them here."""


class CacheError(PenstockError):
    """The folder of the cache of models cannot be written, read or locked."""


class ServingError(PenstockError):
    """The inference server does not answer as asked; `status` and `error_code` go to the caller."""

    status = 500
    error_code = "INTERNAL_ERROR"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class ClusterUnavailable(ServingError):
    """The cluster that models run on does not answer, or refuses what it is asked for."""

    status = 503
    error_code = "TEMPORARILY_UNAVAILABLE"


class InvalidInput(ServingError, ValueError):
    """The input does not fit what the model takes; the message names the field."""

    status = 400
    error_code = "BAD_REQUEST"


class ModelFailed(ServingError):
    """The model itself raised, or answered what no model should."""


class PredictionTimeout(ServingError):
    """The model has not answered in time; what it is doing goes on, and is of no use."""

    status = 504
    error_code = "DEADLINE_EXCEEDED"


class WorkersLost(ServingError):
    """Several workers ended one after the other over a request; it may be what ends them."""


class NothingToServe(ServingError):
    """No run is live that could answer, or none is loaded yet."""

    status = 503
    error_code = "TEMPORARILY_UNAVAILABLE"


class FeedbackConflict(ServingError):
    """A request has another outcome already; the first one counts."""

    status = 409
    error_code = "RESOURCE_CONFLICT"


class BodyRefused(ServingError):
    """A body is too large, too slow or cut off; what else comes on its connection is of no use."""

    def __init__(self, status: int, error_code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code


class MlflowException(PenstockError):
    """A call to the server failed. Same attributes as MLflow's class of this name.

    Source: `mlflow.exceptions.MlflowException`. Beyond it, `retry_after` is what the server asked
    to wait: the text of its `Retry-After` header, or None.
    """

    retry_after: str | None = None

    def __init__(
        self, message: str, error_code: str = "INTERNAL_ERROR", *, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = error_code
        self._status = status

    def get_http_status_code(self) -> int:
        """Return the HTTP status of the answer, or the one that MLflow maps `error_code` to."""
        if self._status is not None:
            return self._status
        return HTTP_STATUS.get(self.error_code, 500)

    def serialize_as_json(self) -> str:
        """Return the JSON text that MLflow answers with for this error."""
        import json  # noqa: PLC0415 - only when asked: the client imports this module at start

        return json.dumps({"error_code": self.error_code, "message": self.message})


class TransportError(MlflowException):
    """The server gave no answer, or none that an MLflow server gives."""


class ServerUnreachable(TransportError):
    """Nothing listens at the address, or its name cannot be resolved."""


class CertificateError(TransportError):
    """The server's certificate is expired, for another name, or from an unknown authority."""


class RequestTimeout(TransportError):
    """The server did not connect or answer in time."""


class ConnectTimeout(RequestTimeout):
    """No connection came about in time; nothing was sent."""


class IncompleteResponse(TransportError):
    """The connection closed before the whole body had come."""


class NotMlflow(TransportError):
    """What answered is no MLflow API: an HTML page, a redirect to a login, other JSON."""


class Unsent(TransportError):
    """What was logged in the background is not on the server yet, and may never be."""


class QueueFull(TransportError):
    """Too much waits for a server that takes nothing; what was logged now is dropped."""


class Unauthenticated(MlflowException):
    """The server wants proof of identity, or does not accept the one it got."""


class PermissionDenied(MlflowException):
    """The caller is known but may not do this."""


class ServerTooOld(MlflowException):
    """The server runs a version of MLflow that does not have yet what was asked."""


class TransferFailed(MlflowException):
    """Some files of a folder could not be uploaded or downloaded; `failures` says why, by path."""

    def __init__(
        self, message: str, error_code: str, *, failures: Mapping[str, PenstockError]
    ) -> None:
        super().__init__(message, error_code)
        self.failures = dict(failures)


class UnsuitableObject(MlflowException, TypeError, ValueError):
    """An object cannot be logged, or not as asked; in MLflow a TypeError or a ValueError."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "INVALID_PARAMETER_VALUE")


class UnsafePath(MlflowException):
    """An artifact's path is absolute, climbs with `..`, or passes a link out of its folder."""


HTTP_STATUS: Mapping[str, int] = {
    "BAD_REQUEST": 400,
    "INVALID_PARAMETER_VALUE": 400,
    "UNAUTHENTICATED": 401,
    "CUSTOMER_UNAUTHORIZED": 401,
    "PERMISSION_DENIED": 403,
    "ENDPOINT_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "REQUEST_LIMIT_EXCEEDED": 429,
    "RESOURCE_EXHAUSTED": 429,
    "RESOURCE_ALREADY_EXISTS": 400,
    "RESOURCE_CONFLICT": 409,
    "INVALID_STATE": 500,
    "INTERNAL_ERROR": 500,
    "IO_ERROR": 500,
    "UNKNOWN": 500,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""MLflow's error codes that a server or this client answers with, and their HTTP status."""
