"""The asset library over REST: the contract's bodies and texts, and uploads that are not to be taken."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest

from kit import errors
from services.gateway.gateway import MAX_UPLOADS
from sfd.assets.v1 import asset_service_pb2
from sfd.assets.v1 import library_service_pb2 as rpc
from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.fakes import House
from tests.unit.gateway.test_gateway_content import REFUSED, film, picture

FIELDS = {"project_name": "p1", "asset_type": "image", "tag": "character"}
WHERE = {"project_name": "p1", "asset_type": "image"}


def form(data: bytes, name: str = "Mina.PNG", **more: str) -> dict[str, Any]:
    """Returns what httpx needs to send a form."""
    return {"files": {"file": (name, data)}, "data": {**FIELDS, **more}}


async def uploaded(api: httpx.AsyncClient, data: bytes, **more: str) -> dict[str, Any]:
    answer = await api.post("/asset-library/upload", **form(data, **more))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_asset_from_its_upload_to_its_end(api: httpx.AsyncClient, running: Running, house: House) -> None:
    data = picture("PNG")
    made = await uploaded(api, data, metadata='{"mood": "blue", "asset_id": "forged", "prompt": "비"}')
    assert set(made) >= {"asset_id", "asset_type", "tag", "r2_key", "public_url", "created_at"}
    assert (made["asset_type"], made["tag"], made["created_at"][-1]) == ("image", "character", "Z")
    signed = house.last(asset_service_pb2.CreateUploadRequest)
    assert (signed.content_type, signed.bytes, signed.width, signed.height) == ("image/png", len(data), 64, 96)
    assert signed.sha256 == hashlib.sha256(data).hexdigest()
    assert data in running.objects.values()

    listed = (await api.get("/asset-library/list", params={"project_name": "p1"})).json()
    assert (listed["total"], listed["user_id"], listed["project_name"], listed["cursor"]) == (1, "10000", "p1", None)
    about = (await api.get(f"/asset-library/{made['asset_id']}/metadata", params=WHERE)).json()
    assert listed["assets"] == [about]
    assert (about["mood"], about["prompt"], about["asset_id"]) == ("blue", "비", made["asset_id"])
    assert about["file_size"] == about["size_bytes"] == len(data)
    assert (about["content_type"], about["original_filename"]) == ("image/png", "Mina.PNG")

    got = await api.get(f"/asset-library/{made['asset_id']}", params=WHERE)
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, data, "image/png")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    part = await api.get(f"/asset-library/{made['asset_id']}", params=WHERE, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, data[4:10])
    head = await api.head(f"/asset-library/{made['asset_id']}", params=WHERE)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(data)))

    gone = await api.delete(f"/asset-library/{made['asset_id']}", params=WHERE)
    assert (gone.status_code, gone.json()) == (200, {"success": True, "message": "Asset deleted successfully"})
    again = await api.get(f"/asset-library/{made['asset_id']}", params=WHERE)
    assert (again.status_code, again.json()["detail"]) == (404, "Asset not found")


async def test_a_text_is_an_attachment_in_utf_8(api: httpx.AsyncClient) -> None:
    made = await uploaded(api, "물은 기억한다".encode(), asset_type="text", tag="clip")
    got = await api.get(f"/asset-library/{made['asset_id']}", params={"project_name": "p1", "asset_type": "text"})
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.text == "물은 기억한다"


@pytest.mark.parametrize(
    ("method", "path", "params", "text"),
    [
        ("GET", "list", {}, "project_name is required"),
        ("GET", "list", {"project_name": " "}, "project_name is required"),
        (
            "GET",
            "list",
            {"project_name": "p", "asset_type": "audio"},
            "Invalid asset_type 'audio'. Must be one of: image, video, text",
        ),
        (
            "GET",
            "list",
            {"project_name": "p", "tag": "cover"},
            "Invalid tag 'cover'. Must be one of: character, storyboard, clip",
        ),
        ("GET", "x", {}, "project_name and asset_type are required"),
        ("GET", "x", {"project_name": "p"}, "project_name and asset_type are required"),
        ("GET", "x/metadata", {"asset_type": "image"}, "project_name and asset_type are required"),
        ("DELETE", "x", {"project_name": "p"}, "project_name and asset_type are required"),
        (
            "DELETE",
            "x",
            {"project_name": "p", "asset_type": "no"},
            "Invalid asset_type 'no'. Must be one of: image, video, text",
        ),
    ],
)
async def test_refusals_have_the_contracts_texts(
    api: httpx.AsyncClient, method: str, path: str, params: dict[str, str], text: str
) -> None:
    answer = await api.request(method, f"/asset-library/{path}", params=params)
    assert (answer.status_code, answer.json()["detail"]) == (400, text)
    assert answer.json()["request_id"]


@pytest.mark.parametrize("path", ["{id}", "{id}/metadata", "no-uuid", "%00/metadata"])
async def test_what_is_not_there(api: httpx.AsyncClient, path: str) -> None:
    where = path.format(id="0d9f1a52-5c0f-4f55-9d51-3e0a1f2b3c4d")
    answer = await api.get(f"/asset-library/{where}", params=WHERE)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Asset not found")


async def test_an_upload_needs_a_valid_type_and_tag(api: httpx.AsyncClient, running: Running) -> None:
    wrong = await api.post("/asset-library/upload", **form(picture("PNG"), asset_type="audio"))
    assert wrong.json()["detail"] == "Invalid asset_type 'audio'. Must be one of: image, video, text"
    wrong = await api.post("/asset-library/upload", **form(picture("PNG"), tag="x"))
    assert wrong.json()["detail"] == "Invalid tag 'x'. Must be one of: character, storyboard, clip"
    assert wrong.status_code == 400


@pytest.mark.parametrize("field", ["file", "project_name", "asset_type", "tag"])
async def test_missing_fields_are_422_in_fastapis_form(api: httpx.AsyncClient, field: str) -> None:
    sent = form(picture("PNG"))
    for part in sent.values():
        part.pop(field, None)
    if field == "file":
        sent["files"] = {"other": (None, "x")}
    answer = await api.post("/asset-library/upload", **sent)
    told = {"type": "missing", "loc": ["body", field], "msg": "Field required", "input": None}
    assert (answer.status_code, answer.json()["detail"]) == (422, [told])


@pytest.mark.parametrize("text", ["[1]", "{", '{"a":1,"a":2}', "NaN", '{"a": "' + "x" * 20_000 + '"}', "[" * 2000])
async def test_metadata_must_be_a_small_object(api: httpx.AsyncClient, text: str) -> None:
    answer = await api.post("/asset-library/upload", **form(picture("PNG"), metadata=text))
    assert (answer.status_code, answer.json()["field"]) == (422, "metadata")


@pytest.mark.parametrize(("data", "reason"), REFUSED, ids=[f"{n}-{reason}" for n, (_, reason) in enumerate(REFUSED)])
async def test_bombs_polyglots_and_strangers_are_refused(
    api: httpx.AsyncClient, house: House, data: bytes, reason: str
) -> None:
    answer = await api.post("/asset-library/upload", **form(data))
    assert (answer.status_code, answer.json()["reason"], answer.json()["field"]) == (422, reason, "file")
    assert not house.assets


@pytest.mark.parametrize(
    ("data", "asset_type"), [(picture("PNG"), "video"), (film(), "image"), (b"words", "image"), (film(), "text")]
)
async def test_the_declared_type_must_be_that_of_the_bytes(
    api: httpx.AsyncClient, data: bytes, asset_type: str
) -> None:
    answer = await api.post("/asset-library/upload", **form(data, asset_type=asset_type))
    assert (answer.status_code, answer.json()["reason"]) == (422, "content_mismatch")


async def test_a_repeat_with_the_same_key_is_the_same_asset(api: httpx.AsyncClient, house: House) -> None:
    key = {"Idempotency-Key": "library-once"}
    first = await api.post("/asset-library/upload", headers=key, **form(picture("PNG")))
    data = house.last(asset_service_pb2.CreateUploadRequest)
    again = await api.post("/asset-library/upload", headers=key, **form(picture("PNG", (65, 96))))
    assert (again.status_code, again.json()["field"]) == (422, "Idempotency-Key")
    assert data.asset_id
    assert house.last(rpc.AddLibraryAssetRequest).request_id
    assert first.json()["asset_id"] in house.library
    assert len(house.library) == 1


async def test_pages(api: httpx.AsyncClient) -> None:
    ids = [(await uploaded(api, f"text {n}".encode(), asset_type="text", tag="clip"))["asset_id"] for n in range(3)]
    await uploaded(api, picture("PNG"))
    first = (await api.get("/asset-library/list", params={"project_name": "p1", "tag": "clip", "limit": 2})).json()
    assert (first["total"], len(first["assets"])) == (3, 2)
    params = {"project_name": "p1", "tag": "clip", "limit": 2, "cursor": first["cursor"]}
    rest = (await api.get("/asset-library/list", params=params)).json()
    assert [one["asset_id"] for one in first["assets"] + rest["assets"]] == ids[::-1]
    assert rest["cursor"] is None
    other = await api.get("/asset-library/list", params={"project_name": "p2", "cursor": first["cursor"]})
    assert (other.status_code, other.json()["reason"]) == (400, "bad_cursor")


def part(head: str, data: bytes) -> bytes:
    return f"--b\r\n{head}\r\n\r\n".encode() + data + b"\r\n"


def named(name: str, data: bytes = b"x") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"', data)


WHOLE = b"".join(named(name, value.encode()) for name, value in FIELDS.items())
FILE = part('Content-Disposition: form-data; name="file"; filename="a.png"', picture("PNG"))
BROKEN = {
    "no boundary": ("multipart/form-data", WHOLE + FILE + b"--b--\r\n", 400),
    "another boundary": ("multipart/form-data; boundary=zzz", WHOLE + FILE + b"--b--\r\n", 400),
    "a long boundary": ("multipart/form-data; boundary=" + "b" * 5000, WHOLE, 400),
    "cut in the file": ("multipart/form-data; boundary=b", WHOLE + FILE[:200], 422),
    "cut in a head": ("multipart/form-data; boundary=b", WHOLE + FILE[:40], 422),
    "10,000 parts": ("multipart/form-data; boundary=b", b"".join(named(f"f{n}") for n in range(10_000)), 413),
    "two files": ("multipart/form-data; boundary=b", WHOLE + FILE + FILE + b"--b--\r\n", 413),
    "a field twice": ("multipart/form-data; boundary=b", WHOLE + named("tag") + FILE + b"--b--\r\n", 400),
    "a part's head of 1 MB": ("multipart/form-data; boundary=b", part("X: " + "x" * (1 << 20), b"x") + WHOLE, 400),
    "a hundred heads": ("multipart/form-data; boundary=b", part("\r\n".join(["X: y"] * 100), b"x") + WHOLE, 400),
    "a field of 1 MB": ("multipart/form-data; boundary=b", named("metadata", b"x" * (1 << 20)) + WHOLE, 413),
    "JSON": ("application/json", b"{}", 422),
    "nothing": ("multipart/form-data; boundary=b", b"", 422),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_broken_forms(api: httpx.AsyncClient, house: House, name: str) -> None:
    content_type, body, status = BROKEN[name]
    answer = await api.post("/asset-library/upload", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status, answer.text
    assert answer.json()["request_id"]
    assert not house.assets


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "a\\\\b.png", "a%0d%0aX: y.png", "물.png", "x" * 3000 + ".png", "CON", ""]
)
async def test_odd_file_names_break_nothing(api: httpx.AsyncClient, house: House, name: str) -> None:
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    body = WHOLE + part(head, picture("PNG")) + b"--b--\r\n"
    answer = await api.post(
        "/asset-library/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 200, answer.text
    assert len(house.last(rpc.AddLibraryAssetRequest).filename) <= 255


def head_of(running: Running, length: int) -> bytes:
    """Returns the head of an upload that announces a length."""
    told = (
        "POST /asset-library/upload HTTP/1.1",
        f"Host: {running.url.removeprefix('http://')}",
        f"X-API-Key: {KEY}",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {length}",
        *(["Expect: 100-continue"] if length > 2 << 30 else []),
    )
    return "\r\n".join((*told, "", "")).encode()


async def opened(running: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Returns a bare connection to the gateway."""
    return await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))


