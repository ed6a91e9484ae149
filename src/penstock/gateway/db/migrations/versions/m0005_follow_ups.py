"""What MLflow was asked to change, until the grants have followed."""

import sqlalchemy as sa

from penstock.gateway.db.migrations.steps import create_index, create_table
from penstock.gateway.db.moment import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create_table(
        "follow_ups",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
    )
    create_index("ix_follow_ups_due", "follow_ups", ["due"])
