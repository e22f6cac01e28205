"""POST /{app}[/path], GET /{owner}/{alias}/requests/{id}[/status], PUT .../cancel, and the keys of callbacks."""

from __future__ import annotations

import base64
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.content import pictures
from simulator.door import HTML, Answer, Ask, VendorError, World
from simulator.fal_face.endpoints import ENDPOINTS
from simulator.fal_face.webhooks import Signer
from simulator.faults import Fault
from simulator.filming import At, FilmDesk, media_route, media_url
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_int, as_list, as_str, compact
from simulator.notes import Notes, loopback

VENDOR = "fal"
ROOT = "/fal"
_SIDES = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}
_POLICY = "The content could not be processed because it contained material flagged by a content checker."
_FAILED = "Internal server error"
_LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."


def error(status: int, detail: object, kind: str = "") -> VendorError:
    """Return a refusal in fal's shape: `detail` is a text or a list of what is wrong with which field."""
    return VendorError(Answer.of({"detail": detail}, status, {"x-fal-error-type": kind} if kind else None))


def wrong(field: str, message: str, kind: str = "value_error") -> VendorError:
    """Return the refusal of one field."""
    return error(422, [{"loc": ["body", field], "msg": message, "type": kind}])


class FalErrors:
    """fal's refusals: a key is `id:secret` under the scheme `Key`."""

    def key(self, request: Request) -> str:
        """Return the key."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "key" else ""

    def refuse_key(self, key: str) -> VendorError | None:
        """401 for a missing or bad key, 403 for a locked account."""
        if not key or "bad" in key:
            return error(401, "Authentication is required to access this application.")
        return error(403, _LOCKED) if "quota" in key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status; 502 comes from the ingress as HTML."""
        if status in (502, 504):
            return Answer(HTML, status, {"content-type": "text/html"}, free=True)
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        return Answer.of({"detail": fault.message or "The request did not succeed."}, status, headers)

    def bad_body(self, message: str) -> VendorError:
        """422."""
        return wrong("", message, "json_invalid")


class _Desk(FilmDesk):
    def __init__(self, world: World, signer: Signer) -> None:
        super().__init__(world, VENDOR, FalErrors(), lambda identity: error(404, "Request not found"))
        self.signer = signer

    def urls(self, ask: Ask, job: VideoJob) -> Json:
        """Return the request's URLs: of the path only owner and alias are left."""
        app = "/".join(job.model.split("/")[:2])
        base = f"http://{ask.headers['host']}{ROOT}/{app}/requests/{job.id}"
        return {
            "request_id": job.id,
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
        }


class SubmitDesk(_Desk):
    """Takes a request into the queue."""

    op = "submit"

    def __init__(self, world: World, signer: Signer, notes: Notes) -> None:
        super().__init__(world, signer)
        self._notes = notes

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check path, fields and callback; return (path, prompt)."""
        path, given = ask.params["app"], ask.fields
        endpoint = ENDPOINTS.get(path)
        if endpoint is None:
            raise error(404, f"Application '{path}' not found")
        for name in given:
            if name not in endpoint.fields():
                raise wrong(name, "Extra inputs are not permitted", "extra_forbidden")
        for name in endpoint.needs:
            if not given.get(name):
                raise wrong(name, "Field required", "missing")
        for name, legal in endpoint.enums.items():
            if name in given and given[name] not in legal:
                raise wrong(name, f"unexpected value; permitted: {legal}", "enum")
        for name in endpoint.urls:
            if name in given:
                self._check(name, given[name])
        callback = ask.query.get("fal_webhook", "")
        if callback and not loopback(callback):
            raise error(400, "The webhook URL is not reachable.")
        return path, as_str(given.get("prompt"))

    @staticmethod
    def _check(name: str, value: object) -> None:
        for uri in as_list(value) or [value]:
            head, _, data = as_str(uri).partition(";base64,")
            if not head.startswith("data:image/"):
                raise wrong(name, "Failed to download the file", "file_download_error")
            if pictures.size_of(base64.b64decode(data)) is None:
                raise wrong(name, "Could not load image", "image_load_error")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept it. A failure of the server is not billed."""
        path, given = ask.params["app"], ask.fields
        seconds = as_int(as_str(given.get("duration", "8")).rstrip("s"), 8)
        size = _size(as_str(given.get("aspect_ratio", "16:9")), as_str(given.get("resolution", "720p")))
        job = self.begin(ask, fault, model=path, prompt=as_str(given.get("prompt")), seconds=seconds, size=size)
        job.callback = ask.query.get("fal_webhook", "")
        note = partial(self.note, ask, job)
        return Answer(
            compact({"status": "IN_QUEUE", "queue_position": 0, "gateway_request_id": job.id, **self.urls(ask, job)}),
            headers={"content-type": "application/json"},
            units={"seconds": seconds, "size": size, "audio": given.get("generate_audio") is not False},
            price=0 if job.error_code else seconds * ENDPOINTS[path].price(given),
            operation=job.id,
            job=job_fields(job),
            then=partial(self._notes.when_done, job, note, fault) if job.callback else None,
        )

    def note(self, ask: Ask, job: VideoJob) -> tuple[bytes, dict[str, str]]:
        """Return the signed callback of a request that has ended."""
        ids: Json = {"request_id": job.id, "gateway_request_id": job.id}
        if job.error_code:
            return self.signer.note(job.id, ids | {"status": "ERROR", "error": job.error_message or _FAILED})
        return self.signer.note(job.id, ids | {"status": "OK", "payload": _video(ask, job)})


