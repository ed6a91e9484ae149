"""The versions of the policy: they grow with each change of who may do what."""

from enum import IntEnum

from sqlalchemy import Connection, select, update

from penstock.gateway.db.tables import policy


class Part(IntEnum):
    """What has a version of its own; the value is its row."""

    GRANTS = 1
    ACCOUNTS = 2
    SESSIONS = 3


def read_versions(connection: Connection) -> dict[Part, int]:
    """Return the versions that are in force; a newer gateway may know more parts than we."""
    known = policy.c.id.in_(list(Part))
    rows = connection.execute(select(policy.c.id, policy.c.version).where(known))
    return {Part(row.id): int(row.version) for row in rows}


def bump(connection: Connection, part: Part = Part.GRANTS) -> int:
    """Let every gateway on this database know that something has changed; return the version."""
    connection.execute(
        update(policy).where(policy.c.id == part).values(version=policy.c.version + 1)
    )
    return int(connection.scalar(select(policy.c.version).where(policy.c.id == part)) or 0)
