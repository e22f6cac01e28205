"""A migration that does not get its lock stands aside: whoever came after it is not kept waiting, and it comes again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from services.storage.db import async_url
from services.storage.migrations import run
from stack.servers import Servers

pytestmark = pytest.mark.system

BEFORE = "0007"
LOCKED = "dramas"


@pytest.fixture
async def old(servers: Servers) -> AsyncIterator[str]:
    """The URL of a database of its own, a migration behind."""
    name = f"locks_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(servers.postgres_dsn)
    await admin.execute(f"CREATE DATABASE {name}")
    url = servers.postgres_dsn.rpartition("/")[0] + f"/{name}"
    engine = create_async_engine(async_url(url))

    def upgrade(connection: Connection) -> None:
        settings = run.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, BEFORE)

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()
    yield url
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def version(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    finally:
        await connection.close()


async def test_a_lock_that_is_not_to_be_had(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOCK_SECONDS", 0.3)
    monkeypatch.setattr(run, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(run, "TRIES", 2)
    busy, later = await asyncpg.connect(old), await asyncpg.connect(old)
    try:
        async with busy.transaction():
            await busy.execute(f"LOCK TABLE {LOCKED} IN ROW EXCLUSIVE MODE")
            with pytest.raises(DBAPIError) as caught:
                await run.migrate(old)
            assert "lock timeout" in str(caught.value)
            # Nobody stands behind a migration that has gone.
            await asyncio.wait_for(later.execute(f"UPDATE {LOCKED} SET title = 'x' WHERE false"), 30)
        assert await version(old) == BEFORE
    finally:
        await busy.close()
        await later.close()


async def test_it_comes_again(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOCK_SECONDS", 0.3)
    monkeypatch.setattr(run, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(run, "TRIES", 1000)
    busy = await asyncpg.connect(old)
    held = busy.transaction()
    await held.start()
    await busy.execute(f"LOCK TABLE {LOCKED} IN ROW EXCLUSIVE MODE")
    migrating = asyncio.create_task(run.migrate(old))
    await asyncio.sleep(1)
    assert not migrating.done()
    await held.rollback()
    await asyncio.wait_for(migrating, 60)
    await busy.close()
    assert await version(old) > BEFORE
