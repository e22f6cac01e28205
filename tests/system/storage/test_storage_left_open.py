"""A transaction that a cancelled call has left open is nobody else's: its connection does not go back to the pool."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from services.storage.db import Database
from stack.servers import Servers

pytestmark = pytest.mark.system


async def test_a_connection_with_an_open_transaction_is_not_given_on(servers: Servers) -> None:
    database = Database(servers.postgres_dsn, size=1)
    try:
        for begin in ("BEGIN READ ONLY", "BEGIN"):
            async with database.connection() as pg:
                first = await pg.fetchval("SELECT pg_backend_pid()")
                await pg.execute(begin)
            async with database.connection() as pg:
                assert not pg.is_in_transaction()
                assert await pg.fetchval("SELECT pg_backend_pid()") != first
                kept = await pg.fetchval("SELECT pg_backend_pid()")
            async with database.connection() as pg:
                assert await pg.fetchval("SELECT pg_backend_pid()") == kept, "one that is clean goes back"
    finally:
        await database.close()


async def test_calls_that_are_cancelled_at_any_moment_leave_nothing_open(servers: Servers) -> None:
    database = Database(servers.postgres_dsn, size=2)

    async def read(number: int) -> None:
        async with database.connection() as pg, pg.transaction(isolation="repeatable_read", readonly=True):
            await pg.fetchval("SELECT $1::int, pg_sleep(0.01)", number)

    try:
        for number in range(40):
            task = asyncio.create_task(read(number))
            await asyncio.sleep(0.0007 * number)
            # As a deadline and a client that goes away come together.
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            async with database.connection() as pg:
                assert not pg.is_in_transaction()
                assert await pg.fetchval("SHOW transaction_read_only") == "off"
    finally:
        await database.close()
