"""The asset library over real storage, Postgres and bucket: from an upload to its end, and what is generated."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from kit.context import Role
from kit.errors import InvalidInput, NotFound, NotReady
from kit.testing.house import House, house
from kit.testing.processes import Process
from sfd.assets.v1 import asset_service_pb2, library_service_pb2
from sfd.assets.v1.asset_service_pb2_grpc import AssetServiceStub
from sfd.assets.v1.library_service_pb2_grpc import LibraryServiceStub
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.jobs.v1.job_service_pb2_grpc import JobServiceStub
from stack.servers import Servers
from tests.contract.gateway.test_gateway_dramas import MINIMAL
from tests.unit.gateway.test_gateway_content import box, film, picture

pytestmark = pytest.mark.system
KEY = "the-key-of-the-real-library"
PROJECT = "My Drama: Nö. 1"


@pytest.fixture(scope="module")
async def storage_house(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house of its own: nothing but storage and the gateway is up in it."""
    async with house(servers, tmp_path_factory.mktemp("library")) as made:
        yield made


@pytest.fixture(scope="module")
async def gateway(storage_house: House) -> AsyncIterator[Process]:
    """A gateway process over real storage."""
    process = await storage_house.start("gateway", env={"API_KEYS": KEY}, name="gateway-library")
    yield process
    await asyncio.to_thread(process.stop)


