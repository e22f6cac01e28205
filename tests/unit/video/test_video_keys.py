"""Users' keys in the video service: what is shown of them, what is kept, what a vendor's word changes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc
import pytest

from kit.context import Caller, Role, call_scope, caller
from kit.errors import InvalidInput, NotFound, NotReady, Unavailable
from kit.identity import Signer
from kit.providers.base import KeyRefused, VendorAway
from kit.rpc.client import channel
from kit.rpc.server import Served, serve
from kit.vault.envelope import Place, new_data_key, seal
from kit.vault.master import LocalMasterKeys, wrap
from services.video.config import VideoSettings
from services.video.key_servicer import KeyServicer, fingerprint
from services.video.keys import KEPT_SECONDS, KeyRing, preview_of
from services.video.registry import film_vendors
from services.video.vendors import OpenFilmer, Vendor
from sfd.vault.v1 import data_key_pb2, key_pb2, key_service_pb2_grpc, vault_service_pb2, vault_service_pb2_grpc
from sfd.vault.v1 import key_service_pb2 as rpc
from sfd.video.v1 import key_service_pb2 as video

SECRET = "not-a-secret-but-long-enough-for-tests"
CANARY = "sk-canary-0123456789-x7Qk"
ACCOUNT = str(uuid.uuid4())
MASTERS = LocalMasterKeys({1: b"m" * 32})


@dataclass
class Store:
    """The vault's memory."""

    keys: dict[str, tuple[key_pb2.Key, bytes]] = field(default_factory=dict)
    data_keys: dict[str, data_key_pb2.DataKey] = field(default_factory=dict)
    opened: int = 0
    asked: list[rpc.CreateKeyRequest] = field(default_factory=list)


class Keys(key_service_pb2_grpc.KeyServiceServicer):
    def __init__(self, store: Store) -> None:
        self.store = store

    async def CreateKey(self, request: rpc.CreateKeyRequest, context: object) -> Any:
        key = key_pb2.Key(
            id=request.id,
            number=len(self.store.keys) + 1,
            vendor=request.vendor,
            status=request.status,
            preview=request.preview,
        )
        self.store.keys[key.id] = (key, request.ciphertext)
        self.store.asked.append(request)
        return rpc.CreateKeyResponse(key=key)

    async def GetKey(self, request: rpc.GetKeyRequest, context: object) -> Any:
        for key, _ in self.store.keys.values():
            if key.number == request.number:
                return rpc.GetKeyResponse(key=key)
        raise NotFound("Key not found", reason="key_not_found")

    async def ListKeys(self, request: rpc.ListKeysRequest, context: object) -> Any:
        return rpc.ListKeysResponse(keys=[key for key, _ in reversed(self.store.keys.values())])

    async def SetKeyStatus(self, request: rpc.SetKeyStatusRequest, context: object) -> Any:
        key, _ = self.store.keys[request.id]
        key.status = request.status
        return rpc.SetKeyStatusResponse(key=key)

    async def RevokeKey(self, request: rpc.RevokeKeyRequest, context: object) -> Any:
        raise AssertionError("the video service revokes nothing")

    async def OpenKey(self, request: rpc.OpenKeyRequest, context: object) -> Any:
        self.store.opened += 1
        who = caller()
        if request.id not in self.store.keys or who is None:
            raise NotFound("Key not found", reason="key_not_found")
        key, ciphertext = self.store.keys[request.id]
        return rpc.OpenKeyResponse(key=key, ciphertext=ciphertext, data_key=self.store.data_keys[who.account_id])


class Vault(vault_service_pb2_grpc.VaultServiceServicer):
    def __init__(self, store: Store) -> None:
        self.store = store

    async def GetOrCreateDataKey(self, request: vault_service_pb2.GetOrCreateDataKeyRequest, context: object) -> Any:
        who = caller()
        assert who is not None
        key = self.store.data_keys.setdefault(who.account_id, request.proposed)
        return vault_service_pb2.GetOrCreateDataKeyResponse(data_key=key)

    async def GetDataKey(self, request: vault_service_pb2.GetDataKeyRequest, context: object) -> Any:
        raise NotFound("The account has no such data key", reason="data_key_not_found")


