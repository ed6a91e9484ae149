"""One request on its way through the entry: what is known of it so far."""

import time
from dataclasses import dataclass
from http import HTTPStatus

import structlog

from penstock.errors import AccessRefused, PenstockError, RequestRefused
from penstock.gateway.answers import as_refusal
from penstock.gateway.arrival import Arrival
from penstock.gateway.audit.journal import Journal
from penstock.gateway.audit.trail import Trail
from penstock.gateway.metrics import Metrics
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.route import Route

log = structlog.get_logger()

NO_ROUTE = "(no route)"


@dataclass(slots=True)
class Visit:
    """Filled in as the request goes on; `subject` and `route` are None until they are known.

    `began` is a moment of `time.perf_counter`, in seconds.
    """

    arrival: Arrival
    began: float
    subject: Subject | None = None
    route: Route | None = None

    @property
    def action(self) -> str:
        """What is asked for: the row of the route table."""
        return NO_ROUTE if self.route is None else f"{self.route.method} {self.route.path}"

    def measure(self, metrics: Metrics, status: int) -> None:
        """Count the request, which has been answered."""
        seconds = time.perf_counter() - self.began
        if self.route is None:
            metrics.answered("", NO_ROUTE, status, home="", seconds=seconds)
            return
        route = self.route
        metrics.answered(
            route.method, route.path, status, home=route.home.name.lower(), seconds=seconds
        )

    def trail(self, journal: Journal) -> Trail:
        """Return where the audit of this request goes."""
        actor = self.subject.email if self.subject else ""
        return Trail(journal, self.arrival, actor, self.action)

    def refusal_of(self, error: PenstockError) -> RequestRefused:
        """Return the refusal that an error means to the caller; failures of ours are logged."""
        refusal = as_refusal(error)
        if refusal is not error and refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # By its row: paths hold names, and those of invitations a secret.
            log.warning(
                "request failed",
                action=self.action,
                reason=str(error),
                request_id=self.arrival.request_id,
            )
        return refusal

    def note(self, refusal: AccessRefused, journal: Journal, metrics: Metrics) -> None:
        """Write down that the request was refused; count and log it where a login failed."""
        self.trail(journal).refuse(refusal.target, refusal.status)
        if refusal.target.startswith("account:"):
            metrics.login_failed()
            log.warning(
                "login failed",
                account=refusal.target.removeprefix("account:"),
                address=self.arrival.address,
                status=refusal.status,
                request_id=self.arrival.request_id,
            )
