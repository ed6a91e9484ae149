"""Deployments: every one that there was."""

import sqlalchemy as sa

from penstock.gateway.db.migrations.steps import create_index, create_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create_table(
        "deployments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("serve_name", sa.String(63), nullable=False),
        sa.Column("env", sa.String(63), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column(
            "owner_id",
            sa.Integer,
            sa.ForeignKey("users.id", name="fk_deployments_owner_id_users", ondelete="SET NULL"),
            nullable=True,
        ),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("model_uri", sa.Text, nullable=False),
        sa.Column("resolved_uri", sa.Text, nullable=False),
        sa.Column("run_id", sa.String(64), nullable=True),
        sa.Column("cores", sa.Integer, nullable=False),
        sa.Column("memory", sa.Integer, nullable=False),
        sa.Column("node_capacity", sa.String(16), nullable=False),
        sa.Column("min_replicas", sa.Integer, nullable=False),
        sa.Column("max_replicas", sa.Integer, nullable=False),
        sa.Column("restores", sa.Integer, nullable=True),
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("service_url", sa.String(255), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=True),
    )
    create_index("ix_deployments_owner_id", "deployments", ["owner_id"])
    create_index("ix_deployments_serve_name_env", "deployments", ["serve_name", "env"])
