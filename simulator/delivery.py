"""What vendors with films behind URLs share: bearer keys, jobs, and a delivery host whose URLs expire and that takes no keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from starlette.requests import Request

from simulator.desks import JobDesk, film
from simulator.door import HTML, Answer, Ask, VendorError, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, now
from simulator.jsons import Json, as_number, compact

Shape = Callable[[int, str], Json]
"""A vendor's error body for a status and a message."""
URL_SECONDS = 3600
_FAILED = "The film could not be made."


class BearerErrors:
    """Refusals of keys, bodies and bare statuses in one vendor's shape. A key with `bad` in it is not known."""

    def __init__(self, shape: Shape, unknown_key: str) -> None:
        self._shape = shape
        self._unknown_key = unknown_key

    def error(self, status: int, message: str) -> VendorError:
        """Return a refusal."""
        return VendorError(Answer.of(self._shape(status, message), status))

    def key(self, request: Request) -> str:
        """Return the bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def refuse_key(self, key: str) -> VendorError | None:
        """401 for a missing or bad key."""
        return self.error(401, self._unknown_key) if not key or "bad" in key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status; 502 and 504 come from a proxy as HTML, 429 and 503 may carry Retry-After."""
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        if status in (502, 504):
            return Answer(HTML, status, {"content-type": "text/html", **headers}, free=True)
        return Answer.of(self._shape(status, fault.message or "The call did not succeed."), status, headers)

    def bad_body(self, message: str) -> VendorError:
        """400 for a body that is no JSON object."""
        return self.error(400, message)


class FilmDesk(JobDesk):
    """An operation on one vendor's films."""

    def __init__(self, world: World, vendor: str, errors: BearerErrors) -> None:
        super().__init__(world, vendor, errors)
        self.errors: BearerErrors = errors

    def missing(self, name: str) -> VendorError:
        """404."""
        return self.errors.error(404, "Not found.")

    def spent(self, ask: Ask) -> bool:
        """Return whether the caller's account is empty: its key has `quota` in it."""
        return "quota" in ask.headers.get("authorization", "")

    def accepted(self, ask: Ask, fault: Fault | None, job: VideoJob, refused_code: str) -> VideoJob:
        """Note how a job will end and remember it."""
        kind = fault.type if fault else ""
        job.ready = job.created + self.world.video_seconds + (fault.seconds if fault and kind == "stall" else 0.0)
        if fault and kind in ("fail_job", "refusal"):
            job.error_code = fault.code or (refused_code if kind == "refusal" else "INTERNAL")
            job.error_message = fault.message or _FAILED
        if fault and kind == "expired_content":
            job.content_failures, job.content_status = 1, fault.status
        self.world.jobs.add(job)
        return job

    def url(self, ask: Ask, job: VideoJob) -> str:
        """Return a fresh URL of a finished film."""
        expires = int(now()) + URL_SECONDS
        return (
            f"http://{ask.headers['host']}/{self.vendor}_delivery/{job.owner}/{job.id}/film.mp4"
            f"?expires={expires}&signature={_signature(job.id, expires)}"
        )


class DeliveryErrors:
    """The delivery host's refusals. A signed URL is its own permission: a key beside it is an error, as at S3."""

    def key(self, request: Request) -> str:
        """Return what was sent beside the URL; nothing is right."""
        return request.headers.get("authorization", "") or request.headers.get("x-api-key", "")

    def refuse_key(self, key: str) -> VendorError | None:
        """400 for a key."""
        text = "Only one auth mechanism allowed; only the query string or the Authorization header should be specified"
        return VendorError(_xml(400, "InvalidArgument", text)) if key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status as XML."""
        return _xml(status, "Error", fault.message or "The call did not succeed.")

    def bad_body(self, message: str) -> VendorError:
        """400; a GET has no body."""
        return VendorError(_xml(400, "InvalidRequest", message))


class DeliveryDesk:
    """GET /{vendor}_delivery/{owner}/{id}/film.mp4?expires&signature."""

    kind, op = "video", "content"
    errors = DeliveryErrors()

    def __init__(self, world: World, vendor: str) -> None:
        self._world = world
        self.vendor = vendor

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the URL; return (model, prompt) of its job."""
        job = self._job(ask)
        return job.model, job.prompt

    def _job(self, ask: Ask) -> VideoJob:
        job = self._world.jobs.get(ask.params["id"], ask.params["owner"])
        if job is None or job.status(now()) != "completed":
            raise VendorError(_xml(404, "NoSuchKey", "The specified key does not exist."))
        expires = int(as_number(ask.query.get("expires"), 0.0))
        if ask.query.get("signature") != _signature(job.id, expires) or expires < now():
            raise VendorError(_xml(403, "AccessDenied", "Request has expired"))
        return job

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the film's bytes; `expired_content` answers once as an expired URL does."""
        job = self._job(ask)
        if job.content_failures > 0 or (fault and fault.type == "expired_content"):
            job.content_failures -= 1
            raise VendorError(
                _xml(fault.status if fault else job.content_status, "AccessDenied", "Request has expired")
            )
        return film(self._world, job)


def bought(job: VideoJob, view: Json, fields: Json, units: Json, price: int, status: int = 200) -> Answer:
    """Return the answer to an accepted submit, with what it is billed."""
    headers = {"content-type": "application/json"}
    return Answer(compact(view), status, headers, units=units, price=price, operation=job.id, job=fields)


def _signature(identity: str, expires: int) -> str:
    return hashlib.sha256(f"{identity}.{expires}".encode()).hexdigest()[:32]


def _xml(status: int, code: str, message: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return Answer(body, status, {"content-type": "application/xml"}, free=True)