@dataclass
class Filmer:
    """A vendor that says what it is told to say."""

    said: Exception | None = None
    closed: int = 0
    shown: list[str] = field(default_factory=list)

    async def check_key(self) -> None:
        if self.said is not None:
            raise self.said

    async def close(self) -> None:
        self.closed += 1

    def load(self) -> OpenFilmer:
        def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> Filmer:
            self.shown.append(key["api_key"])
            return self

        return open_filmer


@dataclass
class Part:
    store: Store
    ring: KeyRing
    filmer: Filmer
    servicer: KeyServicer
    clock: list[float]

    async def create(self, secret: str = CANARY, vendor: str = "v") -> key_pb2.Key:
        with call_scope(who=Caller(ACCOUNT, Role.ACCOUNT)):
            reply = await self.servicer.CreateKey(video.CreateKeyRequest(vendor=vendor, secret=secret), CONTEXT)
        return reply.key

    async def validate(self, number: int) -> video.ValidateKeyResponse:
        with call_scope(who=Caller(ACCOUNT, Role.ACCOUNT)):
            return await self.servicer.ValidateKey(video.ValidateKeyRequest(number=number), CONTEXT)


CONTEXT: Any = None


@pytest.fixture
async def part() -> AsyncIterator[Part]:
    store, filmer = Store(), Filmer()
    services = [
        Served(
            rpc.DESCRIPTOR.services_by_name["KeyService"],
            partial(key_service_pb2_grpc.add_KeyServiceServicer_to_server, Keys(store)),
        ),
        Served(
            vault_service_pb2.DESCRIPTOR.services_by_name["VaultService"],
            partial(vault_service_pb2_grpc.add_VaultServiceServicer_to_server, Vault(store)),
        ),
    ]
    async with serve("127.0.0.1:0", services, Signer(SECRET)) as port:
        storage: grpc.aio.Channel = channel(f"127.0.0.1:{port}", Signer(SECRET))
        clock = [100.0]
        ring = KeyRing(storage, MASTERS, lambda: clock[0])
        yield Part(store, ring, filmer, KeyServicer(storage, ring, {"v": Vendor(filmer.load)}, 5.0, "hmac"), clock)
        await storage.close()


async def test_a_key_is_checked_sealed_and_opened(part: Part) -> None:
    key = await part.create(f" {CANARY}\n")
    assert (key.status, key.preview, part.filmer.shown) == (key_pb2.KEY_STATUS_ACTIVE, "...x7Qk", [CANARY])
    assert CANARY.encode() not in part.store.keys[key.id][1]
    assert await part.ring.open(ACCOUNT, key.id) == CANARY
    assert part.filmer.closed == 1


async def test_an_opened_key_is_kept_for_seconds(part: Part) -> None:
    key = await part.create()
    for _ in range(3):
        await part.ring.open(ACCOUNT, key.id)
    assert part.store.opened == 1
    del part.store.keys[key.id]
    part.clock[0] += KEPT_SECONDS
    with pytest.raises(NotFound):
        await part.ring.open(ACCOUNT, key.id)
    assert CANARY not in repr(part.ring)


async def test_nothing_opens_for_another_account_vendor_or_master(part: Part) -> None:
    key = await part.create()
    other = str(uuid.uuid4())
    data_key = new_data_key(other)
    stored = await wrap(MASTERS, data_key)
    part.store.data_keys[other] = data_key_pb2.DataKey(id=str(stored.id), master_version=1, wrapped=stored.wrapped)
    with pytest.raises(NotReady):
        await part.ring.open(other, key.id)
    part.store.keys[key.id][0].vendor = "w"
    with pytest.raises(NotReady):
        await part.ring.open(ACCOUNT, key.id)
    sealed = seal(data_key, Place(other, "vendor-key", f"w/{key.id}"), b"x")
    part.store.keys[key.id] = (part.store.keys[key.id][0], sealed)
    assert await part.ring.open(other, key.id) == "x"


@pytest.mark.parametrize(
    ("said", "error", "reason"),
    [
        (KeyRefused(f"No {CANARY}."), InvalidInput, "invalid_key"),
        (KeyRefused("Spent.", reason="quota_exceeded"), InvalidInput, "quota_exceeded"),
        (VendorAway(f"Away {CANARY}."), Unavailable, "vendor_away"),
    ],
)
async def test_a_key_that_is_refused_is_not_stored(
    part: Part, said: Exception, error: type[Exception], reason: str
) -> None:
    part.filmer.said = said
    with pytest.raises(error) as caught:
        await part.create()
    assert getattr(caught.value, "reason", "") == reason
    assert CANARY not in str(caught.value)
    assert (part.store.keys, part.filmer.closed) == ({}, 1)


