"""All deployments there were, in the gateway's database. Each method is one transaction."""

import time
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from penstock.errors import DeploymentNameTaken, UnknownDeployment
from penstock.gateway.db import deployments
from penstock.gateway.db.database import Database
from penstock.gateway.db.deployments import Deployment, Owner, Status
from penstock.gateway.permissions.subject import Subject


class Register:
    """Knows who has which name, and what runs under it. All raise DatabaseUnavailable.

    A name belongs to who deployed under it first. To others than them and administrators it is
    unknown, but for its being taken.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, row: Deployment, subject: Subject) -> tuple[Deployment, list[Deployment]]:
        """Store a deployment that starts; return it, and those that will not start any more.

        Raises DeploymentNameTaken.
        """
        spec = row.spec
        with self._database.writing() as connection:
            owner = deployments.find_owner(connection, spec.serve_name) or row.owner
            if not _may_manage(subject, owner):
                raise DeploymentNameTaken(
                    f"the name '{spec.serve_name}' is taken by somebody else; choose another"
                )
            row = replace(row, owner=owner)
            present = deployments.list_live(connection, spec.serve_name, spec.env)
            given_up = [one for one in present if one.status is Status.STARTING]
            _end(connection, given_up, Status.REPLACED)
            return replace(row, id=deployments.add_deployment(connection, row)), given_up

    def check_name(self, serve_name: str, subject: Subject) -> None:
        """Raise DeploymentNameTaken where the name is somebody else's."""
        with self._database.reading() as connection:
            owner = deployments.find_owner(connection, serve_name)
        if owner is not None and not _may_manage(subject, owner):
            raise DeploymentNameTaken(
                f"the name '{serve_name}' is taken by somebody else; choose another"
            )

    def located(self, row: Deployment, url: str) -> Deployment:
        """Note where a service will answer."""
        with self._database.writing() as connection:
            deployments.set_url(connection, row, url)
        return replace(row, service_url=url)

    def promote(self, row: Deployment) -> list[Deployment]:
        """Let a deployment run that was starting; return those that it takes the place of."""
        with self._database.writing() as connection:
            if not deployments.mark_running(connection, row):
                return []
            present = deployments.list_live(connection, row.spec.serve_name, row.spec.env)
            replaced = [one for one in present if one.id < row.id]
            return _end(connection, replaced, Status.REPLACED)

    def fail(self, row: Deployment, reason: str) -> None:
        """Note that a deployment has failed, unless it has ended already."""
        with self._database.writing() as connection:
            _end(connection, [row], Status.FAILED, reason=reason)

    def stop(self, serve_name: str, env: str, subject: Subject) -> list[Deployment]:
        """End what runs or starts in an environment, and return it. Raises UnknownDeployment."""
        with self._database.writing() as connection:
            self._check(deployments.find_owner(connection, serve_name), serve_name, subject)
            present = deployments.list_live(connection, serve_name, env)
            if not present:
                raise UnknownDeployment(f"'{serve_name}' is not deployed in '{env}'")
            return _end(connection, present, Status.STOPPED)

    def newest(
        self, serve_name: str, env: str, subject: Subject
    ) -> tuple[Deployment, Deployment | None]:
        """Return the newest deployment, and the one that runs. Raises UnknownDeployment."""
        with self._database.reading() as connection:
            self._check(deployments.find_owner(connection, serve_name), serve_name, subject)
            found = deployments.find_newest(connection, serve_name, env)
            present = deployments.list_live(connection, serve_name, env)
        if found is None:
            raise UnknownDeployment(f"'{serve_name}' has never been deployed in '{env}'")
        return found, next((one for one in present if one.status is Status.RUNNING), None)

    def get(self, serve_name: str, env: str, row_id: int, subject: Subject) -> Deployment:
        """Return one deployment in an environment. Raises UnknownDeployment."""
        with self._database.reading() as connection:
            self._check(deployments.find_owner(connection, serve_name), serve_name, subject)
            found = deployments.find_deployment(connection, serve_name, row_id)
        if found is None or found.spec.env != env:
            raise UnknownDeployment(f"'{serve_name}' has no deployment {row_id} in '{env}'")
        return found

    def history(
        self, serve_name: str, subject: Subject, *, status: Status | None, page: int, limit: int
    ) -> tuple[list[Deployment], int]:
        """Return a page of deployments, and how many there are. Raises UnknownDeployment."""
        with self._database.reading() as connection:
            self._check(deployments.find_owner(connection, serve_name), serve_name, subject)
            return deployments.read_page(
                connection, serve_name, status=status, offset=(page - 1) * limit, limit=limit
            )

    def live_at(self, place: str) -> list[Deployment]:
        """Return what runs or starts in a place."""
        with self._database.reading() as connection:
            return deployments.list_live_at(connection, place)

    @staticmethod
    def _check(owner: Owner | None, serve_name: str, subject: Subject) -> None:
        if owner is None or not _may_manage(subject, owner):
            raise UnknownDeployment(f"there is no deployment '{serve_name}' of yours")


def now() -> int:
    """Return this moment, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _may_manage(subject: Subject, owner: Owner) -> bool:
    return subject.is_admin or subject.user_id == owner.user_id


def _end(
    connection: Connection,
    rows: Iterable[Deployment],
    status: Status,
    *,
    reason: str = "",
) -> list[Deployment]:
    at = now()
    return [
        row
        for row in rows
        if deployments.end_deployment(connection, row, status, at=at, reason=reason)
    ]
