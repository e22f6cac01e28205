"""Sealing a secret with its account's data key, AES-256-GCM.

What is sealed says which data key it needs: version (1 byte), key id (16), nonce (12), ciphertext with its tag. The associated data binds
account, purpose, the thing the secret belongs to, and the key id, so that no row can be moved to another account or thing.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
MAX_SECRET = 64 * 1024
_FORMAT = b"\x01"
_HEAD = len(_FORMAT) + 16
_TAG = 16


class CannotOpen(Exception):
    """The ciphertext, its place or the key is not the one it was made with. The text never holds a secret."""


@dataclass(frozen=True)
class Place:
    """Where a secret belongs: the account (UUID as text), a purpose such as `webhook`, and the id of the thing."""

    account_id: str
    purpose: str
    thing: str


@dataclass(frozen=True)
class DataKey:
    """An account's key in memory; it is never shown."""

    id: uuid.UUID
    account_id: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a data key has {KEY_BYTES} bytes")


def new_data_key(account_id: str) -> DataKey:
    """Returns a fresh random key of the account."""
    return DataKey(uuid.uuid4(), account_id, os.urandom(KEY_BYTES))


def seal(key: DataKey, place: Place, secret: bytes) -> bytes:
    """Returns the sealed secret; raises ValueError for one above 64 KiB and for a place in another account."""
    if len(secret) > MAX_SECRET:
        raise ValueError("the secret is too long")
    if place.account_id != key.account_id:
        raise ValueError("the key is another account's")
    nonce = os.urandom(NONCE_BYTES)
    return _FORMAT + key.id.bytes + nonce + AESGCM(key.key).encrypt(nonce, secret, _bound(key.id, place))


def open_sealed(key: DataKey, place: Place, sealed: bytes) -> bytes:
    """Returns the secret; raises `CannotOpen` when anything about it is not as it was."""
    if key_id_of(sealed) != key.id or place.account_id != key.account_id:
        raise CannotOpen("the secret was sealed with another key")
    nonce = sealed[_HEAD : _HEAD + NONCE_BYTES]
    try:
        return AESGCM(key.key).decrypt(nonce, sealed[_HEAD + NONCE_BYTES :], _bound(key.id, place))
    except InvalidTag:
        raise CannotOpen("the secret was changed or belongs elsewhere") from None


def key_id_of(sealed: bytes) -> uuid.UUID:
    """Returns the id of the data key that a sealed secret needs; raises `CannotOpen` for what was not sealed here."""
    if len(sealed) < _HEAD + NONCE_BYTES + _TAG or not sealed.startswith(_FORMAT):
        raise CannotOpen("this is not a sealed secret")
    return uuid.UUID(bytes=sealed[len(_FORMAT) : _HEAD])


def bind(*parts: str) -> bytes:
    """Returns associated data in which no two lists of parts look alike: each part is preceded by its length."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _bound(key_id: uuid.UUID, place: Place) -> bytes:
    return bind("sfd secret v1", place.account_id, place.purpose, place.thing, str(key_id))
