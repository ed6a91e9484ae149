"""Deploys, and keeps what runs and what is written down in step. Blocking: for worker threads."""

import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from penstock.deployments.commands import Listening
from penstock.deployments.spec import DeploymentSpec, Target
from penstock.deployments.supervision.job_state import JobState, Phase
from penstock.deployments.targets.local import LocalTarget
from penstock.errors import PenstockError
from penstock.gateway.db.deployments import Deployment, Owner, Status
from penstock.gateway.deployments.register import Register, now
from penstock.gateway.mlflow_link import MlflowLink
from penstock.gateway.permissions.subject import Subject

if TYPE_CHECKING:
    from penstock.deployments.resolve import ResolvedModel

NEVER_STARTED = "the gateway ended before it was started; deploy the model again"
FOLDER_GONE = "the folder of its service is gone; deploy the model again"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be deployed, where, and for whom. `restores` is what a rollback goes back to."""

    spec: DeploymentSpec
    target: Target
    ignores_requirements: bool = False
    restores: int | None = None


class Desk:
    """Starts a service beside the one that runs, and ends that one when the new one is ready.

    All raise DatabaseUnavailable and SupervisionError.
    """

    def __init__(self, register: Register, services: LocalTarget, mlflow: MlflowLink) -> None:
        self.register = register
        self.services = services
        self._mlflow = mlflow
        self._starting: set[str] = set()
        self._lock = threading.Lock()

    def deploy(self, wish: Wish, subject: Subject) -> Deployment:
        """Resolve and check the model, then start a service for it; return its deployment.

        Raises DeploymentError, UpstreamError, and RequestRefused for what MLflow does not have.
        Nothing has been started or stored then.
        """
        self.register.check_name(wish.spec.serve_name, subject)
        self.services.check(wish.target)
        model = self._resolve(wish)
        self.services.claim()
        self._catch_up(wish.spec.serve_name)
        row = Deployment(
            spec=wish.spec,
            target=wish.target,
            resolved_uri=model.uri,
            run_id=model.run_id,
            owner=Owner(subject.user_id, subject.email),
            actor=subject.email,
            place=self.services.folder.name(),
            service=secrets.token_hex(8),
            created_at=now(),
            restores=wish.restores,
        )
        with self._being_started(row.service):
            row, given_up = self.register.begin(row, subject)
            self._stop(given_up)
            return self._start(row)

    def stop(self, serve_name: str, env: str, subject: Subject) -> list[Deployment]:
        """End what runs or starts in an environment, and return it. Raises UnknownDeployment."""
        ended = self.register.stop(serve_name, env, subject)
        self._stop(ended)
        return ended

    def find_state(self, row: Deployment) -> JobState | None:
        """Return how the service of a deployment is, or None where it is not one of ours."""
        return self.services.find_state(row.service)

    def look(
        self, serve_name: str, env: str, subject: Subject
    ) -> tuple[Deployment, Deployment | None]:
        """Return the newest deployment, and the one that runs. Raises UnknownDeployment."""
        self._catch_up(serve_name)
        return self.register.newest(serve_name, env, subject)

    def history(
        self, serve_name: str, subject: Subject, *, status: Status | None, page: int, limit: int
    ) -> tuple[list[Deployment], int]:
        """Return a page of deployments, and how many there are. Raises UnknownDeployment."""
        self._catch_up(serve_name)
        return self.register.history(serve_name, subject, status=status, page=page, limit=limit)

    def settle(self) -> bool:
        """Write down what has become of services; return whether one is still starting."""
        if not self.services.tend():
            return False
        # First: each service that is listed has been written down before.
        running = self.services.list_services()
        rows = self.register.live_at(self.services.folder.name())
        known = {row.service for row in rows}
        for service in running:
            if service not in known:
                self.services.stop(service)
        for row in rows:
            self._settle(row)
        return any(row.status is Status.STARTING for row in rows)

    def _catch_up(self, serve_name: str) -> None:
        """Write down what has become of services of a name, where they are ours."""
        if not self.services.folder.is_claimed:
            return
        for row in self.register.live_at(self.services.folder.name()):
            if row.spec.serve_name == serve_name:
                self._settle(row)

    def _settle(self, row: Deployment) -> None:
        with self._lock:
            if row.service in self._starting:
                return
        state = self.find_state(row)
        if state is None:
            is_new = row.status is Status.STARTING
            self.register.fail(row, NEVER_STARTED if is_new else FOLDER_GONE)
        elif state.phase is Phase.FAILED:
            self.register.fail(row, state.reason)
            self.services.stop(row.service)
        elif state.phase is Phase.RUNNING and row.status is Status.STARTING:
            self._stop(self.register.promote(row))

    def _resolve(self, wish: Wish) -> "ResolvedModel":
        from penstock.deployments.resolve import resolve_model  # noqa: PLC0415 - with the client

        with self._mlflow.asking() as client:
            model = resolve_model(client, wish.spec.model_uri)
        if not wish.ignores_requirements:
            model.check_installed()
        return model

    def _start(self, row: Deployment) -> Deployment:
        spec = replace(row.spec, model_uri=row.resolved_uri)
        try:
            listening = self.services.start(row.service, spec, row.target)
        except PenstockError as error:
            self.register.fail(row, str(error))
            raise
        return self.register.located(row, _url(listening))

    def _stop(self, rows: Iterable[Deployment]) -> None:
        for row in rows:
            self.services.stop(row.service)

    @contextmanager
    def _being_started(self, service: str) -> Iterator[None]:
        with self._lock:
            self._starting.add(service)
        try:
            yield
        finally:
            with self._lock:
                self._starting.discard(service)


def _url(listening: Listening) -> str:
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    return f"http://{host}:{listening.port}"
