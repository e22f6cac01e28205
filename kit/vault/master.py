"""Master keys: what wraps data keys. Here they come from settings; a key management service has the same two calls."""

from __future__ import annotations

import asyncio
import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.vault.envelope import KEY_BYTES, NONCE_BYTES, CannotOpen, DataKey, bind

_SALT = b"sfd master key v1"
_MAX_VERSION = 2**31 - 1


@dataclass(frozen=True)
class Wrapped:
    """A wrapped data key as it is stored, and the version of the master key that wraps it."""

    id: uuid.UUID
    account_id: str
    version: int
    wrapped: bytes


class MasterKeys(Protocol):
    """Wraps with the newest version and unwraps with any version it has. `context` is authenticated with the key."""

    async def wrap(self, key: bytes, context: tuple[str, ...]) -> tuple[int, bytes]:
        """Returns the version used and the wrapped key."""
        ...

    async def unwrap(self, version: int, wrapped: bytes, context: tuple[str, ...]) -> bytes:
        """Returns the key; raises `CannotOpen` for an unknown version, another context or a change."""
        ...


class LocalMasterKeys:
    """Master keys in this process, by version."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"master keys of {KEY_BYTES} bytes are needed")
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys)

    def __repr__(self) -> str:
        return f"LocalMasterKeys(versions={sorted(self._keys)})"

    async def wrap(self, key: bytes, context: tuple[str, ...]) -> tuple[int, bytes]:
        """Returns the newest version and the key wrapped with it."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound(self._newest, context)
        return self._newest, nonce + self._keys[self._newest].encrypt(nonce, key, bound)

    async def unwrap(self, version: int, wrapped: bytes, context: tuple[str, ...]) -> bytes:
        """Returns the key; raises `CannotOpen`."""
        known = self._keys.get(version)
        if known is None:
            raise CannotOpen(f"there is no master key of version {version}")
        try:
            return known.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(version, context))
        except (InvalidTag, ValueError):
            raise CannotOpen(f"the master key of version {version} does not open this data key") from None


async def wrap(masters: MasterKeys, key: DataKey) -> Wrapped:
    """Returns the data key as it may be stored."""
    version, wrapped = await masters.wrap(key.key, (key.account_id, str(key.id)))
    return Wrapped(key.id, key.account_id, version, wrapped)


async def unwrap(masters: MasterKeys, stored: Wrapped) -> DataKey:
    """Returns the data key of a stored row; raises `CannotOpen` when the row is not as it was written."""
    key = await masters.unwrap(stored.version, stored.wrapped, (stored.account_id, str(stored.id)))
    return DataKey(stored.id, stored.account_id, key)


async def load_master_keys(encryption_key: str, file: Path | None) -> LocalMasterKeys | None:
    """Returns the master keys of the settings; None when there are none.

    `encryption_key` is version 1. Each line of `file` is a version and a secret with a blank between them; it may hold version 1 too, which
    then counts. Raises ValueError naming the line, never its secret, and OSError when the file cannot be read.
    """
    secrets = {1: encryption_key} if encryption_key else {}
    if file is not None:
        secrets |= parse_key_file(await asyncio.to_thread(file.read_text, "utf-8"))
    if not secrets:
        return None
    return LocalMasterKeys({v: await asyncio.to_thread(derive, secret) for v, secret in secrets.items()})


def parse_key_file(text: str) -> dict[int, str]:
    """Returns secrets by version; blank lines and lines that begin with # are left out. Raises ValueError."""
    found: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        version, _, secret = line.strip().partition(" ")
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 11 else 0
        if not 1 <= known <= _MAX_VERSION or not secret.strip() or known in found:
            raise ValueError(f"line {number} of the master key file must be a new version, a blank and a secret")
        found[known] = secret.strip()
    return found


def derive(secret: str) -> bytes:
    """Returns a master key for any string. It is slow on purpose (scrypt), for strings that people thought of."""
    return hashlib.scrypt(secret.encode(), salt=_SALT, n=2**15, r=8, p=1, maxmem=64 * 2**20, dklen=KEY_BYTES)


def _bound(version: int, context: tuple[str, ...]) -> bytes:
    return bind("sfd data key v1", str(version), *context)
