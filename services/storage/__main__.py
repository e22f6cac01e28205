"""`python -m services.storage [serve | migrate]`."""

from __future__ import annotations

import argparse
import asyncio

import uvloop

from kit.config import load
from kit.log import configure_logging
from services.storage.config import StorageSettings


def main() -> None:
    """Runs the server, or brings the database to the newest schema."""
    parser = argparse.ArgumentParser(prog="services.storage", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("serve", "migrate"), default="serve")
    parser.add_argument("--role", choices=("serve", "work", "both"), default="both", help="storage only serves")
    arguments = parser.parse_args()
    settings = load(StorageSettings)
    configure_logging("storage", settings.log_level)
    if arguments.command == "migrate":
        from services.storage.migrations.run import migrate

        asyncio.run(migrate(settings.database_url.get_secret_value()))
        return
    from services.storage.server import run

    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
