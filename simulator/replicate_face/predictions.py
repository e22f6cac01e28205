"""POST models/{owner}/{name}/predictions, GET predictions[/{id}], POST predictions/{id}/cancel, GET account and webhook secret."""

from __future__ import annotations

import base64
import datetime
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.delivery import BearerErrors, DeliveryDesk, FilmDesk, bought
from simulator.door import Answer, Ask, Desk, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_str, compact
from simulator.notes import Notes, loopback, standard
from simulator.replicate_face.models import MODELS, size_of, wrong

VENDOR = "replicate"
CENT = 10_000_000
_PAGE = 100
_WORDS = {"queued": "starting", "in_progress": "processing", "completed": "succeeded", "failed": "failed"}
_TITLES = {401: "Unauthenticated", 402: "Insufficient credit", 404: "Not found", 422: "Input validation failed"}
_ERRORS = BearerErrors(
    lambda status, message: {"title": _TITLES.get(status, "Error"), "detail": message, "status": status},
    "You did not pass a valid authentication token",
)


def secret_of(owner: str) -> str:
    """Return an account's webhook secret, as `whsec_` and base64."""
    return "whsec_" + base64.b64encode(hashlib.sha256(f"webhooks of {owner}".encode()).digest()).decode()


class _Desk(FilmDesk):
    def __init__(self, world: World) -> None:
        super().__init__(world, VENDOR, _ERRORS)

    def view(self, ask: Ask, job: VideoJob) -> Json:
        """Return the prediction as it is now."""
        at = now()
        word = _WORDS[job.status(at)]
        if word == "failed" and job.error_code in ("canceled", "aborted"):
            word = job.error_code
        if job.reference and at < job.ready:
            word = job.reference
        # Files and inputs are removed after an hour; a 410 that was asked for is a prediction of yesterday.
        removed = job.content_failures > 0 and job.content_status == 410
        root = f"http://{ask.headers['host']}/replicate/v1/predictions/{job.id}"
        seconds = {"predict_time": round(job.ready - job.created, 3), "video_output_duration_seconds": int(job.seconds)}
        return {
            "id": job.id,
            "model": job.model,
            "version": "hidden",
            "input": {} if removed else TypeAdapter(Json).validate_json(job.remixed_from or "{}"),
            "logs": "",
            "output": self.url(ask, job) if word == "succeeded" and not removed else None,
            "data_removed": removed,
            "error": job.error_message if word == "failed" else None,
            "status": word,
            "source": "api",
            "created_at": _iso(job.created),
            "started_at": None if word == "starting" else _iso(job.created),
            "completed_at": _iso(job.ready) if at >= job.ready else None,
            "metrics": seconds if word == "succeeded" else {},
            "urls": {"get": root, "cancel": f"{root}/cancel"},
        }


