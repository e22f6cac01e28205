"""Pictures that a wish names: URLs and ids as they are, data URIs and files stored first."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import uuid

import httpx

from kit import jsonio
from kit.errors import Unavailable
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway
from services.gateway.pictures import sniff
from services.gateway.problems import invalid
from sfd.assets.v1 import asset_service_pb2

MAX_PICTURE = 20 << 20
BODY_LIMIT = 28 << 20
"""A picture of 20 MiB as a data URI, and the rest of its wish."""
_UPLOAD_SECONDS = 30.0
_MAX_URL = 4096


async def stored(house: Gateway, value: str, field: str, key: str) -> str:
    """Returns what a service reads a picture from: the URL or the asset's id in `value`, or that of its data URI, stored.

    `key` is the request's: the same one makes the same asset. Raises a 422 problem naming `field`, or `Unavailable`.
    """
    if value.startswith("data:"):
        return await store_picture(house, await asyncio.to_thread(_decoded, value, field), field, key)
    if len(value) > _MAX_URL:
        raise invalid((field,), "The URL is longer than 4096 characters", "too_long")
    return value


def _decoded(value: str, field: str) -> bytes:
    head, comma, body = value.partition(",")
    if not comma or not head.endswith(";base64"):
        raise invalid((field,), "The data URI is not in base64", "bad_data_uri")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise invalid((field,), "The data URI is not in base64", "bad_data_uri") from None


async def store_picture(house: Gateway, data: bytes, field: str, key: str) -> str:
    """Stores a picture and returns its asset's id; raises a 422 problem for what is none, and `Unavailable`."""
    picture = sniff(data)
    if picture is None:
        raise invalid((field,), "The file is not a PNG, JPEG or WebP picture", "unsupported_image")
    if not picture.fits or len(data) > MAX_PICTURE:
        raise invalid((field,), "The picture is larger than 40 megapixels, 16384 a side or 20 MiB", "image_too_large")
    digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
    assets = house.backends.assets
    signed = await assets.CreateUpload(
        asset_service_pb2.CreateUploadRequest(
            content_type=picture.content_type,
            bytes=len(data),
            sha256=digest,
            kind="image",
            width=picture.width,
            height=picture.height,
            metadata_json=jsonio.dumps({"source": "upload", "type": "reference"}),
            asset_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{key}/{field}/{digest}")) if key else "",
        ),
        timeout=RPC_SECONDS,
    )
    try:
        answer = await house.http.put(
            signed.upload_url, content=data, headers=dict(signed.headers), timeout=_UPLOAD_SECONDS
        )
    except httpx.HTTPError as error:
        raise Unavailable("The picture could not be stored. Try again.", reason="bucket_unavailable") from error
    if answer.status_code not in (200, 201, 204):
        raise Unavailable("The picture could not be stored. Try again.", reason="bucket_unavailable")
    confirmed = await assets.ConfirmUpload(
        asset_service_pb2.ConfirmUploadRequest(asset_id=signed.asset.id), timeout=RPC_SECONDS
    )
    return confirmed.asset.id
