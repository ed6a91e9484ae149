"""Alembic's entry: runs the migrations on the connection that `migrate` hands over."""

from alembic import context

from penstock.gateway.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    # The caller's transaction holds all migrations and the version row together.
    transaction_per_migration=False,
)
context.run_migrations()
