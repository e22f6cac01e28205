"""Dramas over real gRPC and real Postgres: the record, its conflicts, its revision, its export."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from typing import Any, TypeAlias

import boto3
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from kit.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as rpc
from sfd.dramas.v1 import drama_service_pb2_grpc
from stack.servers import Servers

pytestmark = pytest.mark.system
Stub: TypeAlias = "drama_service_pb2_grpc.DramaServiceStub"


@pytest.fixture
async def dramas(storage_house: House) -> Stub:
    return drama_service_pb2_grpc.DramaServiceStub(storage_house.channel())


def drama(**more: Any) -> pb.Drama:
    scene = pb.Scene(
        id="ep01_s01",
        description="A pier.",
        metadata_json='{"dialogue":[{"character_id":"char_mina","text":"Wait.","emotion":"sad"}]}',
        assets=[
            pb.EntityAsset(
                id="ep01_s01_storyboard", kind=pb.ASSET_KIND_IMAGE, depends_on=["char_mina"], prompt="A pier."
            ),
            pb.EntityAsset(
                id="ep01_s01_clip",
                kind=pb.ASSET_KIND_VIDEO,
                depends_on=["ep01_s01_storyboard"],
                prompt="A pier.",
                duration=10,
            ),
        ],
    )
    fields: dict[str, Any] = {
        "id": f"drama_{uuid.uuid4().hex[:12]}",
        "title": "Night Ferry",
        "description": "…",
        "premise": "A ferry.",
        "characters": [
            pb.Character(
                id="char_mina", name="Mina", description="A diver.", gender="female", voice_description="low", main=True
            )
        ],
        "episodes": [pb.Episode(id="ep01", title="Boarding", description="…", scenes=[scene])],
    }
    return pb.Drama(**{**fields, **more})


async def put(dramas: Stub, value: pb.Drama, **more: Any) -> pb.Drama:
    return (await dramas.PutDrama(rpc.PutDramaRequest(drama=value, **more))).drama


def plain(value: pb.Drama) -> pb.Drama:
    copy = pb.Drama()
    copy.CopyFrom(value)
    for field in ("revision", "media_revision", "etag", "created_at", "updated_at"):
        copy.ClearField(field)
    return copy


async def test_a_drama_comes_back_as_it_was_given(dramas: Stub) -> None:
    given = drama(metadata_json='{"note":"\\u0000-free, ünïcode, 1.50"}'.replace("\\u0000-free", "free"))
    stored = await put(dramas, given)
    assert plain(stored) == given
    read = (await dramas.GetDrama(rpc.GetDramaRequest(drama_id=given.id))).drama
    assert read == stored
    assert (stored.revision, len(stored.etag)) == (1, 64)


async def test_only_the_masked_fields_change_and_null_applies(dramas: Stub) -> None:
    stored = await put(dramas, drama(metadata_json='{"a":1}'))
    change = pb.Drama(id=stored.id, title="New", description="not sent")
    mask = FieldMask(paths=["title", "metadata_json"])
    changed = (await dramas.UpdateDrama(rpc.UpdateDramaRequest(drama=change, update_mask=mask))).drama
    assert (changed.title, changed.description, changed.HasField("metadata_json")) == ("New", "…", False)
    assert changed.revision == stored.revision + 1
    assert changed.etag != stored.etag


async def test_a_stale_etag_is_refused_and_nothing_is_lost(dramas: Stub) -> None:
    stored = await put(dramas, drama())

    async def write(title: str) -> bool:
        request = rpc.UpdateDramaRequest(
            drama=pb.Drama(id=stored.id, title=title), update_mask=FieldMask(paths=["title"]), if_etag=stored.etag
        )
        try:
            await dramas.UpdateDrama(request)
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(write(f"t{n}") for n in range(8)))
    assert sum(won) == 1


async def test_many_writers_lose_no_update(dramas: Stub) -> None:
    stored = await put(dramas, drama(metadata_json='{"list":[]}'))

    async def append(value: int) -> None:
        while True:
            seen = (await dramas.GetDrama(rpc.GetDramaRequest(drama_id=stored.id))).drama
            listed = json.loads(seen.metadata_json)["list"]
            change = pb.Drama(id=stored.id, metadata_json=json.dumps({"list": [*listed, value]}))
            request = rpc.UpdateDramaRequest(
                drama=change, update_mask=FieldMask(paths=["metadata_json"]), if_etag=seen.etag
            )
            try:
                await dramas.UpdateDrama(request)
                return
            except Conflict:
                await asyncio.sleep(0)

    await asyncio.gather(*(append(n) for n in range(24)))
    final = (await dramas.GetDrama(rpc.GetDramaRequest(drama_id=stored.id))).drama
    assert sorted(json.loads(final.metadata_json)["list"]) == list(range(24))
    assert final.revision == stored.revision + 24


async def test_lists_go_to_the_end_by_key(dramas: Stub, storage_house: House) -> None:
    own = drama_service_pb2_grpc.DramaServiceStub(storage_house.channel(account=str(uuid.uuid4())))
    ids = [(await put(own, drama(title=f"t{n}"))).id for n in range(7)]
    seen: list[str] = []
    token = ""
    while True:
        page = await own.ListDramas(rpc.ListDramasRequest(page_size=3, page_token=token))
        seen += [one.id for one in page.dramas]
        token = page.next_page_token
        if not token:
            break
    assert seen == ids[::-1]
    with pytest.raises(InvalidInput):
        await own.ListDramas(rpc.ListDramasRequest(page_token="AAAA"))


async def test_the_same_request_id_is_one_write(dramas: Stub) -> None:
    value, request_id = drama(), uuid.uuid4().hex
    first = await put(dramas, value, request_id=request_id)
    second = await put(dramas, value, request_id=request_id)
    assert first == second
    with pytest.raises(AlreadyExists):
        await put(dramas, drama(id=value.id, title="other"), request_id=request_id)


async def test_create_only_refuses_a_taken_id(dramas: Stub) -> None:
    stored = await put(dramas, drama())
    with pytest.raises(Conflict):
        await put(dramas, drama(id=stored.id), create_only=True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "../etc"}, "drama.id"),
        ({"title": "a\x00b"}, "drama.title"),
        ({"metadata_json": "[]"}, "drama.metadata"),
        ({"characters": [pb.Character(id="a"), pb.Character(id="a")]}, "drama.characters[1].id"),
        ({"assets": [pb.EntityAsset(id="a")]}, "drama.assets[0].kind"),
        ({"episodes": [pb.Episode(id="e", scenes=[pb.Scene(id="")])]}, "drama.episodes[0].scenes[0].id"),
    ],
)
async def test_a_bad_drama_is_refused_by_field(dramas: Stub, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await put(dramas, drama(**change))
    assert caught.value.field == field


async def test_the_export_follows_within_five_seconds_and_delete_takes_it_away(dramas: Stub, servers: Servers) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=servers.s3.endpoint,
        aws_access_key_id=servers.s3.access_key,
        aws_secret_access_key=servers.s3.secret_key,
        region_name="auto",
    )
    stored = await put(dramas, drama(title="Exported"))
    key = f"dramas/{stored.id}/drama.json"

    async def exported() -> Any:
        try:
            return json.loads(
                (await asyncio.to_thread(s3.get_object, Bucket=servers.s3.bucket, Key=key))["Body"].read()
            )
        except s3.exceptions.NoSuchKey:
            return None

    async with asyncio.timeout(8):
        while (await exported() or {}).get("title") != "Exported":
            await asyncio.sleep(0.2)
    await dramas.DeleteDrama(rpc.DeleteDramaRequest(drama_id=stored.id))
    with pytest.raises(NotFound):
        await dramas.GetDrama(rpc.GetDramaRequest(drama_id=stored.id))
    async with asyncio.timeout(8):
        while await exported() is not None:
            await asyncio.sleep(0.2)


async def test_a_drama_is_removed_only_as_it_was_seen_and_a_repeated_removal_is_answered(dramas: Stub) -> None:
    stored = await put(dramas, drama())
    changed = await put(dramas, drama(id=stored.id, title="Another"))
    with pytest.raises(Conflict):
        await dramas.DeleteDrama(rpc.DeleteDramaRequest(drama_id=stored.id, if_etag=stored.etag))
    assert (await dramas.GetDrama(rpc.GetDramaRequest(drama_id=stored.id))).drama.title == "Another"
    removal = rpc.DeleteDramaRequest(drama_id=stored.id, if_etag=changed.etag, request_id=secrets.token_hex(16))
    for _ in range(2):
        await dramas.DeleteDrama(removal)
    with pytest.raises(NotFound):
        await dramas.DeleteDrama(rpc.DeleteDramaRequest(drama_id=stored.id, if_etag=changed.etag))
