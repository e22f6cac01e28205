"""Bringing a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.storage.db import async_url

_LOCK = 7_342_180_001


def config() -> Config:
    """Returns Alembic's configuration; there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent))
    return found


async def migrate(url: str) -> None:
    """Upgrades to the newest revision; several processes may do so at once, one of them works."""
    engine = create_async_engine(async_url(url), poolclass=NullPool)

    def upgrade(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")

    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
