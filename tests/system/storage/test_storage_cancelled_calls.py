"""A call that is cut off at any moment leaves no transaction behind on the connection that the next call gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from services.storage.db import Database
from stack.servers import Servers

pytestmark = pytest.mark.system

TURNS = 12
"""More turns of the loop than a read-only transaction takes."""


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    """A pool that hands the same few connections out again and again, and a table to write to."""
    made = Database(servers.postgres_dsn, size=2)
    await made.fetch("CREATE TABLE IF NOT EXISTS cut_off (n int)")
    yield made
    await made.fetch("DROP TABLE cut_off")
    await made.close()


async def read(database: Database) -> None:
    async with database.connection() as pg, pg.transaction(isolation="repeatable_read", readonly=True):
        await pg.fetch("SELECT n FROM cut_off")


async def write(database: Database) -> None:
    async with database.transaction() as pg:
        await pg.fetch("SELECT pg_advisory_xact_lock(7)")


async def lock(database: Database) -> None:
    async with database.connection() as pg:
        await pg.fetch("SELECT pg_advisory_lock(8)")
        await pg.fetch("SELECT pg_advisory_unlock(8)")


@pytest.mark.parametrize("work", [read, write, lock])
async def test_what_follows_a_cut_off_call_is_kept(servers: Servers, database: Database, work: object) -> None:
    assert callable(work)
    other = await asyncpg.connect(servers.postgres_dsn)
    try:
        written = 0
        for turns in range(TURNS):
            for pause in (0.0, 0.0005, 0.001):
                task = asyncio.ensure_future(work(database))
                for _ in range(turns):
                    await asyncio.sleep(0)
                await asyncio.sleep(pause)
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                await database.fetch("INSERT INTO cut_off VALUES (1)")
                await database.unit(lambda pg: pg.execute("INSERT INTO cut_off VALUES (2)"))
                written += 2
                # Told by another session: what is not committed is not there.
                assert await other.fetchval("SELECT count(*) FROM cut_off") == written, (turns, pause)
        await database.fetch("DELETE FROM cut_off")
        assert await other.fetchval("SELECT pg_try_advisory_lock(8)"), "a lock of a call that was cut off"
    finally:
        await other.close()


async def test_a_crowd_that_leaves_costs_no_connection(servers: Servers, database: Database) -> None:
    """Whoever opens and leaves calls in a rush must not make the record connect anew for each."""
    other = await asyncpg.connect(servers.postgres_dsn)
    sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'sfd-storage'"
    try:
        await asyncio.gather(*(read(database) for _ in range(2)))
        before = {row["pid"] for row in await other.fetch(sessions)}
        for _ in range(100):
            task = asyncio.ensure_future(read(database))
            await asyncio.sleep(0.001)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert before & {row["pid"] for row in await other.fetch(sessions)}
    finally:
        await other.close()


async def test_a_call_cut_off_while_the_server_stands_still_is_cut_off_all_the_same(
    servers: Servers, database: Database
) -> None:
    """A loop that is told to end must end, and not take what became of its connection for one more error to live through."""
    await database.fetch("SELECT 1")
    servers.pause("postgres")
    try:
        tasks = [asyncio.ensure_future(work(database)) for work in (read, write)]
        await asyncio.sleep(0.3)
        for task in tasks:
            task.cancel()
        told = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
    finally:
        servers.resume("postgres")
    assert [type(one) for one in told] == [asyncio.CancelledError] * 2
    assert await database.fetch("SELECT 1"), "the pool is as good as new"
