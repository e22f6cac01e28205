"""The asset library: what people uploaded and what was generated, by user and project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from kit import jsonio
from kit.errors import NotFound
from kit.library_json import iso_z, library_json
from services.gateway import docs, headers, uploads
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, gateway
from services.gateway.ids import cursor_of, tagged
from services.gateway.problems import Problem, bad_request
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.routes.media import Stored, send
from services.gateway.views import library as view
from sfd.assets.v1 import library_service_pb2 as rpc

router = APIRouter(prefix="/asset-library", tags=["asset library"])
DEFAULT_USER = "10000"
TYPES = ("image", "video", "text")
TAGS = ("character", "storyboard", "clip")
User = Annotated[str, Query(max_length=1024)]
Optional = Annotated[str | None, Query(max_length=1024)]
_TEXT = "text/plain; charset=utf-8"


@router.get(
    "/list",
    response_model=None,
    responses={200: {"model": view.LibraryList}, **docs.errors(400, 422)},
)
async def list_assets(
    request: Request,
    user_id: User = DEFAULT_USER,
    project_name: Optional = None,
    asset_type: Optional = None,
    tag: Optional = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    cursor: Annotated[str | None, Query()] = None,
) -> JsonResponse:
    """The assets of a project, newest first. A drama's are in the project of its id."""
    if not project_name or not project_name.strip():
        raise bad_request("project_name is required", "project_name_required", field="project_name")
    if asset_type:
        _check_type(asset_type)
    if tag:
        _check_tag(tag)
    within = "/".join((user_id, project_name, asset_type or "", tag or ""))
    reply = await gateway(request).backends.library.ListLibraryAssets(
        rpc.ListLibraryAssetsRequest(
            user_id=user_id,
            project_name=project_name,
            asset_type=asset_type or "",
            tag=tag or "",
            page_size=limit,
            page_token=cursor_of(cursor, "asset-library", within),
        ),
        timeout=RPC_SECONDS,
    )
    return JsonResponse(
        {
            "assets": [library_json(asset) for asset in reply.assets],
            "total": reply.total_size,
            "user_id": user_id,
            "project_name": project_name,
            "cursor": tagged("asset-library", within, reply.next_page_token),
        },
        headers={"Cache-Control": NO_STORE},
    )


@router.post(
    "/upload",
    response_model=None,
    responses={200: {"model": view.UploadReply}, **docs.errors(400, 413, 422)},
    openapi_extra=view.UPLOAD_FORM,
)
async def upload(request: Request) -> JsonResponse:
    """Stores a file. Its type is told from its bytes; what is more than one thing, or too large to be decoded, is refused."""
    house, key = gateway(request), headers.request_key(request)
    async with uploads.received(request, house) as form:
        asset_type, tag = form.texts["asset_type"], form.texts["tag"]
        _check_type(asset_type)
        _check_tag(tag)
        content = await uploads.looked_at(form, asset_type)
        stored = await uploads.stored(house, form, content, key)
    labels = {**({"original_filename": form.filename} if form.filename else {}), **form.labels}
    asset = (
        await house.backends.library.AddLibraryAsset(
            rpc.AddLibraryAssetRequest(
                stored_asset_id=stored,
                user_id=form.texts.get("user_id") or DEFAULT_USER,
                project_name=form.texts["project_name"],
                asset_type=asset_type,
                tag=tag,
                filename=form.filename,
                metadata_json=jsonio.dumps(labels),
                request_id=key,
            ),
            timeout=RPC_SECONDS,
        )
    ).asset
    return JsonResponse(
        {
            "asset_id": asset.asset_id,
            "asset_type": asset.asset_type,
            "tag": asset.tag,
            "r2_key": asset.r2_key,
            "public_url": asset.public_url,
            "created_at": iso_z(asset.created_at),
            "file_size": asset.file_size,
            "size_bytes": asset.file_size,
            "content_type": asset.content_type,
            "filename": asset.filename,
        },
        headers=headers.ignored(form.ignored),
    )