async def test_too_large_is_told_before_it_is_read(running: Running, house: House) -> None:
    reader, writer = await opened(running)
    writer.write(head_of(running, 3 << 30))
    assert (await asyncio.wait_for(reader.readline(), 20)).split()[1] == b"413"
    writer.close()


async def test_no_more_uploads_at_once_than_there_are_places(api: httpx.AsyncClient, running: Running) -> None:
    waiting = []
    for _ in range(MAX_UPLOADS):
        _, writer = await opened(running)
        writer.write(head_of(running, 10_000) + WHOLE)
        waiting.append(writer)
    async with asyncio.timeout(20):
        while (answer := await api.post("/asset-library/upload", **form(picture("PNG")))).status_code == 200:
            await asyncio.sleep(0.05)
    assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_uploads")
    assert answer.headers["retry-after"]
    for writer in waiting:
        writer.close()
    async with asyncio.timeout(20):
        while (await api.post("/asset-library/upload", **form(picture("PNG")))).status_code != 200:
            await asyncio.sleep(0.05)


async def test_a_library_that_is_away_is_503(api: httpx.AsyncClient, house: House) -> None:
    house.failures["AddLibraryAsset"] = errors.Unavailable("The database is away.")
    answer = await api.post("/asset-library/upload", **form(picture("PNG")))
    assert answer.status_code == 503


async def test_strangers_need_a_key(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/asset-library/list", params={"project_name": "p"})
    assert answer.status_code == 401
    assert (await stranger.post("/asset-library/upload", **form(picture("PNG")))).status_code == 401


async def test_the_reference_picture_of_a_premise_is_listed(api: httpx.AsyncClient, house: House) -> None:
    answer = await api.post(
        "/dramas", data={"premise": "A ferry."}, files={"reference_image": ("Mina face.png", picture("PNG"))}
    )
    assert answer.status_code == 202, answer.text
    asked = house.last(rpc.AddLibraryAssetRequest)
    assert (asked.project_name, asked.tag, asked.shared) == (answer.json()["dramaId"], "character", True)
    labels = json.loads(asked.metadata_json)
    assert (labels["source"], labels["type"]) == ("reference_image", "character_reference")
    assert labels["original_filename"] == "Mina face.png"
    house.failures["AddLibraryAsset"] = errors.Unavailable("The database is away.")
    again = await api.post(
        "/dramas", data={"premise": "A ferry."}, files={"reference_image": ("Mina face.png", picture("PNG"))}
    )
    assert again.status_code == 202
