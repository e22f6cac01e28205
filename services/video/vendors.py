"""Film vendors of this process: opened with a key when a job needs them, kept a while, closed when they idle."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from kit.jobs.handler import JobFailed
from kit.providers.base import Adapter
from services.video.keyring import Keys

OpenFilmer: TypeAlias = Callable[[Mapping[str, str], str, float], Any]
"""`open_filmer` of an adapter's module: (key parts, base URL, seconds a submit may take) -> adapter."""
_KEPT = 64


@dataclass(frozen=True)
class Vendor:
    """How a vendor is opened: `load` imports the adapter when the first job asks for it, SDKs cost tens of MiB."""

    load: Callable[[], OpenFilmer]
    base_url: str = ""


@dataclass
class _Open:
    adapter: Adapter
    users: int = 0


class Filmers:
    """Adapters by vendor and key. `seconds` bounds a submit."""

    def __init__(self, vendors: Mapping[str, Vendor], keys: Keys, seconds: float) -> None:
        self._vendors = vendors
        self._keys = keys
        self._seconds = seconds
        self._open: OrderedDict[tuple[str, str], _Open] = OrderedDict()

    @asynccontextmanager
    async def filmer(self, account_id: str, vendor: str, key_id: str) -> AsyncIterator[Adapter]:
        """Yields the adapter for a key of an account; raises `JobFailed` for a vendor or a key that is not there."""
        if vendor not in self._vendors:
            raise JobFailed(f"There is no film maker {vendor!r}.", reason="unknown_vendor")
        secret = await self._keys.open(account_id, vendor, key_id)
        # By the secret itself: a key that was replaced under its id is another one.
        found = self._open.get((vendor, secret))
        if found is None:
            about = self._vendors[vendor]
            open_filmer = await asyncio.to_thread(about.load)
            # Somebody else may have opened it while the module was read.
            found = self._open.get((vendor, secret)) or _Open(
                open_filmer({"api_key": secret}, about.base_url, self._seconds)
            )
            self._open[vendor, secret] = found
        self._open.move_to_end((vendor, secret))
        found.users += 1
        try:
            yield found.adapter
        finally:
            found.users -= 1
            await self._trim()

    async def key(self, account_id: str, vendor: str) -> str:
        """Returns the id of the key that an account uses for a vendor; raises `JobFailed` when there is none."""
        found = (await self._keys.living(account_id)).get(vendor)
        if found is None:
            raise JobFailed(f"No active API key found for provider: {vendor}", reason="no_active_key")
        return found

    async def close(self) -> None:
        """Closes them all."""
        while self._open:
            await _close(self._open.popitem()[1].adapter)

    async def _trim(self) -> None:
        idle = [name for name, one in self._open.items() if not one.users]
        for name in idle[: max(0, len(self._open) - _KEPT)]:
            await _close(self._open.pop(name).adapter)


async def _close(adapter: Adapter) -> None:
    close: Callable[[], Awaitable[None]] | None = getattr(adapter, "close", None)
    if close is not None:
        await close()
