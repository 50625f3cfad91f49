"""Run by Alembic; the caller gives the connection, and owns its transaction."""

from __future__ import annotations

from alembic import context

from registry.storage.sql.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # One transaction around all revisions; SQLite too takes DDL back.
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
