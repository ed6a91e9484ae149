"""The version of the policy: it grows with each change of who may do what."""

from sqlalchemy import Connection, select, update

from penstock.gateway.db.tables import policy


def read_version(connection: Connection) -> int:
    """Return the version that is in force."""
    return int(connection.execute(select(policy.c.version)).scalar_one())


def bump(connection: Connection) -> None:
    """Let every gateway on this database know that something has changed."""
    connection.execute(update(policy).values(version=policy.c.version + 1))
