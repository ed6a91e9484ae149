"""Ids of users, groups, tokens and grants are never used again."""

from penstock.gateway.db.migrations.steps import count_on

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the ids of what can be deleted and made again count on."""
    for table in ("users", "groups", "tokens", "grants"):
        count_on(table)
