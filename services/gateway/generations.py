"""What both faces of films do alike: accept a wish, find a run by either spelling of its id, cancel it, remove it, send its bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kit import jsonio
from kit.errors import InvalidInput, NotFound
from services.gateway import waiting
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway
from services.gateway.problems import Json, Problem, bad_request
from services.gateway.routes.media import Stored, send
from services.gateway.sources import stored
from services.gateway.views.generations import WishBody, generation_json, result_of
from services.gateway.views.jobs import TERMINAL
from sfd.assets.v1 import asset_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.video.v1 import generation_service_pb2 as rpc

KIND = "generate_video"
STOP_SECONDS = 10.0
_ID = re.compile(r"(?:gen|video)_([0-9a-f]{12})")
_PREFERENCES = {
    None: rpc.PREFERENCE_UNSPECIFIED,
    "cost": rpc.PREFERENCE_COST,
    "latency": rpc.PREFERENCE_LATENCY,
    "quality": rpc.PREFERENCE_QUALITY,
}


async def accept(house: Gateway, key: str, body: WishBody, wish: rpc.VideoWish) -> rpc.GenerateVideoResponse:
    """Returns the accepted film; raises a 400 problem for a vendor without a key, and what the service says of the wish.

    `key` is the request's. What `body` says beside the older contracts is put into `wish`; its pictures are stored where they are
    data URIs.
    """
    wish.provider = body.provider or ""
    wish.preference = _PREFERENCES[body.preference]
    wish.negative_prompt = body.negative_prompt or ""
    wish.video = body.video or wish.video
    if body.audio is not None:
        wish.audio = body.audio
    if body.seed is not None:
        wish.seed = body.seed
    if body.fps is not None:
        wish.fps = body.fps
    for field in ("image", "last_frame"):
        named: str | None = getattr(body, field)
        if named:
            setattr(wish, field, await stored(house, named, field, key))
    for number, one in enumerate(body.reference_images or ()):
        wish.reference_images.append(await stored(house, one, f"reference_images.{number}", key))
    return await submit(house, wish, key)


async def submit(
    house: Gateway, wish: rpc.VideoWish, key: str, labels: Mapping[str, Any] | None = None
) -> rpc.GenerateVideoResponse:
    """Returns the accepted film; raises a 400 problem for a vendor without a key."""
    try:
        reply: rpc.GenerateVideoResponse = await house.backends.generations.GenerateVideo(
            rpc.GenerateVideoRequest(wish=wish, request_id=key, metadata_json=jsonio.dumps(labels) if labels else ""),
            timeout=RPC_SECONDS,
        )
    except InvalidInput as error:
        if error.reason != "no_active_key":
            raise
        raise bad_request(error.message, error.reason, title="No active key", field="provider") from None
    return reply


def told(reply: rpc.GenerateVideoResponse) -> list[str]:
    """Returns the warnings of an accepted film: a name that was replaced, and everything made otherwise than asked."""
    changed = [f"{one.field}: {one.asked_json} became {one.used_json}. {one.why}" for one in reply.adjustments]
    return ([reply.warning] if reply.warning else []) + changed


async def find(house: Gateway, name: str, kind: str) -> job_pb2.Run:
    """Returns a film's run by either spelling of its id; raises a 404 problem, which calls it a `kind`."""
    found = _ID.fullmatch(name)
    if found is None:
        raise missing(kind)
    try:
        reply = await house.backends.jobs.GetRun(
            job_service_pb2.GetRunRequest(id=f"gen_{found[1]}"), timeout=RPC_SECONDS
        )
    except NotFound:
        raise missing(kind) from None
    if reply.run.kind != KIND:
        raise missing(kind)
    run: job_pb2.Run = reply.run
    return run


def missing(kind: str) -> Problem:
    """Returns the contract's 404."""
    text = f"{kind} not found"
    return Problem(404, text, text, detail=text, reason="not_found")


async def operations(house: Gateway, runs: Sequence[job_pb2.Run]) -> Mapping[str, str]:
    """Returns the vendors' own ids of films, by the ids of their runs; those that nobody has taken so far are not there."""
    if not runs:
        return {}
    reply = await house.backends.jobs.ListOperations(
        job_service_pb2.ListOperationsRequest(run_ids=[run.id for run in runs]), timeout=RPC_SECONDS
    )
    return {one.run_id: one.operation_id for one in reply.operations}


async def shown(house: Gateway, runs: Sequence[job_pb2.Run]) -> list[Json]:
    """Returns films as the media contract shows them, with the vendors' own ids."""
    bought = await operations(house, runs)
    return [generation_json(run, operation_id=bought.get(run.id, "")) for run in runs]


async def cancel(house: Gateway, run: job_pb2.Run, key: str) -> job_pb2.Run:
    """Returns the film's run after the order to stop, which a worker passes on to the vendor; an ended one stays as it is."""
    if run.state in TERMINAL:
        return run
    reply = await house.backends.jobs.CancelRun(
        job_service_pb2.CancelRunRequest(id=run.id, request_id=key), timeout=RPC_SECONDS
    )
    after: job_pb2.Run = reply.run
    return after


async def remove(house: Gateway, run: job_pb2.Run) -> None:
    """Removes a film and its bytes; one under way is cancelled first. Raises a retryable 409 problem while it cannot end."""
    wanted = job_service_pb2.DeleteRunRequest(id=run.id)
    reply = await house.backends.jobs.DeleteRun(wanted, timeout=RPC_SECONDS)
    if not reply.deleted:

        async def stays() -> bool:
            return False

        await waiting.run_end(house, run, STOP_SECONDS, stays)
        reply = await house.backends.jobs.DeleteRun(wanted, timeout=RPC_SECONDS)
    if not reply.deleted:
        text = "It is being stopped. Delete it again when it has ended."
        raise Problem(409, "Being stopped", text, detail=text, reason="being_stopped", retryable=True)


async def content(request: Request, house: Gateway, run: job_pb2.Run, variant: str, kept: str) -> Response:
    """Answers with a film's bytes, its still or its sheet of stills; raises a 409 problem while there is no film."""
    name = {"video": "asset_id", "thumbnail": "thumbnail_asset_id", "spritesheet": "spritesheet_asset_id"}[variant]
    asset_id = str(result_of(run).get(name, ""))
    if run.state != job_pb2.JOB_STATE_SUCCEEDED or not asset_id:
        text = "The film is not ready." if run.state not in TERMINAL else "There is no film."
        raise Problem(409, "Not ready", text, detail=text, reason="video_not_ready")
    try:
        place = await house.backends.assets.SignDownload(
            asset_service_pb2.SignDownloadRequest(asset_id=asset_id), timeout=RPC_SECONDS
        )
    except NotFound:
        raise missing("Film") from None
    asset = place.asset
    return await send(
        request,
        house,
        Stored(asset.sha256, asset.bytes, asset.content_type),
        place.download_url,
        {"Cache-Control": kept},
    )
