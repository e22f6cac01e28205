"""fal's callbacks: Ed25519 over request, user, moment and the body's SHA-256, under keys that fal publishes as a JWKS."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.errors import Unavailable
from services.gateway.callbacks.proof import TOLERANCE_SECONDS, Callback, unverified

log = structlog.get_logger("gateway")
_FRESH_SECONDS = 3600.0
"""How long keys are taken as they were read."""
_KEPT_SECONDS = 24 * 3600.0
"""How long they serve while they cannot be read again: fal's own limit for a copy."""
_PAUSE_SECONDS = 30.0
"""The least time between two reads, whatever comes in: forged callbacks must not become requests to fal."""
_READ_SECONDS = 5.0
_MAX_BYTES = 64 * 1024
_MAX_KEYS = 16
_MOMENT = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")


class PublishedKeys:
    """The keys at `url`, read when they are needed and kept a while. `clock` tells seconds."""

    def __init__(self, url: str, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()

    async def keys(self, *, newer_than: Sequence[Ed25519PublicKey] | None = None) -> tuple[Ed25519PublicKey, ...]:
        """Returns the keys, at most an hour old; with `newer_than`, read anew unless that was done just now.

        Raises `Unavailable` when there are none that may be used.
        """
        async with self._reading:
            now = self._clock()
            stale = now - self._read_at > _FRESH_SECONDS or (newer_than is not None and self._keys == tuple(newer_than))
            if stale and now - self._tried_at >= _PAUSE_SECONDS:
                self._tried_at = now
                await self._read()
            if not self._keys or self._clock() - self._read_at > _KEPT_SECONDS:
                raise Unavailable("fal's public keys cannot be read now.", reason="keys_away")
            return self._keys

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_READ_SECONDS), self._http.stream("GET", self._url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise ValueError(f"status {answer.status_code}")
                data = bytearray()
                async for chunk in answer.aiter_bytes():
                    data += chunk
                    if len(data) > _MAX_BYTES:
                        raise ValueError("too large")
            found = keys_of(json.loads(data))
        except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as error:
            log.warning("callback_keys_unread", error=type(error).__name__)
            return
        if found:
            self._keys, self._read_at = found, self._clock()


def keys_of(document: Any) -> tuple[Ed25519PublicKey, ...]:
    """Returns the Ed25519 keys of a JWKS, at most 16; keys of other kinds are left out. Raises ValueError for what is no JWKS."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no JWKS")
    found = list[Ed25519PublicKey]()
    for key in listed[:_MAX_KEYS]:
        if not isinstance(key, dict) or (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
            continue
        if key.get("use", "sig") != "sig" or not isinstance(key.get("x"), str):
            continue
        try:
            found.append(Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "==")))
        except ValueError:
            continue
    return tuple(found)


class FalSignature:
    """Verifies with every published key: a callback does not name its key. `now` tells Unix seconds."""

    def __init__(self, published: PublishedKeys, now: Callable[[], float] = time.time) -> None:
        self._published = published
        self._now = now

    async def verify(self, callback: Callback) -> None:
        """Returns for a body signed at most five minutes ago; raises the refusal, `Unavailable` while there are no keys."""
        request, user = callback.header("x-fal-webhook-request-id"), callback.header("x-fal-webhook-user-id")
        moment, signature = callback.header("x-fal-webhook-timestamp"), callback.header("x-fal-webhook-signature")
        if _MOMENT.fullmatch(moment) is None or _SIGNATURE.fullmatch(signature) is None:
            raise unverified()
        if abs(self._now() - int(moment)) > TOLERANCE_SECONDS:
            raise unverified()
        told = "\n".join((request, user, moment, hashlib.sha256(callback.body).hexdigest())).encode()
        keys = await self._published.keys()
        if _signed(keys, bytes.fromhex(signature), told):
            return
        # A key that fal has only just begun to use.
        newer = await self._published.keys(newer_than=keys)
        if newer == keys or not _signed(newer, bytes.fromhex(signature), told):
            raise unverified()


def _signed(keys: Sequence[Ed25519PublicKey], signature: bytes, told: bytes) -> bool:
    for key in keys:
        try:
            key.verify(signature, told)
        except InvalidSignature:
            continue
        return True
    return False
