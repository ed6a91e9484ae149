"""The tables, as the newest migration leaves them.

Ids of what people know by them are never used again: servers count on, and SQLite does where it is
told to.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.sql import false, func

from penstock.gateway.db.moment import Moment

REVISION: Final = "0007"
"""The newest migration: a database of this revision has these tables."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(255), nullable=False),
    Column("email_key", String(255), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=True),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment(is_precise=False), nullable=False, server_default=func.now()),
    sqlite_autoincrement=True,
)
"""`email_key` is the name as it is compared: normalised and without case."""

groups = Table(
    "groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", String(255), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

memberships = Table(
    "memberships",
    metadata,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("source", String(255), nullable=False),
)
"""`source` is the OIDC provider that said so; empty for a membership that an administrator made."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scope", String(16), nullable=False),
    Column("created_at", Moment(is_precise=False), nullable=False, server_default=func.now()),
    Column("expires_at", Moment(), nullable=True),
    sqlite_autoincrement=True,
)
"""Tokens are random, so an unkeyed SHA-256 of one is as good as the token is long."""

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment(is_precise=False), nullable=False, server_default=func.now()),
    Column("expires_at", Moment(), nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", Moment(), nullable=False),
)
"""One-time links to set a password."""

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
)
"""Who a user is at an OIDC provider."""

grants = Table(
    "grants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("kind", String(32), nullable=False),
    Column("pattern", String(512), nullable=False),
    Column("resource_id", String(64), nullable=True),
    Column("level", Integer, nullable=False),
    Column("created_at", Moment(is_precise=False), nullable=False, server_default=func.now()),
    Index("ix_grants_kind_pattern", "kind", "pattern"),
    sqlite_autoincrement=True,
)
"""Either a user's or a group's. `resource_id` is the experiment that an exact name is bound to."""

policy = Table(
    "policy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""A row for each part; its version grows with each change of it."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment(), nullable=False, index=True),
    Column("actor", String(255), nullable=False, index=True),
    Column("action", String(128), nullable=False),
    Column("target", String(512), nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("result", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("count", Integer, nullable=False, server_default="1"),
)
"""`result` is `unknown` from the intent until the answer. Counted calls share a row a minute."""

rollout_plans = Table(
    "rollout_plans",
    metadata,
    Column("experiment_id", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("submodel", String(512), nullable=False),
    Column("version", String(64), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String(16), nullable=False),
)
"""Every revision of every plan; its primary key lets one writer alone make the next one.

`key` is that of the scope, `at` in milliseconds since 1970, `document` what the experiment's tag
holds.
"""

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("email", String(255), nullable=False),
    Column("at", Moment(), nullable=False),
    Column("due", Moment(), nullable=False, index=True),
    Column("change", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What MLflow was asked to change, until the grants have followed. It outlives who asked."""

deployments = Table(
    "deployments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("serve_name", String(63), nullable=False),
    Column("env", String(63), nullable=False),
    Column("target", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner_id", ForeignKey("users.id", ondelete="SET NULL"), nullable=True, index=True),
    Column("owner", String(255), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("model_uri", Text, nullable=False),
    Column("resolved_uri", Text, nullable=False),
    Column("run_id", String(64), nullable=True),
    Column("cores", Integer, nullable=False),
    Column("memory", Integer, nullable=False),
    Column("node_capacity", String(16), nullable=False),
    Column("min_replicas", Integer, nullable=False),
    Column("max_replicas", Integer, nullable=False),
    Column("restores", Integer, nullable=True),
    Column("place", String(32), nullable=False),
    Column("service", String(32), nullable=False),
    Column("service_url", String(255), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Index("ix_deployments_serve_name_env", "serve_name", "env"),
)
"""Every deployment there was. `owner` has the name, and keeps it when others deploy under it.

`restores` is the deployment that a rollback goes back to; `place` the folder of services that the
`service` of a deployment runs in. Moments are in milliseconds since 1970.
"""

settings = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What the gateway made for itself, such as its secret key."""
