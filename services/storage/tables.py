"""Every aggregate's tables in one catalogue: for migrations and for the test that compares it with the database."""

from services.storage.accounts.tables import accounts
from services.storage.assets.library_tables import library_assets
from services.storage.assets.tables import assets
from services.storage.dramas.tables import dramas
from services.storage.jobs.tables import jobs
from services.storage.schema import metadata
from services.storage.usage.tables import usage_entries
from services.storage.vault.tables import vault_keys
from services.storage.webhooks.tables import webhook_endpoints

__all__ = [
    "accounts",
    "assets",
    "dramas",
    "jobs",
    "library_assets",
    "metadata",
    "usage_entries",
    "vault_keys",
    "webhook_endpoints",
]
