"""Users' keys through real processes: from REST to the vendor, in Postgres as ciphertext only, and rotated under load."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg
import grpc
import httpx
import pytest
from cryptography.fernet import Fernet

from kit.context import Caller, Role
from kit.errors import NotFound, NotReady, PermissionDenied
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.rpc.client import channel
from kit.testing.house import House, house
from kit.testing.processes import ROOT
from kit.vault.master import LocalMasterKeys, derive
from services.video.keys import KeyRing
from sfd.vault.v1 import key_service_pb2, rotation_service_pb2
from sfd.vault.v1.key_service_pb2_grpc import KeyServiceStub
from sfd.vault.v1.rotation_service_pb2_grpc import RotationServiceStub
from simulator.testing import RunningSimulator
from stack.binaries import postgres_bin
from stack.servers import Servers

pytestmark = [pytest.mark.system, pytest.mark.slow]

KEY = "the-service-key-of-the-key-house"
MASTER, NEXT_MASTER = "the first master key of the tests", "the second master key of the tests"
CANARY = "sk-canary-5f2b9c-0123456789abcdef-x7Qk"


@dataclass
class Place:
    """A house of its own with a vendor, and what reads it."""

    house: House
    api: httpx.AsyncClient
    pg: asyncpg.Connection
    masters: Path
    dsn: str

    async def sfd(self, *words: str, **env: str) -> tuple[int, str]:
        """Runs `sfd keys` and returns its code and all it printed."""
        known = {"SFD_MASTER_KEY_FILE": str(self.masters), "ENCRYPTION_KEY": MASTER}
        path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"}
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cli.main",
            "keys",
            *words,
            cwd=ROOT,
            env={**os.environ, **self.house.env, **known, **path, **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await child.communicate()
        return child.returncode or 0, out.decode()

    def channel(self, role: Role = Role.WORKER, account: str = DEFAULT_ACCOUNT_ID) -> grpc.aio.Channel:
        """Returns a channel to storage."""
        return channel(self.house.address("storage"), self.house.signer, default=Caller(account, role))

    async def create(self, secret: str = CANARY) -> httpx.Response:
        """Sends a key of the simulated vendor."""
        return await self.api.post("/v1/keys", json={"provider": "openai", "api_key": secret})


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor")) as running:
        yield running


@pytest.fixture(scope="module")
async def place(vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("keys")
    masters = folder / "masters"
    masters.write_text(f"1 {MASTER}\n2 {NEXT_MASTER}\n")
    env = {"OPENAI_API_BASE": vendor.openai_base, "API_KEYS": KEY, "ENCRYPTION_KEY": MASTER}
    async with Servers(tmp_path_factory.mktemp("servers")) as servers, house(servers, folder, env) as made:
        # The services know the first master key alone when they start; `rotated` gives them the second.
        await made.start("video")
        await made.start("gateway")
        pg = await asyncpg.connect(servers.postgres_dsn)
        async with httpx.AsyncClient(base_url=made.url, headers={"X-API-Key": KEY}, trust_env=False, timeout=60) as api:
            yield Place(made, api, pg, masters, servers.postgres_dsn)
        await pg.close()


# It is slow on purpose, and the tests make many rings.
_derived = cache(derive)


async def ring(place: Place, *secrets: str) -> KeyRing:
    """Returns a key ring of a worker with these master keys, from version 1."""
    masters = LocalMasterKeys({n: await asyncio.to_thread(_derived, one) for n, one in enumerate(secrets, 1)})
    return KeyRing(place.channel(), masters)


async def id_of(place: Place, number: int) -> str:
    row = await place.pg.fetchrow(
        "SELECT id FROM vault_keys WHERE account_id = $1 AND number = $2", uuid.UUID(DEFAULT_ACCOUNT_ID), number
    )
    return str(row["id"])


async def test_a_key_from_its_maker_to_a_worker_and_to_its_end(place: Place) -> None:
    made = await place.create()
    assert made.status_code == 200, made.text
    assert (made.json()["status"], made.json()["key_preview"]) == ("active", "...x7Qk")
    number = made.json()["id"]
    newer = (await place.create(f"{CANARY}-newer")).json()["id"]
    assert newer > number
    worker = await ring(place, MASTER)
    key_id, newer_id = await id_of(place, number), await id_of(place, newer)
    assert await worker.open(DEFAULT_ACCOUNT_ID, key_id) == CANARY
    assert await worker.living(DEFAULT_ACCOUNT_ID) == [(newer_id, "openai")]
    assert (await place.api.post(f"/v1/keys/{newer}/validate")).json() == {"valid": True, "status": "active"}
    assert (await place.api.delete(f"/v1/keys/{newer}")).status_code == 200
    assert await worker.living(DEFAULT_ACCOUNT_ID) == [(key_id, "openai")]
    with pytest.raises(NotFound):
        await worker.open(DEFAULT_ACCOUNT_ID, newer_id)
    assert await place.pg.fetchval("SELECT ciphertext FROM vault_keys WHERE id = $1", uuid.UUID(newer_id)) == b""
    again = (await place.create(f"{CANARY}-third")).json()["id"]
    assert again > newer, "a number is never given twice"
    await place.api.delete(f"/v1/keys/{again}")
    for bad, said in (
        ("sk-bad-canary-of-a-key", "Failed to validate key: The host does not take this key."),
        ("sk-quota-canary-of-a-key", "Failed to validate key: The key is right, but its account is spent."),
    ):
        refused = await place.create(bad)
        assert (refused.status_code, refused.json()["detail"]) == (400, said)
    assert (await place.api.post("/v1/keys", json={"provider": "x", "api_key": CANARY})).json()["detail"] == (
        "Unknown provider: x"
    )


async def test_one_request_sent_twice_makes_one_key(place: Place) -> None:
    told = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"provider": "openai", "api_key": CANARY}
    first, second = [await place.api.post("/v1/keys", json=body, headers=told) for _ in range(2)]
    assert first.json() == second.json()
    assert (await place.api.delete(f"/v1/keys/{first.json()['id']}")).status_code == 200


async def test_a_row_opens_at_its_place_alone(place: Place) -> None:
    one, other = [(await place.create(f"{CANARY}-{n}")).json()["id"] for n in range(2)]
    first, second = await id_of(place, one), await id_of(place, other)
    swap = "UPDATE vault_keys SET ciphertext = (SELECT ciphertext FROM vault_keys WHERE id = $2) WHERE id = $1"
    kept = await place.pg.fetchval("SELECT ciphertext FROM vault_keys WHERE id = $1", uuid.UUID(first))
    await place.pg.execute(swap, uuid.UUID(first), uuid.UUID(second))
    worker = await ring(place, MASTER)
    with pytest.raises(NotReady) as caught:
        await worker.open(DEFAULT_ACCOUNT_ID, first)
    assert caught.value.reason == "master_key_mismatch"
    code, said = await place.sfd("check")
    assert (code, f"vendor-key {first}: the secret was changed or belongs elsewhere" in said) == (1, True)
    await place.pg.execute("UPDATE vault_keys SET ciphertext = $2 WHERE id = $1", uuid.UUID(first), kept)
    assert await worker.open(DEFAULT_ACCOUNT_ID, first) == f"{CANARY}-0"
    stranger = str(uuid.uuid4())
    with pytest.raises(NotFound):
        await worker.open(stranger, first)
    with pytest.raises(NotReady):
        await (await ring(place, "another master key")).open(DEFAULT_ACCOUNT_ID, first)
    user, operator = place.channel(Role.ACCOUNT), place.channel(Role.OPERATOR)
    with pytest.raises(PermissionDenied):
        await KeyServiceStub(user).OpenKey(key_service_pb2.OpenKeyRequest(id=first))
    with pytest.raises(PermissionDenied):
        await RotationServiceStub(user).ListSealed(rotation_service_pb2.ListSealedRequest())
    assert (await RotationServiceStub(operator).ListSealed(rotation_service_pb2.ListSealedRequest())).sealed
    for number in (one, other):
        await place.api.delete(f"/v1/keys/{number}")


async def test_rotation_under_load_breaks_no_call(place: Place) -> None:
    number = (await place.create()).json()["id"]
    key_id = await id_of(place, number)
    webhook = (await place.api.post("/webhooks", json={"url": "https://example.com/hook"})).json()
    # As an operator does it: every process has both master keys before anything is wrapped with the second.
    for name in ("gateway", "video"):
        process = place.house.processes[name]
        await asyncio.to_thread(process.stop)
        await place.house.start(name, env={"SFD_MASTER_KEY_FILE": str(place.masters)})
    stop, done = asyncio.Event(), {"opened": 0, "made": 0, "turned": 0}

    async def opens() -> None:
        while not stop.is_set():
            # A ring of its own each time: nothing is remembered, every open goes through storage.
            assert await (await ring(place, MASTER, NEXT_MASTER)).open(DEFAULT_ACCOUNT_ID, key_id) == CANARY
            done["opened"] += 1

    async def makes() -> None:
        while not stop.is_set():
            made = await place.create(f"{CANARY}-load")
            assert made.status_code == 200, made.text
            checked = await place.api.post(f"/v1/keys/{made.json()['id']}/validate")
            assert checked.json() == {"valid": True, "status": "active"}
            assert (await place.api.delete(f"/v1/keys/{made.json()['id']}")).status_code == 200
            done["made"] += 1

    async def turns() -> None:
        while not stop.is_set():
            turned = await place.api.post(f"/webhooks/{webhook['id']}/rotate")
            assert turned.status_code == 200, turned.text
            done["turned"] += 1

    async with asyncio.TaskGroup() as group:
        for work in (opens, opens, makes, turns):
            group.create_task(work())
        for words in (["rotate"], ["rotate", "--data-keys"], ["rotate", "--data-keys"]):
            code, said = await place.sfd(*words)
            assert code == 0, said
        stop.set()
    assert min(done.values()) > 0, done
    # What was written with a key that retired in that moment is left for the next rotation, which has nobody beside it.
    code, said = await place.sfd("rotate", "--data-keys")
    assert (code, "1 data keys were replaced" in said) == (0, True), said
    code, said = await place.sfd("check")
    assert (code, "0 sealed with a retired key; 0 broken" in said) == (0, True), said
    assert await (await ring(place, MASTER, NEXT_MASTER)).open(DEFAULT_ACCOUNT_ID, key_id) == CANARY
    versions = await place.pg.fetch("SELECT DISTINCT master_version FROM data_keys")
    assert [row["master_version"] for row in versions] == [2]
    assert (await place.api.get("/webhooks")).status_code == 200
    await place.api.delete(f"/v1/keys/{number}")


async def test_fernet_rows_are_taken_over_once(place: Place, tmp_path: Path) -> None:
    account = str(uuid.uuid4())
    fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"the old string").digest()))
    rows = [
        {"provider": "Runway", "encrypted_key": fernet.encrypt(CANARY.encode()).decode(), "status": "active"},
        {"provider": "openai", "encrypted_key": fernet.encrypt(b"short").decode(), "status": "invalid"},
        {"provider": "openai", "encrypted_key": Fernet(Fernet.generate_key()).encrypt(b"x").decode()},
    ]
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows))
    for _ in range(2):
        code, said = await place.sfd("import", str(file), "--account", account, SFD_OLD_ENCRYPTION_KEY="the old string")
        assert (code, "2 of 3 keys were taken over" in said, CANARY in said) == (1, True, False), said
    worker = await ring(place, MASTER, NEXT_MASTER)
    user = place.channel(Role.ACCOUNT, account)
    keys = (await KeyServiceStub(user).ListKeys(key_service_pb2.ListKeysRequest())).keys
    assert {(key.vendor, key.preview) for key in keys} == {("runway", "...x7Qk"), ("openai", "...")}
    (living,) = await worker.living(account)
    assert living[1] == "runway"
    assert await worker.open(account, living[0]) == CANARY


async def test_no_key_is_in_the_record_the_logs_or_the_errors(place: Place) -> None:
    number = (await place.create()).json()["id"]
    answers = [
        await place.api.get("/v1/keys"),
        await place.api.get("/v1/providers"),
        await place.api.post(f"/v1/keys/{number}/validate"),
        await place.create(f"{CANARY}-bad"),
        await place.api.post("/v1/keys", json={"provider": CANARY, "api_key": 5}),
        await place.api.post("/v1/keys", json={"api_key": CANARY}),
    ]
    assert [one.status_code for one in answers] == [200, 200, 200, 400, 422, 422]
    dumping = await asyncio.create_subprocess_exec(
        str(postgres_bin() / "pg_dump"), "--inserts", place.dsn, stdout=asyncio.subprocess.PIPE
    )
    dump = (await dumping.communicate())[0].decode()
    assert "vault_keys" in dump
    logs = "".join(file.read_text(errors="replace") for file in place.house.folder.glob("*.log"))
    assert "/v1/keys" in logs
    needles = [CANARY, CANARY[:24], CANARY.encode().hex(), base64.b64encode(CANARY.encode()).decode()[:40], MASTER]
    for where, text in (("record", dump), ("logs", logs), ("answers", "".join(one.text for one in answers))):
        assert [needle for needle in needles if needle in text] == [], where