@pytest.mark.parametrize("secret", ["", "  ", "two words", "é" * 20, "x" * 5000, "a\0b"])
async def test_what_is_no_key_is_never_sent(part: Part, secret: str) -> None:
    with pytest.raises(InvalidInput):
        await part.create(secret)
    with pytest.raises(InvalidInput, match="Unknown provider: nobody"):
        await part.create(vendor="nobody")
    assert part.filmer.shown == []


async def test_a_vendors_word_is_kept_and_its_silence_is_not(part: Part) -> None:
    number = (await part.create()).number
    part.filmer.said = KeyRefused("Spent.", reason="quota_exceeded")
    told = await part.validate(number)
    assert (told.valid, told.error, told.key.status) == (False, "Spent.", key_pb2.KEY_STATUS_QUOTA_EXCEEDED)
    assert await part.ring.living(ACCOUNT) == []
    part.filmer.said = VendorAway("The vendor cannot be asked now.")
    told = await part.validate(number)
    assert (told.valid, told.key.status) == (False, key_pb2.KEY_STATUS_QUOTA_EXCEEDED)
    assert told.error == "The vendor cannot be asked now. The key was not checked."
    part.filmer.said = None
    told = await part.validate(number)
    assert (told.valid, told.error, told.key.status) == (True, "", key_pb2.KEY_STATUS_ACTIVE)


async def test_a_repeat_is_known_by_a_hash_that_tells_nothing(part: Part) -> None:
    for secret in (CANARY, CANARY, f"{CANARY[:-4]}0{CANARY[-4:]}"):
        await part.create(secret)
    marks = [one.fingerprint for one in part.store.asked]
    assert marks[0] == marks[1] != marks[2], "keys of the same preview are told apart"
    assert len({one.preview for one in part.store.asked}) == 1
    assert all(len(one) == 32 for one in marks)
    assert hashlib.sha256(CANARY.encode()).digest() not in marks, "who does not have the hash's key cannot try keys"
    assert marks[0] == fingerprint("hmac", ACCOUNT, "v", CANARY)
    told = (("h", "a", "v", "s"), ("h", "b", "v", "s"), ("h", "a", "w", "s"), ("g", "a", "v", "s"))
    assert len({fingerprint(*parts) for parts in told}) == 4


async def test_the_newest_active_key_of_a_vendor_is_used(part: Part) -> None:
    first, second, third = [(await part.create()).id for _ in range(3)]
    assert await part.ring.living(ACCOUNT) == [(third, "v")]
    part.store.keys[third][0].status = key_pb2.KEY_STATUS_INVALID
    assert await part.ring.living(ACCOUNT) == [(second, "v")]
    assert first in part.store.keys


async def test_without_a_master_key_there_are_no_keys(part: Part) -> None:
    ring = KeyRing(grpc.aio.insecure_channel("127.0.0.1:1"), None)
    for work in (ring.seal(ACCOUNT, "v", "id", "x"), ring.open(ACCOUNT, "id")):
        with pytest.raises(Unavailable) as caught:
            await work
        assert (caught.value.reason, caught.value.field) == ("keys_off", "ENCRYPTION_KEY")


@pytest.mark.parametrize(
    ("secret", "shown"),
    [(CANARY, "...x7Qk"), ("short", "..."), ("fifteen-letters", "..."), ("é" * 20, "..."), ("x" * 16, "...xxxx")],
)
def test_a_preview_is_a_tail_of_long_keys_alone(secret: str, shown: str) -> None:
    assert preview_of(secret) == shown


async def test_every_vendor_can_be_asked_about_a_key() -> None:
    settings = VideoSettings.model_validate({"SFD_INTERNAL_SECRET": SECRET})
    for name, vendor in film_vendors(settings).items():
        filmer = vendor.load()({"api_key": CANARY}, vendor.base_url, 1.0)
        assert callable(filmer.check_key), name
        await filmer.close()
