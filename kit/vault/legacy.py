"""Rows of other systems that were encrypted with Fernet under ENCRYPTION_KEY can be taken over."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from kit.vault.envelope import CannotOpen, DataKey, Place, seal


def open_fernet(encryption_key: str, token: bytes) -> bytes:
    """Returns the secret of a Fernet token; the Fernet key is url-safe base64 of SHA-256 of ENCRYPTION_KEY.

    Raises `CannotOpen` for a token of another key.
    """
    fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(encryption_key.encode()).digest()))
    try:
        return fernet.decrypt(token)
    except InvalidToken:
        raise CannotOpen("the token was made with another ENCRYPTION_KEY") from None


def import_fernet(encryption_key: str, token: bytes, key: DataKey, place: Place) -> bytes:
    """Returns the secret of a Fernet token, sealed anew; raises `CannotOpen` for a token of another key."""
    return seal(key, place, open_fernet(encryption_key, token))
