"""Groups, tokens, sessions, invitations, identities, grants, audit."""

from datetime import datetime

import sqlalchemy as sa

from penstock.gateway.db.migrations.steps import create_index, create_table, insert_row
from penstock.gateway.db.moment import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the one row of the policy."""
    _create_subjects()
    _create_proofs()
    _create_grants()
    _create_audit()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment(), nullable=nullable)


def _created_at() -> sa.Column[datetime]:
    return sa.Column(
        "created_at", Moment(is_precise=False), nullable=False, server_default=sa.func.now()
    )


def _user(*, nullable: bool = False) -> sa.Column[int]:
    return sa.Column("user_id", sa.Integer, nullable=nullable)


def _owned_by_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )


def _owned_by_group(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["group_id"], ["groups.id"], name=f"fk_{table}_group_id_groups", ondelete="CASCADE"
    )


def _create_subjects() -> None:
    create_table(
        "groups",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_key", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("name_key", name="uq_groups_name_key"),
    )
    create_table(
        "memberships",
        sa.Column("group_id", sa.Integer, nullable=False),
        _user(),
        sa.Column("source", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "user_id", name="pk_memberships"),
        _owned_by_user("memberships"),
        _owned_by_group("memberships"),
    )
    create_table(
        "identities",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        _user(),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        _owned_by_user("identities"),
    )
    create_index("ix_identities_user_id", "identities", ["user_id"])


def _create_proofs() -> None:
    create_table(
        "tokens",
        sa.Column("id", sa.Integer, nullable=False),
        _user(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        _created_at(),
        _moment("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
        _owned_by_user("tokens"),
    )
    create_index("ix_tokens_user_id", "tokens", ["user_id"])
    create_table(
        "sessions",
        sa.Column("id_hash", sa.String(64), nullable=False),
        _user(),
        sa.Column("csrf_token", sa.String(64), nullable=False),
        _created_at(),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
        _owned_by_user("sessions"),
    )
    create_index("ix_sessions_user_id", "sessions", ["user_id"])
    create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), nullable=False),
        _user(),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitations"),
        _owned_by_user("invitations"),
    )
    create_index("ix_invitations_user_id", "invitations", ["user_id"])
    create_table(
        "settings",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )


def _create_grants() -> None:
    create_table(
        "grants",
        sa.Column("id", sa.Integer, nullable=False),
        _user(nullable=True),
        sa.Column("group_id", sa.Integer, nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("pattern", sa.String(512), nullable=False),
        sa.Column("resource_id", sa.String(64), nullable=True),
        sa.Column("level", sa.Integer, nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        _owned_by_user("grants"),
        _owned_by_group("grants"),
    )
    create_index("ix_grants_user_id", "grants", ["user_id"])
    create_index("ix_grants_group_id", "grants", ["group_id"])
    create_index("ix_grants_kind_pattern", "grants", ["kind", "pattern"])
    create_table(
        "policy",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
    )
    policy = sa.table("policy", sa.column("id", sa.Integer), sa.column("version", sa.BigInteger))
    for part in (1, 2):
        insert_row(policy, {"id": part, "version": 1})


def _create_audit() -> None:
    create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        _moment("at"),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("action", sa.String(128), nullable=False),
        sa.Column("target", sa.String(512), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("result", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    for column in ("at", "actor", "target"):
        create_index(f"ix_audit_{column}", "audit", [column])
