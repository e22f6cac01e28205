"""Postgres: one pool, transactions, and one place where its moods become errors of ours.

SQLAlchemy keeps the pool and the schema; statements are text and run on asyncpg's own connection, because on the hot path the layer
between costs more than the statement. JSON documents are TEXT: they come back byte-equal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kit.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger("db")

Pg = Any
"""asyncpg's connection: it has no types of its own."""
Row = Any

T = TypeVar("T")
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    # What a server answers that has become a copy of another.
    asyncpg.ReadOnlySQLTransactionError,
    ConnectionError,
    OSError,
    PoolTimeout,
    InterfaceError,
    OperationalError,
)
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.InvalidCachedStatementError)
_CUT_OFF = (asyncio.CancelledError, GeneratorExit)
_CLEAN_SECONDS = 2.0
_BAD_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError, asyncpg.DataError)


def async_url(url: str) -> str:
    """Returns the URL with SQLAlchemy's driver name; raises ValueError for anything but Postgres."""
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(
            f"DATABASE_URL must be a postgresql:// URL, not {scheme}://: leases and quotas need real transactions"
        )
    return f"postgresql+asyncpg://{rest}"


class Database:
    """The pool."""

    def __init__(self, url: str, *, size: int = 16) -> None:
        self._engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=size,
            max_overflow=4,
            pool_timeout=5,
            pool_recycle=1800,
            connect_args={
                "timeout": 5,
                "command_timeout": 20,
                "server_settings": {
                    "application_name": "sfd-storage",
                    "jit": "off",
                    # Planning the hot statements anew costs more than running them.
                    "plan_cache_mode": "force_generic_plan",
                    # A plan made while the tables are empty must still be right when they are not: always by index.
                    "enable_seqscan": "off",
                    "enable_hashjoin": "off",
                    "enable_mergejoin": "off",
                    "synchronous_commit": "on",
                    "idle_in_transaction_session_timeout": "15000",
                },
            },
        )

    async def close(self) -> None:
        """Closes every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Pg]:
        """Yields asyncpg's connection: each statement commits by itself. Raises `Unavailable` when Postgres is away."""
        try:
            async with self._engine.connect() as connection:
                raw = await connection.get_raw_connection()
                pg = raw.driver_connection
                try:
                    yield pg
                except (*_AWAY, asyncpg.InFailedSQLTransactionError):
                    await connection.invalidate()
                    raise
                except _CUT_OFF:
                    await _clean(connection, pg)
                    raise
                else:
                    if pg is not None and pg.is_in_transaction():
                        # Whatever left it like this, nobody else gets it: the next one would work inside of it, and commit nothing.
                        raw.invalidate()
        except _BAD_TEXT as error:
            raise InvalidInput("The text has characters that cannot be stored.", reason="bad_text") from error
        except _AWAY as error:
            log.warning("database_away", error=type(error).__name__)
            raise Unavailable("The database is away. Try again.", reason="database_away") from error
        except DBAPIError as error:
            # Statements run on asyncpg's own connection, so what SQLAlchemy wraps can only be a failure to connect.
            log.warning("database_away", error=type(error.orig).__name__)
            raise Unavailable("The database is away. Try again.", reason="database_away") from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Pg]:
        """Yields a connection in a transaction that commits at the end of the block."""
        async with self.connection() as pg, pg.transaction():
            yield pg

    async def unit(self, work: Callable[[Pg], Awaitable[T]], tries: int = 5) -> T:
        """Runs `work` in a transaction; again from the start after a deadlock or a changed plan."""
        for attempt in range(tries):
            try:
                async with self.transaction() as pg:
                    return await work(pg)
            except _AGAIN:
                if attempt == tries - 1:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Runs one statement by itself and returns its rows; again after a deadlock or a changed plan."""
        for attempt in range(5):
            try:
                async with self.connection() as pg:
                    rows: Sequence[Row] = await pg.fetch(sql, *args)
                    return rows
            except _AGAIN:
                if attempt == 4:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    async def row(self, sql: str, *args: object) -> Row | None:
        """Runs one statement by itself and returns its first row, or None."""
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None


async def _clean(connection: AsyncConnection, pg: Pg) -> None:
    """Brings a connection whose call was cut off back to where it began, or gives it up.

    The server may have done what the client stopped waiting for: opened a transaction, or taken a lock of the session. The next
    caller would write into that transaction, and nothing of it would ever be committed.
    """
    clean = False
    try:
        # A second cancellation must not leave it half clean.
        clean = await asyncio.shield(asyncio.ensure_future(_reset(pg)))
    finally:
        if not clean:
            await connection.invalidate()


async def _reset(pg: Pg) -> bool:
    try:
        await pg.reset(timeout=_CLEAN_SECONDS)
    except Exception as error:
        log.info("connection_given_up", error=type(error).__name__)
        return False
    return True