@router.head("/{asset_id}", response_model=None, include_in_schema=False)
@router.get(
    "/{asset_id}",
    response_model=None,
    responses={
        200: {"description": "The bytes", "content": docs.BYTES},
        206: {"description": "A part of the bytes", "content": docs.BYTES},
        304: {"description": "The bytes have not changed; they never do"},
        **docs.errors(400, 404, 422),
        416: {"description": "The range lies outside the bytes"},
    },
)
async def download(
    request: Request,
    asset_id: str,
    user_id: User = DEFAULT_USER,
    project_name: Optional = None,
    asset_type: Optional = None,
) -> Response:
    """The bytes, with ranges. A text is sent as an attachment."""
    house = gateway(request)
    reply = await _find(house, asset_id, user_id, project_name, asset_type)
    asset = reply.asset
    shown = "attachment" if asset.asset_type == "text" else "inline"
    told = {"Cache-Control": NO_STORE, "Content-Disposition": f'{shown}; filename="{asset.filename}"'}
    content_type = _TEXT if asset.content_type == "text/plain" else asset.content_type
    return await send(request, house, Stored(asset.sha256, asset.file_size, content_type), reply.internal_url, told)


@router.get(
    "/{asset_id}/metadata",
    response_model=None,
    responses={200: {"model": view.LibraryMetadata}, **docs.errors(400, 404, 422)},
)
async def metadata(
    request: Request,
    asset_id: str,
    user_id: User = DEFAULT_USER,
    project_name: Optional = None,
    asset_type: Optional = None,
) -> JsonResponse:
    """What is known of an asset."""
    reply = await _find(gateway(request), asset_id, user_id, project_name, asset_type)
    return JsonResponse(library_json(reply.asset), headers={"Cache-Control": NO_STORE})


@router.delete(
    "/{asset_id}",
    response_model=None,
    responses={200: {"model": view.DeleteReply}, **docs.errors(400, 404, 422)},
)
async def delete(
    request: Request,
    asset_id: str,
    user_id: User = DEFAULT_USER,
    project_name: Optional = None,
    asset_type: Optional = None,
) -> JsonResponse:
    """Takes an asset out of the library; its bytes go too, unless a drama has them."""
    project, type_ = _checked(project_name, asset_type)
    with _known():
        await gateway(request).backends.library.DeleteLibraryAsset(
            rpc.DeleteLibraryAssetRequest(
                user_id=user_id,
                project_name=project,
                asset_type=type_,
                asset_id=asset_id,
                request_id=headers.request_key(request),
            ),
            timeout=RPC_SECONDS,
        )
    return JsonResponse({"success": True, "message": "Asset deleted successfully"})


async def _find(house: Gateway, asset_id: str, user_id: str, project_name: str | None, asset_type: str | None) -> Any:
    project, type_ = _checked(project_name, asset_type)
    with _known():
        return await house.backends.library.GetLibraryAsset(
            rpc.GetLibraryAssetRequest(user_id=user_id, project_name=project, asset_type=type_, asset_id=asset_id),
            timeout=RPC_SECONDS,
        )


def _checked(project_name: str | None, asset_type: str | None) -> tuple[str, str]:
    if not project_name or not project_name.strip() or not asset_type:
        field = "asset_type" if project_name and project_name.strip() else "project_name"
        raise bad_request("project_name and asset_type are required", "project_and_type_required", field=field)
    _check_type(asset_type)
    return project_name, asset_type


def _check_type(asset_type: str) -> None:
    if asset_type not in TYPES:
        text = f"Invalid asset_type '{asset_type[:100]}'. Must be one of: {', '.join(TYPES)}"
        raise bad_request(text, "invalid_asset_type", field="asset_type")


def _check_tag(tag: str) -> None:
    if tag not in TAGS:
        raise bad_request(f"Invalid tag '{tag[:100]}'. Must be one of: {', '.join(TAGS)}", "invalid_tag", field="tag")


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except NotFound:
        text = "Asset not found"
        raise Problem(404, text, text, detail=text, reason="not_found") from None
