"""A version of the sessions, so that the end of one is known to every gateway."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give the sessions a row of the policy; what protects their forms follows from their ids."""
    policy = sa.table("policy", sa.column("id", sa.Integer), sa.column("version", sa.BigInteger))
    op.bulk_insert(policy, [{"id": 3, "version": 1}])
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("csrf_token")
