"""How a gateway process gets its part in webhooks: the keys, the guarded client, the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from kit.egress.client import Egress
from kit.egress.rules import Rules
from kit.vault.master import load_master_keys
from kit.vault.secrets import Secrets
from services.gateway.backends import Backends
from services.gateway.config import GatewaySettings
from services.gateway.wakeups import Wakeups
from services.gateway.webhooks.sender import Sender
from services.gateway.webhooks.worker import Deliverer, delivering

log = structlog.get_logger("gateway")
PURPOSE = "webhook"


@dataclass(frozen=True)
class Webhooks:
    """What the routes use: None instead of secrets when the house has no master key."""

    secrets: Secrets | None
    rules: Rules


@asynccontextmanager
async def open_webhooks(settings: GatewaySettings, stubs: Backends, wakeups: Wakeups) -> AsyncIterator[Webhooks]:
    """Yields what the routes use while the worker runs; without a master key, or with no slots, there is no worker.

    Raises ValueError or OSError for a master key file that cannot be used.
    """
    rules = Rules(allowed=settings.allowed)
    file = Path(settings.master_key_file) if settings.master_key_file else None
    masters = await load_master_keys(settings.encryption_key.get_secret_value(), file)
    if masters is None:
        log.info("webhooks_off", message="No master key is set: ENCRYPTION_KEY or SFD_MASTER_KEY_FILE.")
        yield Webhooks(None, rules)
        return
    secrets = Secrets(masters, stubs.vault, PURPOSE)
    async with AsyncExitStack() as stack:
        deliverer = None
        if settings.webhook_slots:
            egress = await stack.enter_async_context(Egress(rules, connections=settings.webhook_slots))
            sender = Sender(secrets, egress, settings.webhook_seconds)
            deliverer = Deliverer(stubs.webhooks, sender, wakeups, settings.webhook_slots, settings.webhook_seconds)
        await stack.enter_async_context(delivering(deliverer))
        yield Webhooks(secrets, rules)
