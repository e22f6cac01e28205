"""The gateway in front of the real record: Postgres, NATS and a bucket."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from kit.testing.house import House, house
from sfd.assets.v1 import asset_service_pb2
from sfd.assets.v1.asset_service_pb2_grpc import AssetServiceStub
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.jobs.v1.job_service_pb2_grpc import JobServiceStub
from stack.servers import Servers
from tests.contract.gateway.test_gateway_dramas import MINIMAL

pytestmark = pytest.mark.system
KEY = "the-key-of-the-real-house"


@pytest.fixture(scope="module")
async def storage_house(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house of its own: nothing but storage and the gateway is up in it."""
    async with house(servers, tmp_path_factory.mktemp("real")) as made:
        yield made


@pytest.fixture(scope="module")
async def real(storage_house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway process over real storage."""
    process = await storage_house.start("gateway", env={"API_KEYS": KEY}, name="gateway-real")
    async with httpx.AsyncClient(
        base_url=storage_house.url, headers={"X-API-Key": KEY}, trust_env=False, verify=False
    ) as client:
        yield client
    await asyncio.to_thread(process.stop)


async def test_a_drama_lives_and_dies(real: httpx.AsyncClient) -> None:
    metadata = {"n": 1.5, "deep": [{"물": None}], "s": "a"}
    names = [f"real-{uuid.uuid4().hex[:8]}-{number}" for number in range(3)]
    for name in names:
        answer = await real.post("/dramas", json={"drama": {**MINIMAL, "id": name, "metadata": metadata}})
        assert answer.status_code == 201, answer.text
    first = (await real.get(f"/dramas/{names[0]}")).json()
    assert first == answer.json() | {"id": names[0]}
    assert first["metadata"] == metadata
    page = (await real.get("/dramas", params={"limit": 2})).json()
    rest = (await real.get("/dramas", params={"limit": 2, "cursor": page["cursor"]})).json()
    assert [one["id"] for one in page["dramas"] + rest["dramas"]][:3] == names[::-1]
    assert (await real.get("/dramas", params={"cursor": "bm90LW91cnM"})).status_code == 400
    tag = (await real.get(f"/dramas/{names[0]}")).headers["etag"]
    changed = await real.patch(f"/dramas/{names[0]}", json={"title": "B", "metadata": None}, headers={"If-Match": tag})
    assert (changed.json()["title"], changed.json()["metadata"]) == ("B", None)
    stale = await real.patch(f"/dramas/{names[0]}", json={"title": "C"}, headers={"If-Match": tag})
    assert stale.status_code == 412
    again = {"drama": {**MINIMAL, "id": names[0]}}
    assert (await real.post("/dramas", json=again, headers={"If-None-Match": "*"})).status_code == 409
    twice = {**MINIMAL, "characters": MINIMAL["characters"] * 2}
    refused = await real.post("/dramas", json={"drama": twice})
    assert (refused.status_code, refused.json()["field"]) == (422, "drama.characters[1].id")
    for name in names:
        assert (await real.delete(f"/dramas/{name}")).json() == {"success": True}
        gone = await real.get(f"/dramas/{name}")
        assert gone.json()["detail"] == {"error": "Drama not found", "message": f"Drama {name} not found"}


async def test_jobs_and_events_come_through(real: httpx.AsyncClient, storage_house: House) -> None:
    drama = f"real-{uuid.uuid4().hex[:8]}"
    async with storage_house.channel() as channel:
        jobs = JobServiceStub(channel)
        new = job_pb2.NewJob(step="portrait:a", kind="imaging.portrait", queue="nobody", input_json="{}")
        run = (
            await jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="execute_drama", drama_id=drama, jobs=[new]))
        ).run
    path = f"/dramas/{drama}/jobs/{run.public_id}"
    body = (await real.get(path)).json()
    assert (body["status"], body["type"], body["result"]["total_jobs"]) == ("pending", "generate_drama", 1)
    child = body["result"]["jobs"][0]
    assert (await real.get(f"/jobs/{child['job_id']}")).json()["parentJobId"] == run.public_id
    assert (await real.get(f"/dramas/{drama}/jobs")).json()["jobs"][0]["jobId"] == run.public_id
    types: list[str] = []
    async with real.stream("GET", f"/dramas/{drama}/events", timeout=20) as stream:
        waiting = asyncio.create_task(real.get(path, headers={"Prefer": "wait=20"}, timeout=30))
        lines = stream.aiter_lines()
        while "run.queued" not in types:
            line = await anext(lines)
            types += [line.removeprefix("event: ")] if line.startswith("event: ") else []
        began = time.monotonic()
        cancelled = await real.post(f"{path}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        while "run.cancelled" not in types:
            line = await anext(lines)
            types += [line.removeprefix("event: ")] if line.startswith("event: ") else []
        assert time.monotonic() - began < 3
        assert (await waiting).json()["error"] == "cancelled"


async def test_bytes_come_from_the_bucket(real: httpx.AsyncClient, storage_house: House) -> None:
    data = bytes(range(256)) * 1000
    async with storage_house.channel() as channel:
        assets = AssetServiceStub(channel)
        signed = await assets.CreateUpload(
            asset_service_pb2.CreateUploadRequest(
                content_type="video/mp4", bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), kind="video"
            )
        )
        put = await real.put(signed.upload_url, content=data, headers=dict(signed.headers))
        assert put.status_code == 200, put.text
        url = (await assets.ConfirmUpload(asset_service_pb2.ConfirmUploadRequest(asset_id=signed.asset.id))).asset.url
    async with httpx.AsyncClient(trust_env=False, verify=False, follow_redirects=True) as visitor:
        whole = await visitor.get(url)
        assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, data, "video/mp4")
        part = await visitor.get(url, headers={"Range": "bytes=-300"})
        assert (part.status_code, part.content) == (206, data[-300:])
        assert (await visitor.head(url)).headers["content-length"] == str(len(data))


async def test_a_service_that_is_away_is_503(real: httpx.AsyncClient) -> None:
    answer = await real.post("/dramas", json={"premise": "Nobody writes here."})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert json.loads(answer.text)["retryable"] is True
