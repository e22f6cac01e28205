"""Alembic's entry: the connection comes from `run.py`."""

from __future__ import annotations

from alembic import context

from services.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
