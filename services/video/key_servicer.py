"""`sfd.video.v1.KeyService`: a key is checked with its vendor, sealed and handed to storage; in clear it lives in this process only."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from typing import Any, TypeAlias

import grpc

from kit.context import caller
from kit.errors import InvalidInput, Unauthenticated, Unavailable
from kit.providers.base import KeyRefused, VendorAway
from services.video.keys import KeyRing, preview_of
from services.video.vendors import Vendor
from sfd.vault.v1 import key_pb2, key_service_pb2, key_service_pb2_grpc
from sfd.video.v1 import key_service_pb2 as rpc
from sfd.video.v1 import key_service_pb2_grpc as video_grpc

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
MAX_SECRET = 4096
_SECRET = re.compile(r"[!-~]+")
_STATUS: Mapping[str, key_pb2.KeyStatus.ValueType] = {
    "invalid_key": key_pb2.KEY_STATUS_INVALID,
    "quota_exceeded": key_pb2.KEY_STATUS_QUOTA_EXCEEDED,
}
_SECONDS = 10.0


class KeyServicer(video_grpc.KeyServiceServicer):
    """Keys of the caller's account. `seconds` is how long a vendor may take to tell about one, `hmac_key` what repeats are known by."""

    def __init__(
        self, storage: grpc.aio.Channel, ring: KeyRing, vendors: Mapping[str, Vendor], seconds: float, hmac_key: str
    ) -> None:
        self._keys = key_service_pb2_grpc.KeyServiceStub(storage)
        self._ring = ring
        self._vendors = vendors
        self._seconds = seconds
        self._hmac_key = hmac_key

    async def CreateKey(self, request: rpc.CreateKeyRequest, context: Context) -> rpc.CreateKeyResponse:
        """Checks, seals and stores a key."""
        vendor, secret = request.vendor, request.secret.strip()
        if vendor not in self._vendors:
            raise InvalidInput(f"Unknown provider: {vendor[:64]}", reason="unknown_vendor", field="vendor")
        if not secret or len(secret) > MAX_SECRET or _SECRET.fullmatch(secret) is None:
            raise InvalidInput(
                f"A key is 1 to {MAX_SECRET} printable ASCII characters without blanks.",
                reason="invalid_key",
                field="secret",
            )
        account_id, key_id = _account(), str(uuid.uuid4())
        sealed = await self._ring.seal(account_id, vendor, key_id, secret)
        try:
            await self._check(vendor, secret)
        except KeyRefused as error:
            raise InvalidInput(error.message, reason=error.reason, field="secret") from None
        except VendorAway as error:
            raise Unavailable(error.message, reason=error.reason, field="secret") from None
        reply = await self._keys.CreateKey(
            key_service_pb2.CreateKeyRequest(
                id=key_id,
                vendor=vendor,
                ciphertext=sealed,
                preview=preview_of(secret),
                status=key_pb2.KEY_STATUS_ACTIVE,
                request_id=request.request_id,
                fingerprint=fingerprint(self._hmac_key, account_id, vendor, secret),
            ),
            timeout=_SECONDS,
        )
        return rpc.CreateKeyResponse(key=reply.key)

    async def ValidateKey(self, request: rpc.ValidateKeyRequest, context: Context) -> rpc.ValidateKeyResponse:
        """Asks the vendor again and writes down what it says; when it cannot be asked, nothing changes."""
        found = await self._keys.GetKey(key_service_pb2.GetKeyRequest(number=request.number), timeout=_SECONDS)
        key = found.key
        if key.vendor not in self._vendors:
            raise InvalidInput(f"Unknown provider: {key.vendor}", reason="unknown_vendor", field="vendor")
        secret = await self._ring.open(_account(), key.id)
        status, why = key_pb2.KEY_STATUS_ACTIVE, ""
        try:
            await self._check(key.vendor, secret)
        except KeyRefused as error:
            status, why = _STATUS.get(error.reason, key_pb2.KEY_STATUS_INVALID), error.message
        except VendorAway as error:
            return rpc.ValidateKeyResponse(
                valid=key.status == key_pb2.KEY_STATUS_ACTIVE,
                error=f"{error.message} The key was not checked.",
                key=key,
            )
        reply = await self._keys.SetKeyStatus(
            key_service_pb2.SetKeyStatusRequest(id=key.id, status=status), timeout=_SECONDS
        )
        return rpc.ValidateKeyResponse(valid=not why, error=why, key=reply.key)

    async def _check(self, vendor: str, secret: str) -> None:
        """Asks the vendor without paying; raises `KeyRefused` and `VendorAway`, whose texts hold nothing of the key."""
        about = self._vendors[vendor]
        open_filmer = await asyncio.to_thread(about.load)
        try:
            filmer = open_filmer({"api_key": secret}, about.base_url, self._seconds)
        except (ValueError, KeyError):
            raise KeyRefused("The key does not have the form of this vendor's keys.") from None
        try:
            async with asyncio.timeout(self._seconds):
                await filmer.check_key()
        except TimeoutError:
            raise VendorAway("The vendor took too long to answer.") from None
        except (KeyRefused, VendorAway) as error:
            raise type(error)(error.message.replace(secret, "[key]"), reason=error.reason) from None
        finally:
            await filmer.close()


def fingerprint(hmac_key: str, account_id: str, vendor: str, secret: str) -> bytes:
    """Returns HMAC-SHA256 over all that a request for a key says: a repeat has the same one, and nobody else can make it."""
    message = b"\0".join(part.encode() for part in ("create-key", account_id, vendor, secret))
    return hmac.new(hmac_key.encode(), message, hashlib.sha256).digest()


def _account() -> str:
    who = caller()
    if who is None:
        raise Unauthenticated("Nobody is known.")
    return who.account_id
