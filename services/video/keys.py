"""Users' vendor keys in this process: sealed before they are stored, opened for seconds when a call needs one, never logged."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import grpc

from kit.context import Role, acting_as
from kit.errors import NotReady, Unavailable
from kit.vault.envelope import CannotOpen, Place, open_sealed
from kit.vault.master import MasterKeys, unwrap
from kit.vault.secrets import Secrets, stored_key
from sfd.vault.v1 import key_pb2, key_service_pb2, key_service_pb2_grpc, vault_service_pb2_grpc

PURPOSE = "vendor-key"
KEPT_SECONDS = 5.0
"""How long an opened key is kept: a revoked one is not used any longer than that."""
_KEPT = 256
_RPC_SECONDS = 10.0


def thing_of(vendor: str, key_id: str) -> str:
    """Returns what a key's ciphertext is bound to beside account and purpose."""
    return f"{vendor}/{key_id}"


def preview_of(secret: str) -> str:
    """Returns `...` and the last four characters of a key; of a short or unusual key nothing is shown."""
    tail = secret[-4:]
    return f"...{tail}" if len(secret) >= 16 and tail.isascii() and tail.isprintable() and " " not in tail else "..."


class KeyRing:
    """Keys of all accounts, each opened for its own. Without a master key there are none. `clock` tells seconds."""

    def __init__(
        self, storage: grpc.aio.Channel, masters: MasterKeys | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._keys = key_service_pb2_grpc.KeyServiceStub(storage)
        self._masters = masters
        self._secrets = Secrets(masters, vault_service_pb2_grpc.VaultServiceStub(storage), PURPOSE) if masters else None
        self._open: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    def __repr__(self) -> str:
        return "KeyRing()"

    async def seal(self, account_id: str, vendor: str, key_id: str, secret: str) -> bytes:
        """Returns the ciphertext of a key; raises `Unavailable` (`keys_off`) and `NotReady` (`master_key_mismatch`)."""
        if self._secrets is None:
            raise keys_off()
        try:
            return await self._secrets.seal(account_id, thing_of(vendor, key_id), secret.encode())
        except CannotOpen:
            raise _mismatch() from None

    async def open(self, account_id: str, key_id: str) -> str:
        """Returns a key in clear, opened at most five seconds ago.

        Raises `NotFound` for one that is revoked or another account's, `Unavailable` (`keys_off`), `NotReady` (`master_key_mismatch`).
        """
        if self._masters is None:
            raise keys_off()
        place, now = (account_id, key_id), self._clock()
        self._forget(now)
        if place in self._open:
            return self._open[place][1]
        with acting_as(account_id, Role.WORKER):
            reply = await self._keys.OpenKey(key_service_pb2.OpenKeyRequest(id=key_id), timeout=_RPC_SECONDS)
        try:
            data_key = await unwrap(self._masters, stored_key(reply.data_key, account_id))
            bound = Place(account_id, PURPOSE, thing_of(reply.key.vendor, reply.key.id))
            secret = open_sealed(data_key, bound, reply.ciphertext).decode()
        except (CannotOpen, ValueError):
            raise _mismatch() from None
        self._open[place] = (now, secret)
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return secret

    async def living(self, account_id: str) -> list[tuple[str, str]]:
        """Returns (key id, vendor) of the account's active keys: of each vendor the newest one."""
        with acting_as(account_id, Role.ACCOUNT):
            reply = await self._keys.ListKeys(key_service_pb2.ListKeysRequest(), timeout=_RPC_SECONDS)
        newest: dict[str, str] = {}
        for key in reply.keys:
            if key.status == key_pb2.KEY_STATUS_ACTIVE:
                newest.setdefault(key.vendor, key.id)
        return [(key_id, vendor) for vendor, key_id in newest.items()]

    def _forget(self, now: float) -> None:
        while self._open:
            place, (since, _) = next(iter(self._open.items()))
            if now - since < KEPT_SECONDS:
                return
            del self._open[place]


def keys_off() -> Unavailable:
    """Returns the error of a house without a master key."""
    return Unavailable(
        "Users' keys need a master key: set ENCRYPTION_KEY or SFD_MASTER_KEY_FILE.",
        reason="keys_off",
        field="ENCRYPTION_KEY",
        retryable=False,
    )


def _mismatch() -> NotReady:
    return NotReady(
        "The key was sealed with another master key than ENCRYPTION_KEY or SFD_MASTER_KEY_FILE has.",
        reason="master_key_mismatch",
        field="ENCRYPTION_KEY",
    )