class CreateDesk(_Desk):
    """POST models/{owner}/{name}/predictions."""

    op = "submit"

    def __init__(self, world: World, notes: Notes) -> None:
        super().__init__(world)
        self._notes = notes

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the input as the model's page describes it; return (model, prompt)."""
        name = f"{ask.params['owner']}/{ask.params['name']}"
        model, given = MODELS.get(name), as_dict(ask.fields.get("input"))
        if model is None:
            raise self.errors.error(404, "The requested resource could not be found.")
        if bad := wrong(model, given):
            raise self.errors.error(422, "; ".join(f"input.{field} is not valid" for field in bad))
        webhook = as_str(ask.fields.get("webhook"))
        if webhook and not loopback(webhook):
            raise self.errors.error(422, "webhook is not valid")
        if self.spent(ask):
            raise self.errors.error(402, "You have insufficient credit to run this model.")
        return name, as_str(given.get("prompt"))

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a prediction; it calls back when it has ended. `fail_job` of code `aborted` ends it before it began."""
        name, given = f"{ask.params['owner']}/{ask.params['name']}", as_dict(ask.fields.get("input"))
        model, at = MODELS[name], now()
        seconds = as_int(given.get("duration"), 5)
        resolution, size = size_of(model, given)
        kept = {field: value for field, value in given.items() if not str(value).startswith("data:")}
        job = VideoJob(
            id=secrets.token_hex(13),
            owner=self.owner(ask),
            model=name,
            prompt=as_str(given.get("prompt")),
            seconds=str(seconds),
            size=size,
            created=at,
            ready=at,
            remixed_from=compact(kept).decode(),
            reference=fault.variant if fault and fault.type == "stall" else "",
            callback=as_str(ask.fields.get("webhook")),
        )
        self.accepted(ask, fault, job, "E005")
        if fault and fault.type == "refusal":
            job.error_message = "The input or output was flagged as sensitive. Please try again. (E005)"
        price = round(model.cents[resolution][given.get("generate_audio", True) is not False] * seconds * CENT)
        answer = bought(job, self.view(ask, job), job_fields(job), {"seconds": seconds}, price, 201)
        if not job.callback:
            return answer
        return replace(answer, then=partial(self._notes.when_done, job, partial(self._note, ask, job), fault))

    def _note(self, ask: Ask, job: VideoJob) -> tuple[bytes, dict[str, str]]:
        body = compact(self.view(ask, job))
        signed = standard(secret_of(job.owner), f"msg_{job.id}", int(now()), body)
        return body, {"content-type": "application/json", **signed}


class ReadDesk(_Desk):
    """GET predictions/{id}."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the prediction."""
        return Answer.of(self.view(ask, self.job(ask)))


class ListDesk(_Desk):
    """GET predictions?cursor: newest first, a hundred a page."""

    op = "list"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return nothing: there is no one job."""
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return a page of the account's predictions."""
        first = as_int(ask.query.get("cursor"), 0)
        jobs = self.world.jobs.of(self.owner(ask))[::-1]
        page = [self.view(ask, job) for job in jobs[first : first + _PAGE]]
        root = f"http://{ask.headers['host']}/replicate/v1/predictions"
        more = f"{root}?cursor={first + _PAGE}" if len(jobs) > first + _PAGE else None
        return Answer.of({"next": more, "previous": None, "results": page})


class CancelDesk(_Desk):
    """POST predictions/{id}/cancel."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """End a running prediction; a finished one stays as it is."""
        job = self.job(ask)
        if job.status(now()) in ("queued", "in_progress"):
            job.error_code, job.ready = "canceled", now()
        return Answer.of(self.view(ask, job))


class AccountDesk(_Desk):
    """GET account, and GET webhooks/default/secret."""

    op = "models"

    def __init__(self, world: World, secret: bool) -> None:
        super().__init__(world)
        self._secret = secret

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return nothing: there is no job."""
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return who owns the key, or with what its webhooks are signed."""
        if self._secret:
            return Answer.of({"key": secret_of(self.owner(ask))})
        return Answer.of({"type": "organization", "username": "acme", "name": "Acme", "github_url": None})


def _iso(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat().replace("+00:00", "Z")


def routes(world: World, at: Callable[[Desk], Callable[[Request], Awaitable[Response]]]) -> list[Route]:
    """Return Replicate's routes under `/replicate`; its SDK adds `/v1` itself."""
    root = "/replicate/v1"
    create = CreateDesk(world, Notes(VENDOR, world.callbacks))
    return [
        Route(f"{root}/models/{{owner}}/{{name}}/predictions", at(create), methods=["POST"]),
        Route(f"{root}/predictions", at(ListDesk(world))),
        Route(f"{root}/predictions/{{id}}", at(ReadDesk(world))),
        Route(f"{root}/predictions/{{id}}/cancel", at(CancelDesk(world)), methods=["POST"]),
        Route(f"{root}/account", at(AccountDesk(world, secret=False))),
        Route(f"{root}/webhooks/default/secret", at(AccountDesk(world, secret=True))),
        Route("/replicate_delivery/{owner}/{id}/film.mp4", at(DeliveryDesk(world, VENDOR))),
    ]
