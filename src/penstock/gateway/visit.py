"""One request on its way through the entry: what is known of it so far."""

import time
from dataclasses import dataclass

import structlog

from penstock.errors import AccessRefused
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
        action = NO_ROUTE if self.route is None else f"{self.route.method} {self.route.path}"
        return Trail(journal, self.arrival, self.subject.email if self.subject else "", action)

    def note(self, refusal: AccessRefused, journal: Journal) -> None:
        """Write down that the request was refused, and log it where a login failed."""
        self.trail(journal).refuse(refusal.target, refusal.status)
        if refusal.target.startswith("account:"):
            log.warning(
                "login failed",
                account=refusal.target.removeprefix("account:"),
                address=self.arrival.address,
                status=refusal.status,
                request_id=self.arrival.request_id,
            )