def _size(ratio: str, resolution: str) -> str:
    across, down = (int(part) for part in (ratio if ":" in ratio else "16:9").split(":"))
    unit = _SIDES[resolution] / min(across, down)
    return f"{int(across * unit) // 2 * 2}x{int(down * unit) // 2 * 2}"


def _video(ask: Ask, job: VideoJob) -> Json:
    url = media_url(ask, job, VENDOR)
    return {"video": {"url": url, "content_type": "video/mp4", "file_name": "output.mp4"}}


class StatusDesk(_Desk):
    """GET .../status: 202 until the request has ended, in whichever way."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the state. A failure of the server is told here too, a refused content in the result alone."""
        job = self.job(ask)
        state = {"queued": "IN_QUEUE", "in_progress": "IN_PROGRESS"}.get(job.status(now()), "COMPLETED")
        view: Json = {"status": state, "logs": None, **self.urls(ask, job)}
        if state == "IN_QUEUE":
            view["queue_position"] = 0
        if state == "COMPLETED":
            view["metrics"] = {"inference_time": round(job.ready - job.created, 3)}
            if job.error_code not in ("", "refusal"):
                view |= {"error": job.error_message or _FAILED, "error_type": "internal_error"}
        return Answer.of(view, 200 if state == "COMPLETED" else 202)


class ResultDesk(_Desk):
    """GET .../requests/{id}: the product, or the error that the model ended with."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the product."""
        job = self.job(ask)
        if now() < job.ready:
            raise error(400, "Request is still in progress")
        if job.error_code == "refusal":
            raise wrong("prompt", job.error_message or _POLICY, "content_policy_violation")
        if job.error_code:
            raise error(500, job.error_message or _FAILED, "internal_error")
        return Answer.of(_video(ask, job) | {"seed": 7})


class CancelDesk(_Desk):
    """PUT .../cancel."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Ask for the end: 202; 400 for a request that has ended."""
        job = self.job(ask)
        if now() >= job.ready:
            return Answer.of({"status": "ALREADY_COMPLETED"}, 400)
        job.ready, job.error_code, job.error_message = now(), "cancelled", "Request was cancelled by the client."
        return Answer.of({"status": "CANCELLATION_REQUESTED"}, 202)


def routes(world: World, at: At) -> list[Route]:
    """Return fal's routes, and its host of files."""
    signer, notes = Signer(), Notes(VENDOR, world.callbacks)

    async def jwks(request: Request) -> Response:
        return JSONResponse(signer.jwks())

    one = f"{ROOT}/{{owner}}/{{alias}}/requests/{{id}}"
    return [
        media_route(world, at, VENDOR),
        Route(f"{ROOT}/.well-known/jwks.json", jwks),
        Route(f"{one}/status", at(StatusDesk(world, signer))),
        Route(f"{one}/cancel", at(CancelDesk(world, signer)), methods=["PUT"]),
        Route(one, at(ResultDesk(world, signer))),
        Route(f"{ROOT}/{{app:path}}", at(SubmitDesk(world, signer, notes)), methods=["POST"]),
    ]
