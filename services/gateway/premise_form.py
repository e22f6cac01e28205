"""Create, mode 2: a form with a premise and, if wished, a reference picture, which is stored before the wish is passed on."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from dataclasses import dataclass

import httpx
import structlog
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException

from kit import jsonio
from kit.errors import SfdError, Unavailable
from services.gateway import body as bodies
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway
from services.gateway.headers import request_key
from services.gateway.pictures import Picture, sniff
from services.gateway.problems import bad_request, invalid
from services.gateway.uploads import shown_name
from services.gateway.views.models import CreateDramaBody
from sfd.assets.v1 import asset_service_pb2, library_service_pb2

log = structlog.get_logger("gateway")
_KNOWN = frozenset({"premise", "id", "model", "reference_image"})
_FIELD_BYTES = 256 * 1024
_UPLOAD_SECONDS = 30.0
_MULTIPART_FAULTS = (MultiPartException, ValueError, KeyError)


@dataclass(frozen=True)
class Reference:
    """A stored reference picture: its URL, the asset that holds it, and the name its file had."""

    url: str
    asset_id: str
    filename: str


@dataclass(frozen=True)
class PremiseForm:
    """The wish, and the reference picture if there is one."""

    wish: bodies.Parsed[CreateDramaBody]
    reference: Reference | None


async def read_form(request: Request, house: Gateway) -> PremiseForm:
    """Returns the form, its picture stored. Raises a 400, 413 or 422 problem, or Unavailable when the bucket is away."""
    try:
        form = await request.form(max_files=1, max_fields=20, max_part_size=_FIELD_BYTES)
    except _MULTIPART_FAULTS:
        raise bad_request("Invalid multipart data in request body", "bad_multipart") from None
    try:
        texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        if len(texts) + sum(isinstance(value, UploadFile) for value in form.values()) != len(form.multi_items()):
            raise bad_request("A field was sent twice", "duplicate_field")
        if not texts.get("premise"):
            raise bad_request("Field 'premise' is required in multipart request", "premise_required", field="premise")
        for name, text in texts.items():
            bodies.check_text(text, (name,))
        known = {name: text for name, text in texts.items() if name in _KNOWN and text}
        parsed = bodies.fit(CreateDramaBody, known)
        data = await _picture_bytes(form)
        upload = form.get("reference_image")
        filename = (upload.filename or "") if isinstance(upload, UploadFile) else ""
    finally:
        await form.close()
    reference = await _store(house, data, known.get("id", ""), request_key(request), filename) if data else None
    unknown = tuple(name for name in form if name not in _KNOWN)
    return PremiseForm(bodies.Parsed(parsed.value, unknown), reference)


async def _picture_bytes(form: FormData) -> bytes:
    upload = form.get("reference_image")
    if upload is None or upload == "":
        return b""
    if not isinstance(upload, UploadFile):
        raise invalid(("reference_image",), "Input should be a file", "file_type")
    return await upload.read()


def _checked(data: bytes) -> Picture:
    picture = sniff(data)
    if picture is None:
        raise invalid(("reference_image",), "The file is not a PNG, JPEG or WebP picture", "unsupported_image")
    if not picture.fits:
        raise invalid(
            ("reference_image",), "The picture is larger than 40 megapixels or 16384 a side", "image_too_large"
        )
    return picture


async def _store(house: Gateway, data: bytes, drama_id: str, key: str, filename: str) -> Reference:
    """Returns the stored picture: the same one for the same idempotency key, so that a repeated wish is the same wish."""
    picture = _checked(data)
    digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
    labels = {"source": "reference_image", "type": "character_reference", "tag": "character", "drama_id": drama_id}
    assets = house.backends.assets
    signed = await assets.CreateUpload(
        asset_service_pb2.CreateUploadRequest(
            content_type=picture.content_type,
            bytes=len(data),
            sha256=digest,
            kind="image",
            width=picture.width,
            height=picture.height,
            metadata_json=jsonio.dumps({name: value for name, value in labels.items() if value}),
            asset_id=str(uuid.uuid5(uuid.NAMESPACE_OID, key)) if key else "",
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
    return Reference(confirmed.asset.url, confirmed.asset.id, shown_name(filename))


async def list_reference(house: Gateway, reference: Reference, drama_id: str, key: str) -> None:
    """Lists the picture in the asset library, in the project of the drama. The wish stands also when that fails: it is logged."""
    labels = {"source": "reference_image", "type": "character_reference", "drama_id": drama_id}
    if reference.filename:
        labels["original_filename"] = reference.filename
    try:
        await house.backends.library.AddLibraryAsset(
            library_service_pb2.AddLibraryAssetRequest(
                stored_asset_id=reference.asset_id,
                project_name=drama_id,
                asset_type="image",
                tag="character",
                filename=reference.filename,
                metadata_json=jsonio.dumps(labels),
                shared=True,
                request_id=key,
            ),
            timeout=RPC_SECONDS,
        )
    except SfdError as error:
        log.warning("reference_not_listed", drama_id=drama_id, reason=error.reason)
