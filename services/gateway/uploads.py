"""An upload to the asset library: the form streamed to disk, looked at there, and streamed on to the bucket. Never whole in memory."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, cast

import httpx
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from kit.errors import Exhausted, Unavailable
from services.gateway import body as bodies
from services.gateway.backends import RPC_SECONDS
from services.gateway.content import BadContent, Content, inspect
from services.gateway.gateway import Gateway
from services.gateway.problems import Problem, bad_request, invalid, invalid_many
from sfd.assets.v1 import asset_pb2, asset_service_pb2

PATH = "/asset-library/upload"
FILE_LIMIT = 2 << 30
BODY_LIMIT = FILE_LIMIT + (1 << 20)
FIELD_LIMIT = 64 << 10
METADATA_LIMIT = 16 << 10
MAX_FIELDS = 20
UPLOAD_SECONDS = 1800.0
"""How long a whole upload may take: a client that sends a byte now and then must not keep a place for ever."""
_PUT_SECONDS = httpx.Timeout(10, read=120, write=60)
_CHUNK = 256 << 10
_REQUIRED = ("file", "project_name", "asset_type", "tag")
_FORM_FAULTS = (MultiPartException, ValueError, KeyError)


class _Parser(MultiPartParser):
    """Spools files into the working folder: the system's own folder for such things may be memory."""

    spool: Callable[[], SpooledTemporaryFile[bytes]]

    def on_headers_finished(self) -> None:
        """A part begins."""
        super().on_headers_finished()
        made = self._current_part.file
        if made is not None:
            self._files_to_close_on_error.pop().close()
            spool = self.spool()
            self._files_to_close_on_error.append(spool)
            file = cast("BinaryIO", spool)
            self._current_part.file = UploadFile(file, size=0, filename=made.filename, headers=made.headers)


@dataclass(frozen=True)
class Form:
    """The fields of an upload, its file, and the fields that mean nothing here."""

    texts: dict[str, str]
    file: IO[bytes]
    filename: str
    labels: dict[str, Any]
    ignored: tuple[str, ...]


@asynccontextmanager
async def received(request: Request, house: Gateway) -> AsyncIterator[Form]:
    """Yields the form, its file on disk until the end of the block.

    Raises a 400, 408, 413 or 422 problem, `Exhausted` when too many uploads are under way, `Unavailable` when the disk is full.
    """
    if house.uploads.locked():
        raise Exhausted("Too many uploads are under way. Try again.", reason="too_many_uploads")
    async with house.uploads:
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                form = await _parse(request, house.settings.work_dir.absolute() / "uploads")
        except TimeoutError:
            raise Problem(408, "Request timeout", "The upload took too long.", reason="slow_body") from None
        except OSError as error:
            raise Unavailable("The upload cannot be kept here now. Try again.", reason="disk_unavailable") from error
        try:
            yield _checked(form)
        finally:
            await form.close()


async def _parse(request: Request, folder: Path) -> FormData:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise _missing(_REQUIRED)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    parser = _Parser(request.headers, request.stream(), max_files=1, max_fields=MAX_FIELDS, max_part_size=FIELD_LIMIT)
    parser.spool = partial(SpooledTemporaryFile, max_size=parser.spool_max_size, dir=str(folder))
    try:
        return await parser.parse()
    except _FORM_FAULTS as error:
        if isinstance(error, MultiPartException) and ("Too many" in error.message or "exceeded" in error.message):
            raise Problem(413, "Too large", error.message, detail=error.message, reason="form_too_large") from None
        raise bad_request("Invalid multipart data in request body", "bad_multipart") from None


def _checked(form: FormData) -> Form:
    items = form.multi_items()
    if len({name for name, _ in items}) != len(items):
        raise bad_request("A field was sent twice", "duplicate_field")
    missing = [name for name in _REQUIRED if form.get(name) in (None, "")]
    if missing:
        raise _missing(missing)
    upload = form["file"]
    if not isinstance(upload, UploadFile):
        raise invalid(("file",), "Input should be a file", "file_type")
    texts = {name: value for name, value in items if isinstance(value, str)}
    for name, text in texts.items():
        bodies.check_text(text, (name,))
    for name in ("user_id", *_REQUIRED[1:], "metadata"):
        if isinstance(form.get(name), UploadFile):
            raise invalid((name,), "Input should be a text", "string_type")
    known = {"user_id", "metadata", *_REQUIRED}
    return Form(
        texts,
        upload.file,
        shown_name(upload.filename),
        _labels(texts.get("metadata", "")),
        tuple(name for name, _ in items if name not in known),
    )


def shown_name(filename: str | None) -> str:
    """Returns a file's name as people know it: without its folder and without what cannot be printed, at most 255 characters."""
    last = re.split(r"[/\\]", filename or "")[-1]
    return "".join(c for c in last if c.isprintable())[-255:]


def _labels(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    if len(text.encode()) > METADATA_LIMIT:
        raise invalid(("metadata",), "The metadata have at most 16 KiB", "too_long")
    try:
        return bodies.parse_object(text.encode())
    except Problem as problem:
        raise invalid(("metadata",), f"Not a JSON object: {problem.message}", "json_invalid") from None


def _missing(names: tuple[str, ...] | list[str]) -> Problem:
    return invalid_many([([name], "Field required", "missing", None) for name in names])


async def looked_at(form: Form, asset_type: str) -> Content:
    """Returns what the file is; raises a 422 problem with a reason code when it is not of `asset_type`, or not to be kept."""
    try:
        content = await asyncio.to_thread(inspect, form.file)
    except BadContent as error:
        raise refused(error.reason, str(error)) from None
    if content.bytes > FILE_LIMIT:
        raise Problem(413, "Too large", "A file has at most 2 GiB.", reason="body_too_large")
    if content.kind != asset_type:
        raise refused("content_mismatch", f"The file is {content.content_type}, not of asset_type {asset_type}")
    return content


def refused(reason: str, message: str) -> Problem:
    """Returns the 422 for a file that is not taken, under its reason code."""
    problem = invalid(("file",), message, reason)
    problem.reason = reason
    return problem


async def stored(house: Gateway, form: Form, content: Content, key: str) -> str:
    """Returns the id of the asset that holds the bytes now: the same one for the same idempotency key. Raises `Unavailable`."""
    signed = await house.backends.assets.CreateUpload(
        asset_service_pb2.CreateUploadRequest(
            content_type=content.content_type,
            bytes=content.bytes,
            sha256=content.sha256,
            kind=content.kind,
            width=content.width,
            height=content.height,
            duration=content.seconds,
            asset_id=str(uuid.uuid5(uuid.NAMESPACE_OID, key)) if key else "",
        ),
        timeout=RPC_SECONDS,
    )
    if signed.asset.state == asset_pb2.ASSET_STATE_LIVE:
        return str(signed.asset.id)
    form.file.seek(0)
    # Told beforehand: without a length it would be sent in chunks, which buckets refuse.
    told = {**dict(signed.headers), "content-length": str(content.bytes)}
    try:
        answer = await house.http.put(signed.upload_url, content=_chunks(form.file), headers=told, timeout=_PUT_SECONDS)
    except httpx.HTTPError as error:
        raise Unavailable("The file could not be stored. Try again.", reason="bucket_unavailable") from error
    if answer.status_code not in (200, 201, 204):
        raise Unavailable("The file could not be stored. Try again.", reason="bucket_unavailable")
    return str(signed.asset.id)


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk
