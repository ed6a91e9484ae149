"""Rows of the table `deployments`. Never commits: the caller's transaction does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from penstock.deployments.spec import DeploymentSpec, NodeCapacity, Target
from penstock.gateway.db.tables import deployments
from penstock.gateway.permissions.subject import UserId


class Status(StrEnum):
    """What has become of a deployment; the last three are for good."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    REPLACED = "REPLACED"
    STOPPED = "STOPPED"


LIVE: Final = (Status.STARTING, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has a name; without an id it is an account that has been deleted."""

    user_id: UserId | None
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment; an id of 0 is one that has not been stored. Moments in milliseconds."""

    id: int = 0
    spec: DeploymentSpec
    target: Target
    resolved_uri: str
    run_id: str | None
    owner: Owner
    actor: str
    place: str
    service: str
    created_at: int
    status: Status = Status.STARTING
    reason: str = ""
    restores: int | None = None
    service_url: str = ""
    ended_at: int | None = None


def add_deployment(connection: Connection, row: Deployment) -> int:
    """Insert a row and return its id."""
    spec = row.spec
    values = {
        "serve_name": spec.serve_name,
        "env": spec.env,
        "target": row.target.value,
        "status": row.status.value,
        "reason": row.reason,
        "owner_id": row.owner.user_id,
        "owner": row.owner.email,
        "actor": row.actor,
        "model_uri": spec.model_uri,
        "resolved_uri": row.resolved_uri,
        "run_id": row.run_id,
        "cores": spec.cores,
        "memory": spec.memory,
        "node_capacity": spec.node_capacity.value,
        "min_replicas": spec.min_replicas,
        "max_replicas": spec.max_replicas,
        "restores": row.restores,
        "place": row.place,
        "service": row.service,
        "service_url": row.service_url,
        "created_at": row.created_at,
    }
    made = connection.execute(insert(deployments).values(values)).inserted_primary_key
    return int(made[0]) if made else 0


def end_deployment(
    connection: Connection, row: Deployment, status: Status, *, at: int, reason: str = ""
) -> bool:
    """Let a live row have an end; tell whether it was live."""
    values = {"status": status.value, "reason": reason, "ended_at": at}
    return _change(connection, row, values, after=LIVE)


def mark_running(connection: Connection, row: Deployment) -> bool:
    """Let a row that is starting run; tell whether it was starting."""
    values = {"status": Status.RUNNING.value}
    return _change(connection, row, values, after=[Status.STARTING])


def set_url(connection: Connection, row: Deployment, url: str) -> None:
    """Note where a service listens."""
    _change(connection, row, {"service_url": url}, after=Status)


def find_owner(connection: Connection, serve_name: str) -> Owner | None:
    """Return who has a name, or None where nobody has deployed under it."""
    found = _find(connection, deployments.c.serve_name == serve_name)
    return None if found is None else found.owner


def find_deployment(connection: Connection, serve_name: str, row_id: int) -> Deployment | None:
    """Return one deployment of a name."""
    condition = and_(deployments.c.serve_name == serve_name, deployments.c.id == row_id)
    return _find(connection, condition)


def find_newest(connection: Connection, serve_name: str, env: str) -> Deployment | None:
    """Return the newest deployment in an environment."""
    return _find(connection, _is_in(serve_name, env))


def list_live(connection: Connection, serve_name: str, env: str) -> list[Deployment]:
    """Return what runs or starts in an environment, the newest first."""
    return _list(connection, and_(_is_in(serve_name, env), _has(LIVE)))


def list_live_at(connection: Connection, place: str) -> list[Deployment]:
    """Return what runs or starts in a place, the newest first."""
    return _list(connection, and_(deployments.c.place == place, _has(LIVE)))


def read_page(
    connection: Connection, serve_name: str, *, status: Status | None, offset: int, limit: int
) -> tuple[list[Deployment], int]:
    """Return deployments of a name, the newest first, and how many there are."""
    condition: ColumnElement[bool] = deployments.c.serve_name == serve_name
    if status is not None:
        condition = and_(condition, _has([status]))
    count = connection.execute(select(func.count()).select_from(deployments).where(condition))
    return _list(connection, condition, offset=offset, limit=limit), int(count.scalar_one())


def _change(
    connection: Connection, row: Deployment, values: Mapping[str, Any], *, after: Iterable[Status]
) -> bool:
    changed = update(deployments).where(deployments.c.id == row.id, _has(after)).values(values)
    return connection.execute(changed).rowcount > 0


def _is_in(serve_name: str, env: str) -> ColumnElement[bool]:
    return and_(deployments.c.serve_name == serve_name, deployments.c.env == env)


def _has(statuses: Iterable[Status]) -> ColumnElement[bool]:
    return deployments.c.status.in_([status.value for status in statuses])


def _find(connection: Connection, condition: ColumnElement[bool]) -> Deployment | None:
    return next(iter(_list(connection, condition, limit=1)), None)


def _list(
    connection: Connection, condition: ColumnElement[bool], *, offset: int = 0, limit: int = 1000
) -> list[Deployment]:
    found = select(deployments).where(condition).order_by(deployments.c.id.desc())
    return [_row(one) for one in connection.execute(found.offset(offset).limit(limit))]


def _row(row: Row[Any]) -> Deployment:
    spec = DeploymentSpec(
        serve_name=row.serve_name,
        model_uri=row.model_uri,
        env=row.env,
        cores=row.cores,
        memory=row.memory,
        node_capacity=NodeCapacity(row.node_capacity),
        min_replicas=row.min_replicas,
        max_replicas=row.max_replicas,
    )
    return Deployment(
        id=row.id,
        spec=spec,
        target=Target(row.target),
        resolved_uri=row.resolved_uri,
        run_id=row.run_id,
        owner=Owner(row.owner_id, row.owner),
        actor=row.actor,
        place=row.place,
        service=row.service,
        created_at=row.created_at,
        status=Status(row.status),
        reason=row.reason,
        restores=row.restores,
        service_url=row.service_url,
        ended_at=row.ended_at,
    )
