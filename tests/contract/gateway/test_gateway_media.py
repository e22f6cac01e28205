"""Bytes over REST: media URLs with ranges, and the reference picture of a premise."""

from __future__ import annotations

import asyncio
import hashlib
import io
import socket
import time

import httpx
import pytest
import structlog
from PIL import Image

from kit import errors
from services.gateway import edge
from services.gateway.routes import media
from sfd.assets.v1 import asset_pb2, asset_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway.conftest import Running
from tests.contract.gateway.fakes import House

CAPABILITY = "0123456789abcdef" * 2
DATA = bytes(range(256)) * 400
URL = f"/media/{CAPABILITY}.mp4"


@pytest.fixture
def film(running: Running, house: House) -> asset_pb2.Asset:
    """A stored film."""
    asset = asset_pb2.Asset(
        id=f"asset-{CAPABILITY}",
        key="objects/film",
        content_type="video/mp4",
        bytes=len(DATA),
        sha256=hashlib.sha256(DATA).hexdigest(),
        state=asset_pb2.ASSET_STATE_LIVE,
    )
    house.assets[asset.id] = asset
    running.objects[asset.key] = DATA
    return asset


async def test_the_whole(stranger: httpx.AsyncClient, film: asset_pb2.Asset) -> None:
    answer = await stranger.get(URL)
    assert (answer.status_code, answer.content) == (200, DATA)
    told = answer.headers
    assert told["content-type"] == "video/mp4"
    assert told["accept-ranges"] == "bytes"
    assert told["etag"] == f'"{film.sha256}"'
    assert told["cache-control"] == "public, max-age=31536000, immutable"
    assert told["x-content-type-options"] == "nosniff"
    assert "sandbox" in told["content-security-policy"]
    assert told["content-length"] == str(len(DATA))
    head = await stranger.head(URL)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(DATA)))
    assert (await stranger.get(URL, headers={"If-None-Match": told["etag"]})).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-0", 206, 0, 0),
        ("bytes=10-19", 206, 10, 19),
        ("bytes=100-", 206, 100, len(DATA) - 1),
        ("bytes=-5", 206, len(DATA) - 5, len(DATA) - 1),
        ("bytes=0-99999999999", 206, 0, len(DATA) - 1),
        ("bytes=-99999999999", 206, 0, len(DATA) - 1),
        ("bytes=5-2", 200, 0, len(DATA) - 1),
        ("bytes=0-1,3-4", 200, 0, len(DATA) - 1),
        ("bytes=a-b", 200, 0, len(DATA) - 1),
        ("bytes=-", 200, 0, len(DATA) - 1),
        ("lines=1-2", 200, 0, len(DATA) - 1),
    ],
)
async def test_ranges(
    stranger: httpx.AsyncClient, film: asset_pb2.Asset, asked: str, status: int, first: int, last: int
) -> None:
    answer = await stranger.get(URL, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, DATA[first : last + 1])
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"
        assert answer.headers["content-length"] == str(last - first + 1)


async def test_ranges_outside_and_conditions(stranger: httpx.AsyncClient, film: asset_pb2.Asset) -> None:
    for outside in (f"bytes={len(DATA)}-", "bytes=-0"):
        answer = await stranger.get(URL, headers={"Range": outside})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(DATA)}")
    same = {"Range": "bytes=0-9", "If-Range": f'"{film.sha256}"'}
    assert (await stranger.get(URL, headers=same)).status_code == 206
    other = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert (await stranger.get(URL, headers=other)).status_code == 200
    began = time.perf_counter()
    many = "bytes=" + "0-0," * 10_000
    assert (await stranger.get(URL, headers={"Range": many})).status_code == 200
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "name", ["x", "x.mp4", CAPABILITY, f"{CAPABILITY}.MP4", "f" * 32 + ".mp4", f"{CAPABILITY}.mp4%00"]
)
async def test_unknown_media(stranger: httpx.AsyncClient, film: asset_pb2.Asset, name: str) -> None:
    assert (await stranger.get(f"/media/{name}")).status_code == 404


async def test_unconfirmed_lost_and_unreachable_bytes(
    stranger: httpx.AsyncClient, running: Running, house: House, film: asset_pb2.Asset
) -> None:
    film.state = asset_pb2.ASSET_STATE_PENDING
    assert (await stranger.get(URL)).status_code == 404
    film.state = asset_pb2.ASSET_STATE_LIVE
    house.failures["ResolveMedia"] = errors.Unavailable("Away.")
    assert (await stranger.get(URL)).status_code == 503
    del running.objects[film.key]
    answer = await stranger.get(URL)
    assert (answer.status_code, answer.json()["reason"]) == (503, "bucket_unavailable")


async def test_a_bucket_that_does_not_answer_is_not_waited_for(
    stranger: httpx.AsyncClient, running: Running, film: asset_pb2.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "HEAD_SECONDS", 0.2)
    film.key = "stuck/film"
    answer = await stranger.get(URL, timeout=20)
    assert (answer.status_code, answer.json()["reason"]) == (503, "bucket_unavailable")
    assert answer.headers["retry-after"]