@pytest.fixture
async def real(gateway: Process, storage_house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Its client."""
    async with httpx.AsyncClient(
        base_url=storage_house.url, headers={"X-API-Key": KEY}, trust_env=False, verify=False, timeout=120
    ) as client:
        yield client


class Bucket:
    """The bucket as an outsider sees it."""

    def __init__(self, servers: Servers) -> None:
        s3 = servers.s3
        self._name = s3.bucket
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=s3.endpoint,
            aws_access_key_id=s3.access_key,
            aws_secret_access_key=s3.secret_key,
            region_name="auto",
        )

    def get(self, key: str) -> bytes | None:
        """Returns an object, or None."""
        try:
            data: bytes = self._client.get_object(Bucket=self._name, Key=key)["Body"].read()
        except ClientError:
            return None
        return data

    async def until(self, key: str, there: Callable[[bytes | None], bool]) -> bytes | None:
        """Returns the object as soon as `there` says so of it."""
        async with asyncio.timeout(60):
            while not there(data := await asyncio.to_thread(self.get, key)):
                await asyncio.sleep(0.2)
        return data


@pytest.fixture
def bucket(servers: Servers) -> Bucket:
    return Bucket(servers)


async def upload(real: httpx.AsyncClient, data: bytes, headers: dict[str, str] | None = None, **more: str) -> Any:
    fields = {"project_name": PROJECT, "asset_type": "image", "tag": "character", **more}
    return await real.post(
        "/asset-library/upload", files={"file": ("../My Face.PNG", data)}, data=fields, headers=headers or {}
    )


async def test_an_asset_from_its_upload_to_its_end(real: httpx.AsyncClient, bucket: Bucket) -> None:
    data = picture("PNG", (70, 90))
    answer = await upload(real, data, user_id="Team A", metadata='{"mood": "blue", "r2_key": "forged"}')
    assert answer.status_code == 200, answer.text
    made = answer.json()
    key = f"team_a/my_drama_n_1/images/{made['asset_id']}"
    assert made["r2_key"] == f"{key}.png"
    assert uuid.UUID(made["asset_id"]).version == 4
    where = {"user_id": "Team A", "project_name": PROJECT, "asset_type": "image"}
    about = (await real.get(f"/asset-library/{made['asset_id']}/metadata", params=where)).json()
    expected = {
        "mood": "blue",
        "original_filename": "My Face.PNG",
        "user_id": "team_a",
        "project_name": "my_drama_n_1",
        "asset_type": "image",
        "tag": "character",
        "filename": "my_face.png",
        "file_size": len(data),
        "size_bytes": len(data),
        "content_type": "image/png",
        "updated_at": made["created_at"],
        **{name: made[name] for name in ("asset_id", "r2_key", "public_url", "created_at")},
    }
    assert about == expected
    listed = (await real.get("/asset-library/list", params={"user_id": "TEAM a", "project_name": PROJECT})).json()
    assert listed == {
        "assets": [about],
        "total": 1,
        "user_id": "TEAM a",
        "project_name": PROJECT,
        "cursor": None,
    }
    got = await real.get(f"/asset-library/{made['asset_id']}", params=where, headers={"Range": "bytes=1-3"})
    assert (got.status_code, got.content, got.headers["content-type"]) == (206, b"PNG", "image/png")
    async with httpx.AsyncClient(trust_env=False, verify=False) as visitor:
        assert (await visitor.get(made["public_url"])).content == data

    assert await bucket.until(f"{key}.png", bool) == data
    written = json.loads(await bucket.until(f"{key}.json", bool) or b"")
    # Another house's storage on the same record may have written it: it knows another address for the same path.
    assert written.pop("public_url").rpartition("/")[2] == about["public_url"].rpartition("/")[2]
    assert written == {name: value for name, value in about.items() if name != "public_url"}
    project = json.loads(await bucket.until("team_a/my_drama_n_1/meta/project.json", bool) or b"")
    assert set(project) == {"user_id", "project_name", "name", "created_at", "updated_at"}
    assert (project["user_id"], project["project_name"], project["name"]) == ("team_a", "my_drama_n_1", PROJECT)

    gone = await real.delete(f"/asset-library/{made['asset_id']}", params=where)
    assert (gone.status_code, gone.json()) == (200, {"success": True, "message": "Asset deleted successfully"})
    for method, path in (("GET", ""), ("GET", "/metadata"), ("DELETE", "")):
        answer = await real.request(method, f"/asset-library/{made['asset_id']}{path}", params=where)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Asset not found")
    async with httpx.AsyncClient(trust_env=False, verify=False) as visitor:
        assert (await visitor.get(made["public_url"])).status_code == 404
    for end in ("png", "json"):
        await bucket.until(f"{key}.{end}", lambda data: data is None)


async def test_another_project_type_or_user_does_not_see_it(real: httpx.AsyncClient) -> None:
    made = (await upload(real, picture("PNG"))).json()
    for other in ({"project_name": "other"}, {"asset_type": "video"}, {"user_id": "someone"}):
        where = {"project_name": PROJECT, "asset_type": "image", **other}
        assert (await real.get(f"/asset-library/{made['asset_id']}", params=where)).status_code == 404
        assert (await real.delete(f"/asset-library/{made['asset_id']}", params=where)).status_code == 404


async def test_another_account_sees_nothing_and_has_keys_of_its_own(
    real: httpx.AsyncClient, storage_house: House
) -> None:
    made, other, data = (await upload(real, picture("PNG"))).json(), str(uuid.uuid4()), b"words"
    named = {"project_name": PROJECT, "asset_type": "image", "asset_id": made["asset_id"]}
    async with storage_house.channel(account=other) as channel:
        library, assets = LibraryServiceStub(channel), AssetServiceStub(channel)
        with pytest.raises(NotFound):
            await library.GetLibraryAsset(library_service_pb2.GetLibraryAssetRequest(**named))
        with pytest.raises(NotFound):
            await library.DeleteLibraryAsset(library_service_pb2.DeleteLibraryAssetRequest(**named))
        listed = await library.ListLibraryAssets(library_service_pb2.ListLibraryAssetsRequest(project_name=PROJECT))
        assert (listed.total_size, len(listed.assets)) == (0, 0)
        signed = await assets.CreateUpload(
            asset_service_pb2.CreateUploadRequest(
                content_type="text/plain", bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), kind="text"
            )
        )
        wish = library_service_pb2.AddLibraryAssetRequest(
            stored_asset_id=signed.asset.id, project_name=PROJECT, asset_type="text", tag="clip"
        )
        with pytest.raises(NotReady):
            await library.AddLibraryAsset(wish)
        assert (await real.put(signed.upload_url, content=data, headers=dict(signed.headers))).status_code == 200
        with pytest.raises(InvalidInput):
            await library.AddLibraryAsset(
                library_service_pb2.AddLibraryAssetRequest(
                    stored_asset_id=signed.asset.id, project_name=PROJECT, asset_type="image", tag="clip"
                )
            )
        added = (await library.AddLibraryAsset(wish)).asset
    assert added.r2_key == f"accounts/{other}/10000/my_drama_n_1/texts/{added.asset_id}.txt"
    where = {"project_name": PROJECT, "asset_type": "text"}
    assert (await real.get(f"/asset-library/{added.asset_id}", params=where)).status_code == 404


async def test_a_repeat_with_the_same_key_is_the_same_asset(real: httpx.AsyncClient) -> None:
    data, key = picture("JPEG"), {"Idempotency-Key": uuid.uuid4().hex}
    first = await upload(real, data, key, project_name="once")
    again = await upload(real, data, key, project_name="once")
    assert (again.status_code, again.json()) == (200, first.json())
    other = await upload(real, picture("JPEG", (65, 90)), key, project_name="once")
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
    elsewhere = await upload(real, data, key, project_name="twice")
    assert elsewhere.status_code == 422
    assert (await real.get("/asset-library/list", params={"project_name": "once"})).json()["total"] == 1


async def test_filters_and_pages(real: httpx.AsyncClient) -> None:
    project = f"pages {uuid.uuid4().hex}"
    ids = [
        (await upload(real, f"line {n}".encode(), project_name=project, asset_type="text", tag="clip")).json()[
            "asset_id"
        ]
        for n in range(5)
    ]
    await upload(real, film(), project_name=project, asset_type="video", tag="storyboard")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"project_name": project, "tag": "clip", "limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await real.get("/asset-library/list", params=params)).json()
        assert page["total"] == 5
        seen += [one["asset_id"] for one in page["assets"]]
        cursor = page["cursor"]
    assert seen == ids[::-1]
    films = (await real.get("/asset-library/list", params={"project_name": project, "asset_type": "video"})).json()
    assert (films["total"], films["assets"][0]["content_type"]) == (1, "video/mp4")
    both = {"project_name": project, "asset_type": "video", "tag": "clip"}
    assert (await real.get("/asset-library/list", params=both)).json()["assets"] == []


async def test_odd_labels_are_never_a_5xx(real: httpx.AsyncClient) -> None:
    for label in ("물의 노래", "a\0b", "..", "x" * 1000, "%", "'; DROP TABLE assets; --"):
        listed = await real.get("/asset-library/list", params={"project_name": label, "user_id": label})
        assert listed.status_code in (200, 422), listed.text
        made = await upload(real, picture("PNG"), project_name=label)
        assert made.status_code in (200, 422), made.text
        if made.status_code == 200:
            where = {"project_name": label, "asset_type": "image"}
            assert (await real.get(f"/asset-library/{made.json()['asset_id']}", params=where)).status_code == 200


def resident(process: Process) -> int:
    """Returns how many bytes of memory a process has at its highest."""
    assert process.pid
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


async def test_a_large_upload_is_never_whole_in_memory(real: httpx.AsyncClient, gateway: Process) -> None:
    data = film(pad=8) + box(b"free", bytes(64 << 20))
    assert (await upload(real, film(), project_name="large", asset_type="video", tag="clip")).status_code == 200
    before = resident(gateway)
    made = await upload(real, data, project_name="large", asset_type="video", tag="clip")
    assert made.status_code == 200, made.text
    digest = hashlib.sha256()
    where = {"project_name": "large", "asset_type": "video"}
    async with real.stream("GET", f"/asset-library/{made.json()['asset_id']}", params=where) as answer:
        async for chunk in answer.aiter_raw():
            digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()
    grown = resident(gateway) - before
    print(f"64 MiB uploaded and read: the gateway's highest memory grew by {grown >> 10} KiB")
    assert grown < 24 << 20


def spooled(process: Process, folder: Path) -> bool:
    """Returns whether a process has a file open in the folder."""
    for one in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(one).startswith(str(folder)):
                return True
    return False


async def test_an_upload_waits_in_the_working_folder(
    real: httpx.AsyncClient, gateway: Process, storage_house: House
) -> None:
    folder = Path(storage_house.env["SFD_WORK_DIR"]) / "uploads"

    async def body() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + bytes(4 << 20)
        async with asyncio.timeout(60):
            while not spooled(gateway, folder):
                await asyncio.sleep(0.05)
        yield b"\r\n--b--\r\n"

    sent = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await real.post("/asset-library/upload", content=body(), headers=sent)
    assert answer.status_code == 422
    assert [one["loc"][1] for one in answer.json()["detail"]] == ["project_name", "asset_type", "tag"]
    assert not spooled(gateway, folder)


async def test_what_is_generated_is_listed_and_a_drama_keeps_its_picture(
    real: httpx.AsyncClient, storage_house: House, bucket: Bucket
) -> None:
    drama = f"Gen.{uuid.uuid4().hex[:8]}"
    character = {"id": "mina", "name": "Mina", "description": "d", "gender": "female", "voice_description": "v"}
    body = {**MINIMAL, "id": drama, "characters": [{**character, "main": True}]}
    assert (await real.post("/dramas", json={"drama": body})).status_code == 201
    data = picture("PNG")
    async with storage_house.channel() as user, storage_house.channel(role=Role.WORKER) as worker:
        assets = AssetServiceStub(user)
        signed = await assets.CreateUpload(
            asset_service_pb2.CreateUploadRequest(
                content_type="image/png", bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), kind="image"
            )
        )
        assert (await real.put(signed.upload_url, content=data, headers=dict(signed.headers))).status_code == 200
        queue = f"q{uuid.uuid4().hex[:12]}"
        new = job_pb2.NewJob(step="portrait:mina", kind="imaging.portrait", queue=queue, payload_type="x")
        await JobServiceStub(user).SubmitRun(
            job_service_pb2.SubmitRunRequest(kind="execute_drama", drama_id=drama, jobs=[new])
        )
        jobs = JobServiceStub(worker)
        asked = job_service_pb2.LeaseJobsRequest(queue=queue, max=1, kinds=["imaging.portrait"])
        (one,) = (await jobs.LeaseJobs(asked)).leases
        output = {
            "stored_asset_id": signed.asset.id,
            "slot": "character:mina:portrait",
            "generator": "local",
            "prompt": "A diver.",
        }
        item = job_service_pb2.Completion(job_id=one.job.id, lease_id=one.lease_id, output_json=json.dumps(output))
        (result,) = (await jobs.CompleteJobs(job_service_pb2.CompleteJobsRequest(completions=[item]))).results
        assert result.accepted, result
    listed = (await real.get("/asset-library/list", params={"project_name": drama, "tag": "character"})).json()
    (about,) = listed["assets"]
    told = {
        "source": "dag_execution",
        "type": "character_portrait",
        "generator": "local",
        "prompt": "A diver.",
        "job_id": one.job.id,
        "drama_id": drama,
        "character_id": "mina",
        "name": "Mina",
        "user_id": "10000",
        "project_name": drama.lower().replace(".", "_"),
        "filename": "mina_portrait.png",
    }
    assert {name: about[name] for name in told} == told
    assert await bucket.until(about["r2_key"], bool) == data
    where = {"project_name": drama, "asset_type": "image"}
    assert (await real.delete(f"/asset-library/{about['asset_id']}", params=where)).status_code == 200
    await bucket.until(about["r2_key"], lambda data: data is None)
    shown = (await real.get(f"/dramas/{drama}")).json()["characters"][0]["url"]
    assert (await real.get(shown)).content == data


async def test_a_drama_takes_its_listed_pictures_with_it(
    real: httpx.AsyncClient, storage_house: House, bucket: Bucket
) -> None:
    drama, data = f"ref-{uuid.uuid4().hex[:8]}", picture("PNG")
    assert (await real.post("/dramas", json={"drama": {**MINIMAL, "id": drama}})).status_code == 201
    made = (await upload(real, data, project_name=drama)).json()
    async with storage_house.channel() as user:
        signed = await AssetServiceStub(user).CreateUpload(
            asset_service_pb2.CreateUploadRequest(
                content_type="image/png", bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), kind="image"
            )
        )
        assert (await real.put(signed.upload_url, content=data, headers=dict(signed.headers))).status_code == 200
        shared = (
            await LibraryServiceStub(user).AddLibraryAsset(
                library_service_pb2.AddLibraryAssetRequest(
                    stored_asset_id=signed.asset.id,
                    project_name=drama,
                    asset_type="image",
                    tag="character",
                    shared=True,
                )
            )
        ).asset
    assert await bucket.until(shared.r2_key, bool) == data
    assert await bucket.until(made["r2_key"], bool) == data
    assert (await real.delete(f"/dramas/{drama}")).status_code == 200
    await bucket.until(shared.r2_key, lambda data: data is None)
    left = (await real.get("/asset-library/list", params={"project_name": drama})).json()["assets"]
    assert [one["asset_id"] for one in left] == [made["asset_id"]]
