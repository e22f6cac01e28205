"""Bringing a database to the newest schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.storage.db import async_url

log = structlog.get_logger("migrations")
_LOCK = 7_342_180_001
_LOCK_NOT_AVAILABLE = "55P03"
TRIES = 12
LOCK_SECONDS = 5.0
PAUSE_SECONDS = 2.0
"""How often a migration asks for its locks, how long it waits for each, and the rest between. A table whose lock is waited for is closed
to everybody: long enough for a short transaction to end, too short for users to notice."""


def config() -> Config:
    """Returns Alembic's configuration; there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent))
    return found


async def migrate(url: str) -> None:
    """Upgrades to the newest revision; several processes may do so at once, one of them works.

    Nothing is waited for while others wait behind it: a lock that somebody holds for longer than `LOCK_SECONDS` is asked for again later.
    Raises `sqlalchemy.exc.DBAPIError` when it is not to be had in `TRIES` tries; nothing has changed then.
    """
    engine = create_async_engine(async_url(url), poolclass=NullPool)

    def upgrade(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Only now: to wait for another migration harms nobody.
        connection.execute(text(f"SET LOCAL lock_timeout = {round(LOCK_SECONDS * 1000)}"))
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")

    try:
        for left in reversed(range(TRIES)):
            try:
                async with engine.begin() as connection:
                    await connection.run_sync(upgrade)
                return
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE or not left:
                    raise
                log.warning("migration_waits", tries_left=left)
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await engine.dispose()
