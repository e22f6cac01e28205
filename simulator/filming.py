"""For faces of film vendors whose result URLs are plain: how a job ends, and its bytes at a host that takes no keys."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.desks import JobDesk, film
from simulator.door import Answer, Ask, Desk, Errors, VendorError, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, now

At = Callable[[Desk], Callable[[Request], Awaitable[Response]]]
"""Makes an endpoint of a desk, as the application does."""


class FilmDesk(JobDesk):
    """One operation on one vendor's films; `missing` makes the refusal of a job that is not the caller's."""

    def __init__(self, world: World, vendor: str, errors: Errors, missing: Callable[[str], VendorError]) -> None:
        super().__init__(world, vendor, errors)
        self._missing = missing

    def missing(self, name: str) -> VendorError:
        """As the vendor says it."""
        return self._missing(name)

    def begin(
        self, ask: Ask, fault: Fault | None, *, model: str, prompt: str, seconds: int, size: str, reference: str = ""
    ) -> VideoJob:
        """Return a new job, remembered; faults decide how it will end: `error_code` `refusal`, or the fault's own."""
        at, kind = now(), fault.type if fault else ""
        job = VideoJob(
            id=secrets.token_hex(16),
            owner=self.owner(ask),
            model=model,
            prompt=prompt,
            seconds=str(seconds),
            size=size,
            created=at,
            ready=at + self.world.video_seconds + (fault.seconds if fault and kind == "stall" else 0.0),
            reference=reference,
        )
        if fault and kind in ("refusal", "fail_job"):
            job.error_code = kind if kind == "refusal" else fault.code or kind
            job.error_message = fault.message
        if fault and kind == "expired_content":
            # `seconds` of this fault are how often the URL fails: once, unless told otherwise.
            job.content_failures, job.content_status = int(fault.seconds), fault.status
        self.world.jobs.add(job)
        return job


class NoKeys:
    """The errors of a host of files: its URLs are their own permission, and a key sent there has been given away."""

    def key(self, request: Request) -> str:
        """Return whatever looks like a key."""
        names = ("authorization", "x-goog-api-key", "x-api-key")
        return next((value for name in names if (value := request.headers.get(name))), "")

    def refuse_key(self, key: str) -> VendorError | None:
        """400 for any key."""
        return VendorError(Answer(b"A key was sent to a host of files.", 400, free=True)) if key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status."""
        return Answer(b"", status, free=True)

    def bad_body(self, message: str) -> VendorError:
        """400."""
        return VendorError(Answer(b"", 400, free=True))


class MediaDesk:
    """GET /media/{vendor}/{owner}/{id}.mp4: the film's bytes, to whoever has the URL."""

    kind, op = "video", "content"
    errors = NoKeys()

    def __init__(self, world: World, vendor: str) -> None:
        self._world = world
        self.vendor = vendor

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return (model, prompt) of the film."""
        job = self._job(ask)
        return job.model, job.prompt

    def _job(self, ask: Ask) -> VideoJob:
        job = self._world.jobs.get(ask.params["id"], ask.params["owner"])
        if job is None or job.status(now()) != "completed":
            raise VendorError(Answer(b"", 404, free=True))
        return job

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return a small film of the job's shape; `expired_content` answers as an expired URL does."""
        job = self._job(ask)
        if job.content_failures > 0 or (fault and fault.type == "expired_content"):
            job.content_failures -= 1
            raise VendorError(Answer(b"", fault.status if fault else job.content_status, free=True))
        return film(self._world, job)


def media_route(world: World, at: At, vendor: str) -> Route:
    """Return the route of a vendor's host of files."""
    return Route(f"/media/{vendor}/{{owner}}/{{id}}.mp4", at(MediaDesk(world, vendor)))


def media_url(ask: Ask, job: VideoJob, vendor: str) -> str:
    """Return a film's URL. Its host is another name of this machine's: clients must not take it for the vendor's own."""
    host, _, port = ask.headers["host"].rpartition(":")
    other = "localhost" if host == "127.0.0.1" else "127.0.0.1"
    return f"http://{other}:{port}/media/{vendor}/{job.owner}/{job.id}.mp4"
