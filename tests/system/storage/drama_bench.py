"""A bench for dramas over real gRPC: stubs, a drama to begin with, takes made as a worker makes them, a look into the bucket."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from typing import Any

import boto3
import httpx
from google.protobuf.field_mask_pb2 import FieldMask

from kit.context import Role
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.testing.house import House
from sfd.assets.v1 import asset_service_pb2, asset_service_pb2_grpc, library_service_pb2_grpc
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import character_service_pb2_grpc as characters_grpc
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2, drama_service_pb2_grpc
from sfd.dramas.v1 import entity_asset_service_pb2_grpc as assets_grpc
from sfd.dramas.v1 import episode_service_pb2_grpc as episodes_grpc
from sfd.dramas.v1 import scene_service_pb2_grpc as scenes_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from stack.servers import Servers

_OUTPUT_ONLY = ("revision", "media_revision", "etag", "created_at", "updated_at")


def image(asset_id: str, *needs: str, **more: Any) -> pb.EntityAsset:
    """Returns a picture that a drama asks for."""
    return pb.EntityAsset(id=asset_id, kind=pb.ASSET_KIND_IMAGE, depends_on=needs, prompt="A pier.", **more)


def film(asset_id: str, *needs: str, **more: Any) -> pb.EntityAsset:
    """Returns a film that a drama asks for."""
    return pb.EntityAsset(
        id=asset_id, kind=pb.ASSET_KIND_VIDEO, depends_on=needs, prompt="A pier.", duration=10, **more
    )


def scene(scene_id: str, **more: Any) -> pb.Scene:
    """Returns a scene with one picture and one film."""
    assets = [image(f"{scene_id}_image", "char_mina"), film(f"{scene_id}_video", f"{scene_id}_image")]
    fields = {"description": "A pier.", "metadata_json": '{"dialogue":[]}', "assets": assets}
    return pb.Scene(id=scene_id, **{**fields, **more})


def drama(*, episodes: int = 2, scenes: int = 2, **more: Any) -> pb.Drama:
    """Returns a drama of two characters under a fresh id."""
    fields: dict[str, Any] = {
        "id": f"drama_{uuid.uuid4().hex[:12]}",
        "title": "Night Ferry",
        "description": "A ferry at night.",
        "premise": "A ferry.",
        "metadata_json": '{"style":"anime"}',
        "characters": [
            pb.Character(id="char_mina", name="Mina", description="A diver.", gender="female", main=True),
            pb.Character(id="char_jun", name="Jun", description="A pilot.", gender="male", voice_description="low"),
        ],
        "episodes": [
            pb.Episode(
                id=f"ep{e:02d}",
                title=f"Part {e}",
                description="It begins.",
                scenes=[scene(f"ep{e:02d}_s{s:02d}") for s in range(1, scenes + 1)],
            )
            for e in range(1, episodes + 1)
        ],
    }
    return pb.Drama(**{**fields, **more})


def plain(value: pb.Drama, **more: Any) -> pb.Drama:
    """Returns a drama as somebody would send it: without what only the storage sets."""
    copy: Any = pb.Drama()
    copy.CopyFrom(value)
    for field in _OUTPUT_ONLY:
        copy.ClearField(field)
    for field, text in more.items():
        setattr(copy, field, text)
    result: pb.Drama = copy
    return result


class Bench:
    """Everything of one account in one house."""

    def __init__(self, house: House, servers: Servers, account: str = DEFAULT_ACCOUNT_ID) -> None:
        self.account = account
        channel = house.channel(account=account)
        self.dramas: Any = drama_service_pb2_grpc.DramaServiceStub(channel)
        self.characters: Any = characters_grpc.CharacterServiceStub(channel)
        self.episodes: Any = episodes_grpc.EpisodeServiceStub(channel)
        self.scenes: Any = scenes_grpc.SceneServiceStub(channel)
        self.assets: Any = assets_grpc.EntityAssetServiceStub(channel)
        self.jobs: Any = job_service_pb2_grpc.JobServiceStub(channel)
        worker = house.channel(role=Role.WORKER, account=account)
        self.worker: Any = job_service_pb2_grpc.JobServiceStub(worker)
        self.library: Any = asset_service_pb2_grpc.AssetServiceStub(channel)
        self.listing: Any = library_service_pb2_grpc.LibraryServiceStub(channel)
        self._bucket = servers.s3.bucket
        self._s3 = boto3.client(
            "s3",
            endpoint_url=servers.s3.endpoint,
            aws_access_key_id=servers.s3.access_key,
            aws_secret_access_key=servers.s3.secret_key,
            region_name="auto",
        )

    async def put(self, value: pb.Drama, **more: Any) -> pb.Drama:
        """Stores a drama; returns it as stored."""
        request = drama_service_pb2.PutDramaRequest(drama=value, **more)
        stored: pb.Drama = (await self.dramas.PutDrama(request)).drama
        return stored

    async def get(self, drama_id: str) -> pb.Drama:
        """Returns a drama."""
        request = drama_service_pb2.GetDramaRequest(drama_id=drama_id)
        found: pb.Drama = (await self.dramas.GetDrama(request)).drama
        return found

    async def takes(self, drama_id: str, **more: Any) -> list[pb.Take]:
        """Returns takes."""
        request = drama_service_pb2.ListTakesRequest(drama_id=drama_id, **more)
        return list((await self.dramas.ListTakes(request)).takes)

    async def upload(self, data: bytes, content_type: str = "image/png", **labels: str) -> str:
        """Puts bytes into the bucket; returns the asset's id."""
        signed = await self.library.CreateUpload(
            asset_service_pb2.CreateUploadRequest(
                content_type=content_type,
                bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                kind=content_type.split("/")[0],
                metadata_json=json.dumps(labels) if labels else "",
            )
        )
        async with httpx.AsyncClient() as http:
            (await http.put(signed.upload_url, content=data, headers=dict(signed.headers))).raise_for_status()
        return str(signed.asset.id)

    async def take(self, drama_id: str, slot: str, *, prompt: str = "A pier.", mark: str = "f1") -> job_pb2.Job:
        """Makes a take as a worker does; returns the job. Raises AssertionError with the reason when the result is refused."""
        moving = slot.rpartition(":")[2] in ("clip", "film", "audition") or slot.endswith("_video")
        kind = "video.clip" if moving else "imaging.storyboard"
        queue = f"q{uuid.uuid4().hex[:12]}"
        new = [job_pb2.NewJob(step="s", kind=kind, queue=queue, payload_type="x")]
        await self.jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="test", drama_id=drama_id, jobs=new))
        request = job_service_pb2.LeaseJobsRequest(queue=queue, max=1, kinds=[kind])
        (lease,) = (await self.worker.LeaseJobs(request)).leases
        asset_id = await self.upload(uuid.uuid4().bytes, "video/mp4" if moving else "image/png", drama_id=drama_id)
        output = {"stored_asset_id": asset_id, "slot": slot, "fingerprint": mark, "prompt": prompt}
        item = job_service_pb2.Completion(
            job_id=lease.job.id,
            lease_id=lease.lease_id,
            output_json=json.dumps({**output, "generator": "local", "drama_id": drama_id}),
        )
        completed = await self.worker.CompleteJobs(job_service_pb2.CompleteJobsRequest(completions=[item]))
        (result,) = completed.results
        assert result.accepted, result.error.reason
        job: job_pb2.Job = lease.job
        return job

    async def keys(self, prefix: str) -> set[str]:
        """Returns the keys in the bucket that begin so."""
        found = await asyncio.to_thread(self._s3.list_objects_v2, Bucket=self._bucket, Prefix=prefix)
        return {one["Key"] for one in found.get("Contents", ())}

    async def read(self, key: str) -> bytes:
        """Returns an object."""
        found = await asyncio.to_thread(self._s3.get_object, Bucket=self._bucket, Key=key)
        return found["Body"].read()

    async def write(self, key: str, data: bytes) -> None:
        """Writes an object past the storage."""
        await asyncio.to_thread(self._s3.put_object, Bucket=self._bucket, Key=key, Body=data)

    async def until_keys(self, prefix: str, wanted: set[str]) -> None:
        """Waits until exactly these keys begin so; raises AssertionError with what is there."""
        for _ in range(150):
            found = await self.keys(prefix)
            if found == wanted:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"{sorted(found)} instead of {sorted(wanted)}")


def ids(items: Any) -> list[str]:
    """Returns the ids of entities."""
    return [one.id for one in items]


async def patch_character(bench: Bench, drama_id: str, *paths: str, if_etag: str = "", **fields: Any) -> pb.Character:
    request = characters.UpdateCharacterRequest(
        drama_id=drama_id,
        character=pb.Character(id="char_mina", **fields),
        update_mask=FieldMask(paths=paths),
        if_etag=if_etag,
    )
    changed: pb.Character = (await bench.characters.UpdateCharacter(request)).character
    return changed


async def mina(bench: Bench, drama_id: str) -> pb.Character:
    request = characters.GetCharacterRequest(drama_id=drama_id, character_id="char_mina")
    found: pb.Character = (await bench.characters.GetCharacter(request)).character
    return found


async def check_etag(bench: Bench, drama_id: str) -> pb.Drama:
    """The drama's ETag is that of a drama written whole with the same people's fields."""
    now = await bench.get(drama_id)
    whole = await bench.put(plain(now, id=f"copy_{uuid.uuid4().hex[:12]}"))
    assert now.etag == whole.etag
    return now
