"""A version of the sessions, so that the end of one is known to every gateway."""

import sqlalchemy as sa

from penstock.gateway.db.migrations.steps import drop_column, insert_row

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give the sessions a row of the policy; what protects their forms follows from their ids."""
    policy = sa.table("policy", sa.column("id", sa.Integer), sa.column("version", sa.BigInteger))
    insert_row(policy, {"id": 3, "version": 1})
    drop_column("sessions", "csrf_token")