async def test_whoever_does_not_read_is_left(
    running: Running, film: asset_pb2.Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "SEND_SECONDS", 0.3)
    film.bytes = 64 << 20
    running.objects[film.key] = bytes(film.bytes)
    where = httpx.URL(running.url)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    with structlog.testing.capture_logs() as logged, sock:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, (where.host, where.port))
        await loop.sock_sendall(sock, f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        async with asyncio.timeout(20):
            while not any(one.get("route") == "/media/{name}" for one in logged):
                await asyncio.sleep(0.05)
    assert [one["event"] for one in logged if one["log_level"] == "error"] == []


async def test_a_public_bucket_is_pointed_at(stranger: httpx.AsyncClient, house: House, film: asset_pb2.Asset) -> None:
    house.public = True
    answer = await stranger.get(URL)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{house.bucket}/objects/film?public")
    assert "no-store" in answer.headers["cache-control"]
    assert (await stranger.head(URL)).status_code == 200


def picture(kind: str, size: tuple[int, int] = (90, 160)) -> bytes:
    """Returns a picture's bytes."""
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_reference_picture_is_stored_first(
    api: httpx.AsyncClient, running: Running, house: House, kind: str
) -> None:
    data = picture(kind)
    answer = await api.post(
        "/dramas",
        data={"premise": "A courier.", "id": "d1", "model": "m", "colour": "red"},
        files={"reference_image": ("../../evil\r\n.html", data, "text/html")},
    )
    assert answer.status_code == 202, answer.text
    assert answer.headers["x-sfd-ignored"] == "colour"
    upload = house.last(asset_service_pb2.CreateUploadRequest)
    assert upload.content_type == f"image/{kind.lower()}"
    assert (upload.bytes, upload.width, upload.height) == (len(data), 90, 160)
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    asset = next(iter(house.assets.values()))
    assert asset.state == asset_pb2.ASSET_STATE_LIVE
    assert running.objects[asset.key] == data
    asked = house.last(story_service_pb2.GenerateDramaRequest)
    assert asked.reference_image_url == asset.url
    assert (asked.premise, asked.drama_id, asked.options.cast.writer_model) == ("A courier.", "d1", "m")


async def test_a_repeated_form_is_the_same_wish(api: httpx.AsyncClient, house: House) -> None:
    asked = []
    for data in (picture("PNG"), picture("PNG"), picture("PNG", (10, 10))):
        answer = await api.post(
            "/dramas",
            data={"premise": "x"},
            files={"reference_image": ("a.png", data)},
            headers={"Idempotency-Key": "k"},
        )
        asked.append(house.last(story_service_pb2.GenerateDramaRequest))
    assert asked[0] == asked[1]
    assert asked[0].reference_image_url
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


async def test_a_form_without_a_picture(api: httpx.AsyncClient, house: House) -> None:
    answer = await api.post("/dramas", files={"premise": (None, "x")})
    assert answer.status_code == 202
    assert house.last(story_service_pb2.GenerateDramaRequest).reference_image_url == ""
    answer = await api.post("/dramas", files={"id": (None, "x")})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Field 'premise' is required in multipart request")


def png_of(width: int, height: int) -> bytes:
    """Returns a PNG whose head lies about its size."""
    data = bytearray(picture("PNG"))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"GIF89a" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00",
        b"RIFF\0\0\0\0WEBPVP8 ",
        png_of(16_385, 10),
        png_of(10_000, 10_000),
        png_of(0, 10),
    ],
)
async def test_a_file_that_is_no_bearable_picture(api: httpx.AsyncClient, house: House, data: bytes) -> None:
    answer = await api.post("/dramas", data={"premise": "x"}, files={"reference_image": ("a.png", data, "image/png")})
    assert (answer.status_code, answer.json()["field"]) == (422, "reference_image")
    assert house.asked == []


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b"garbage without a boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="premise"\r\n\r\ncut'),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="premise'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="premise"\r\n\r\nx\r\n' * 10_000 + b"--b--\r\n",
        ),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nX: "
            + b"y" * 1_000_000
            + b'\r\nContent-Disposition: form-data; name="premise"\r\n\r\nx\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="premise"\r\n\r\na\0b\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="premise"\r\n\r\na\r\n'
            b'--b\r\nContent-Disposition: form-data; name="premise"\r\n\r\nb\r\n--b--\r\n',
        ),
    ],
)
async def test_broken_forms(api: httpx.AsyncClient, house: House, header: str, body: bytes) -> None:
    began = time.perf_counter()
    answer = await api.post("/dramas", content=body, headers={"Content-Type": header})
    assert answer.status_code in (400, 413, 422), answer.text
    assert answer.json()["request_id"]
    assert time.perf_counter() - began < 2
    assert house.asked == []
