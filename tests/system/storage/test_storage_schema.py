"""The migrated schema is the one the tables describe, and a database can be migrated twice and by many."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from kit.testing.house import House, migrate
from services.storage.db import async_url
from services.storage.tables import metadata
from stack.servers import Servers

pytestmark = pytest.mark.system


async def test_migrations_and_tables_agree(storage_house: House, servers: Servers) -> None:
    engine = create_async_engine(async_url(servers.postgres_dsn))

    def compare(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    await engine.dispose()


async def test_migrating_again_and_at_once_changes_nothing(storage_house: House) -> None:
    await asyncio.gather(migrate(storage_house.env), migrate(storage_house.env))
