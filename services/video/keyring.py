"""Which vendors an account can use, and with which key: its own keys first, the operator's where it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kit.errors import SfdError
from kit.jobs.handler import JobFailed

OPERATOR_KEY = "env:video"
"""The id of the operator's own key of a vendor, from the environment."""
LOCAL = "local"


class KeyRing(Protocol):
    """Keys of accounts."""

    async def open(self, account_id: str, key_id: str) -> str:
        """Returns the secret; raises a domain error for a key that is gone or refused."""

    async def living(self, account_id: str) -> Sequence[tuple[str, str]]:
        """Returns (key id, vendor) of every key that works as far as is known, the one to be used first in front."""


class Keys:
    """Keys of accounts over the operator's. `operator` maps a vendor to its key; vendors without one are left out."""

    def __init__(self, operator: Mapping[str, str], ring: KeyRing | None = None) -> None:
        self._operator = {vendor: key for vendor, key in operator.items() if key}
        self._ring = ring

    async def living(self, account_id: str) -> dict[str, str]:
        """Returns the key id to use of every vendor that the account can use; the local film maker needs none."""
        found = {LOCAL: ""} | dict.fromkeys(self._operator, OPERATOR_KEY)
        own: dict[str, str] = {}
        for key_id, vendor in await self._ring.living(account_id) if self._ring else ():
            own.setdefault(vendor, key_id)
        return found | own

    async def open(self, account_id: str, vendor: str, key_id: str) -> str:
        """Returns the secret of a key; raises `JobFailed` when there is none any more, retryable while it cannot be asked for."""
        if key_id == OPERATOR_KEY:
            if vendor not in self._operator:
                raise JobFailed(f"The operator has no key of {vendor} any more.", reason="vendor_not_set_up")
            return self._operator[vendor]
        if self._ring is None:
            raise JobFailed("The key is not there any more.", reason="key_gone")
        try:
            return await self._ring.open(account_id, key_id)
        except SfdError as error:
            raise JobFailed(error.message, reason=error.reason, retryable=error.retryable) from error
