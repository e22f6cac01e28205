"""No secret is anywhere: every vendor's key of a user and of the house, refused ones too, the master key, webhooks' secrets, API keys.

Real processes with debugging logs, and vendors that quote keys in their errors. Then every file of the house and of its servers, a dump of
the database, what NATS has carried, every answer, event stream and webhook, and what S3 tells of its objects is searched for every secret.
A prompt, which is no secret, has a marker of its own: that one must be found, or the search would be blind.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import nats
import pytest

from kit.providers.catalogue import resolve
from kit.testing.house import House, house
from simulator.environment import environment
from simulator.testing import RunningSimulator
from stack.binaries import postgres_bin
from stack.servers import Servers
from tests.system.keys.canaries import Canaries, hits, hits_on_disk
from tests.system.webhooks.receiver import Receiver, receiving

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(400)]
GENERATIONS = "/v1/video/generations"
VENDORS = ("openai", "gemini", "runway", "luma", "fal", "replicate", "kling", "minimax", "seedance")
QUOTES = "Incorrect API key provided: {key}. See the documentation."
SERVICES = ("story", "imaging", "video", "gateway")


@dataclass
class Place:
    """A house of which every secret is a canary, and everything that it has told so far."""

    house: House
    servers: Servers
    vendor: RunningSimulator
    api: httpx.AsyncClient
    receiver: Receiver
    canaries: Canaries
    carried: list[bytes] = field(default_factory=list)
    told: list[tuple[str, bytes]] = field(default_factory=list)
    known: Canaries = field(default_factory=Canaries)

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Asks the gateway and keeps what it says."""
        answer = await self.api.request(method, path, **options)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.told.append((f"{method} {path}", head.encode() + answer.content))
        return answer

    async def film(self, vendor: str) -> dict[str, Any]:
        """Asks a vendor for a film and returns its record once it has ended."""
        wish = {"model": resolve("video", vendor).model.name, "provider": vendor, "duration": 5}
        wish["prompt"] = f"A pier {self.known.secret('prompt')}"
        made = await self.call("POST", GENERATIONS, json=wish)
        assert made.status_code == 200, made.text
        end = time.monotonic() + 120
        while True:
            record: dict[str, Any] = (await self.call("GET", f"{GENERATIONS}/{made.json()['id']}")).json()
            if record["status"] not in ("queued", "processing"):
                return record
            assert time.monotonic() < end, record
            await asyncio.sleep(0.3)

    async def films(self, *vendors: str, **fault: Any) -> dict[str, dict[str, Any]]:
        """Asks several at once, each of which has the fault; returns their records."""
        for vendor in vendors if fault else ():
            self.vendor.fault(match={"vendor": vendor, "kind": "video"}, **fault)
        records = await asyncio.gather(*(self.film(vendor) for vendor in vendors))
        self.vendor.clear_faults()
        return dict(zip(vendors, records, strict=True))


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), video_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
async def place(vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    canaries, folder = Canaries(), tmp_path_factory.mktemp("canaries")
    told = environment(vendor.url)
    house_keys = {name: canaries.secret(name.lower()) for name, value in told.items() if "://" not in value}
    api_key = canaries.secret("api-key")
    env = {
        **told,
        **house_keys,
        "API_KEYS": f"{api_key},{canaries.secret('other-api-key')}",
        "ENCRYPTION_KEY": canaries.secret("master"),
        "SFD_LOG_LEVEL": "DEBUG",
        "SFD_EGRESS_ALLOW": "127.0.0.1",
        "SFD_TRACE_FILE": str(folder / "traces.jsonl"),
        "MAX_RETRIES": "0",
    }
    env["SFD_INTERNAL_SECRET"] = canaries.secret("internal-secret-of-the-house")
    async with (
        receiving() as receiver,
        Servers(folder / "servers") as servers,
        house(servers, folder / "house", env) as made,
    ):
        bus = await nats.connect(servers.nats_url)
        for service in SERVICES:
            await made.start(service)
        headers = {"X-API-Key": api_key}
        async with httpx.AsyncClient(base_url=made.url, headers=headers, trust_env=False, timeout=60) as api:
            yielded = Place(made, servers, vendor, api, receiver, canaries)

            async def keep(message: Any) -> None:
                yielded.carried.append(
                    message.subject.encode() + json.dumps(message.headers or {}).encode() + message.data
                )

            await bus.subscribe(">", cb=keep)
            yield yielded
        await bus.close()


async def test_no_secret_is_anywhere(place: Place) -> None:
    await keys_of_a_user(place)
    await films_that_fail_and_one_that_does_not(place)
    await strangers(place)
    drama = await dramas(place)
    await webhooks(place)
    await searched(place, drama)


async def keys_of_a_user(place: Place) -> None:
    for vendor in VENDORS:
        for name in ("bad", "quota", "user"):
            secret = place.canaries.secret(f"{name}-{vendor}")
            made = await place.call("POST", "/v1/keys", json={"provider": vendor, "api_key": secret})
            assert (made.status_code == 200) or name != "user", made.text
            assert (made.status_code == 400) or name != "bad", made.text
    secret = place.canaries.secret("odd")
    for body in ({"provider": secret, "api_key": 5}, {"api_key": secret}, {"provider": "openai", "api_key": [secret]}):
        assert (await place.call("POST", "/v1/keys", json=body)).status_code == 422
    assert (
        await place.call(
            "POST", "/v1/keys", content=f'{{"api_key": "{secret}"', headers={"Content-Type": "application/json"}
        )
    ).status_code in (400, 422)
    nobodys = {"provider": "nobody", "api_key": secret}
    assert (await place.call("POST", "/v1/keys", json=nobodys)).status_code == 400
    told = {"Idempotency-Key": "the-same-key-twice"}
    for _ in range(2):
        body = {"provider": "openai", "api_key": place.canaries.secret("twice-openai")}
        await place.call("POST", "/v1/keys", json=body, headers=told)
    for key in (await place.call("GET", "/v1/keys")).json():
        await place.call("POST", f"/v1/keys/{key['id']}/validate")


async def films_that_fail_and_one_that_does_not(place: Place) -> None:
    refused = await place.films(*VENDORS, type="status", status=401, message=QUOTES)
    quoted = await place.films(*VENDORS, type="status", status=400, message=QUOTES)
    ended = await place.films(*VENDORS, type="fail_job", message=QUOTES)
    for records in (refused, quoted, ended):
        assert {name: record["status"] for name, record in records.items()} == dict.fromkeys(VENDORS, "failed")
    # The vendor's words are told, its key is not.
    assert all("Incorrect API key provided" in records["runway"]["error"] for records in (quoted, ended)), quoted
    made = await place.films("runway", "kling")
    assert [record["status"] for record in made.values()] == ["completed", "completed"], made
    for key in (await place.call("GET", "/v1/keys")).json():
        assert (await place.call("DELETE", f"/v1/keys/{key['id']}")).status_code == 200
    house_keys = await place.films(*VENDORS, type="status", status=400, message=QUOTES)
    assert {record["status"] for record in house_keys.values()} == {"failed"}


async def strangers(place: Place) -> None:
    """Whoever knows no key, and sends something in its place."""
    for headers in (
        {"X-API-Key": place.canaries.secret("wrong")},
        {"X-API-Key": "", "Authorization": f"Bearer {place.canaries.secret('wrong')}"},
    ):
        assert (await place.call("GET", "/v1/keys", headers=headers)).status_code == 401
    await place.call("GET", "/v1/keys", params={"api_key": place.canaries.secret("query")})


async def dramas(place: Place) -> str:
    """Texts and pictures of vendors that quote the house's own keys; returns the drama that came of it."""
    drama = ""
    for text, writer, painter in ((True, "openai", "local"), (True, "gemini", "local"), (False, "openai", "gemini")):
        place.vendor.fault(
            "status", match={"kind": "text" if text else "image", "times": 0}, status=400, message=QUOTES
        )
        body = {
            "premise": "A night-shift baker finds a ring in the dough and her own name inside it. 1 episode",
            "cast": {"writer": writer, "painter": painter},
        }
        made = (await place.call("POST", "/dramas", json=body)).json()
        drama = made["dramaId"]
        end = time.monotonic() + 90
        while True:
            record = (await place.call("GET", f"/dramas/{drama}/jobs/{made['jobId']}")).json()
            if record["status"] in ("completed", "failed"):
                break
            assert time.monotonic() < end, record
            await asyncio.sleep(0.3)
        assert record["status"] == ("failed" if text else "completed"), record
        place.vendor.clear_faults()
    return drama


async def webhooks(place: Place) -> None:
    made = await place.api.post(
        "/webhooks", json={"url": place.receiver.url("/hook")}, headers={"Idempotency-Key": "one-hook"}
    )
    assert made.status_code == 201, made.text
    turned = await place.api.post(f"/webhooks/{made.json()['id']}/rotate")
    for answer in (made, turned):
        secret = place.canaries.add(answer.json()["secret"])
        place.receiver.secrets.setdefault("/hook", []).append(secret)
    before = place.receiver.visits["/hook"]
    await place.film("openai")
    end = time.monotonic() + 30
    while place.receiver.visits["/hook"] == before:
        assert time.monotonic() < end, "nothing was delivered"
        await asyncio.sleep(0.1)
    await place.call("GET", "/webhooks")
    await place.call("GET", f"/webhooks/{made.json()['id']}/deliveries")


async def searched(place: Place, drama: str) -> None:
    await place.call("GET", f"/dramas/{drama}")
    for path in ("/v1/usage", "/v1/providers", "/v1/video/generations", "/submissions", f"/dramas/{drama}/submissions"):
        await place.call("GET", path)
    place.told.append(("events", await events(place, drama)))
    place.told += [("webhook", body.encode()) for body in came(place.receiver)]
    dump = await dumped(place.servers.postgres_dsn)
    objects = await asyncio.to_thread(described, place.servers)
    forms = place.canaries.forms()
    for secret in place.canaries.others:
        forms[base64.b64decode(secret.removeprefix("whsec_")).hex().encode()] = "webhook secret, its bytes"
    found = hits(forms, dump, "dump") + hits(forms, objects, "objects") + hits(forms, b"\n".join(place.carried), "NATS")
    for where, text in place.told:
        found += hits(forms, text, where)
    on_disk, files = await asyncio.to_thread(hits_on_disk, forms, place.house.folder.parent)
    logs = {file.stem for file in place.house.folder.glob("*.log")}
    print(
        f"{place.canaries.made + len(place.canaries.others)} secrets in {len(forms)} forms: {len(place.told)} answers, "
        f"{len(place.carried)} messages, {files} files, a dump of {len(dump)} bytes, {objects.count(b'ETag')} objects"
    )
    assert found + on_disk == []
    # What was searched is what there was, and what is there is found.
    known = place.known.forms()
    seen, _ = await asyncio.to_thread(hits_on_disk, known, place.house.folder.parent)
    assert hits(known, dump, "dump")
    assert any("/pg/" in where for where in seen), "rows of the database on the disk"
    assert any(hits(known, text, where) for where, text in place.told)
    assert logs == {"storage", *SERVICES}
    assert b"vault_keys" in dump
    assert b"Incorrect API key provided" in dump
    assert objects.count(b"ETag") > 5
    assert any(one.startswith(b"events.") for one in place.carried)
    assert b"event:" in place.told[-1 - len(came(place.receiver))][1]


async def events(place: Place, drama: str) -> bytes:
    """The event stream of a drama from its beginning, until nothing more comes."""
    told = b""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "0"}
    async with place.api.stream("GET", f"/dramas/{drama}/events", headers=headers) as stream:
        try:
            async with asyncio.timeout(3):
                async for piece in stream.aiter_bytes():
                    told += piece
        except TimeoutError:
            pass
    return told


def came(receiver: Receiver) -> list[str]:
    """What webhooks have brought."""
    return [json.dumps(receiver.came, default=str), json.dumps(receiver.heads, default=str)]


async def dumped(dsn: str) -> bytes:
    """The database as text, binary columns in hexadecimal digits."""
    child = await asyncio.create_subprocess_exec(
        str(postgres_bin() / "pg_dump"), "--inserts", dsn, stdout=asyncio.subprocess.PIPE
    )
    return (await child.communicate())[0]


def described(servers: Servers) -> bytes:
    """What S3 tells of every object: names, types, metadata, tags."""
    access = servers.s3
    client = boto3.client(
        "s3",
        endpoint_url=access.endpoint,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
        region_name=access.region,
    )
    told = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=access.bucket):
        for one in page.get("Contents", []):
            told.append(json.dumps(one, default=str))
            head = client.head_object(Bucket=access.bucket, Key=one["Key"])
            told.append(json.dumps([head["Metadata"], head["ContentType"], head["ResponseMetadata"]["HTTPHeaders"]]))
            told.append(json.dumps(client.get_object_tagging(Bucket=access.bucket, Key=one["Key"])["TagSet"]))
    return "\n".join(told).encode()
