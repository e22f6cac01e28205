"""What both of MiniMax's generations share: `base_resp`, jobs, and callbacks that are proved by a challenge first."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import httpx

from simulator.delivery import BearerErrors, FilmDesk, bought
from simulator.door import Answer, Ask, VendorError, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_str, compact
from simulator.notes import Notes, loopback

VENDOR = "minimax"
SPENT, SENSITIVE_OUTPUT, WRONG, UNKNOWN_KEY = 1008, 1027, 2013, 2049
_CHALLENGE_SECONDS = 3.0
_CODES = {400: WRONG, 401: UNKNOWN_KEY, 402: SPENT, 429: 1002, 500: 1000, 503: 1000}


def base(code: int, message: str) -> Json:
    """Return the part that says how a call went."""
    return {"base_resp": {"status_code": code, "status_msg": message}}


def error(code: int, message: str, status: int = 200) -> VendorError:
    """Return a refusal; those of business ride on HTTP 200."""
    return VendorError(Answer.of(base(code, message), status))


class MiniMaxErrors(BearerErrors):
    """`status` is what an unknown key is answered with: v1 says it on HTTP 200."""

    def __init__(self, status: int) -> None:
        super().__init__(lambda status, message: base(_CODES.get(status, 1000), message), "invalid api key")
        self._status = status

    def refuse_key(self, key: str) -> VendorError | None:
        """2049 for a missing or bad key."""
        return error(UNKNOWN_KEY, "invalid api key", self._status) if not key or "bad" in key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status; with a code of the fault's own it is a business error, on HTTP 200."""
        if fault.code:
            return Answer.of(base(as_int(fault.code, 1000), fault.message or "The call did not succeed."))
        return super().of_status(status, fault)


class MiniMaxDesk(FilmDesk):
    """An operation of one generation."""

    def __init__(self, world: World, errors: MiniMaxErrors) -> None:
        super().__init__(world, VENDOR, errors)


class SubmitDesk(MiniMaxDesk):
    """A submit: subclasses check their own bodies."""

    op = "submit"

    def __init__(self, world: World, errors: MiniMaxErrors, notes: Notes) -> None:
        super().__init__(world, errors)
        self._notes = notes

    def check_account(self, ask: Ask) -> None:
        """Raise for an empty account and for a callback that does not repeat its challenge."""
        if self.spent(ask):
            raise error(SPENT, "insufficient balance")
        callback = as_str(ask.fields.get("callback_url"))
        if callback and not (loopback(callback) and _echoes(callback)):
            raise error(WRONG, "invalid params, callback_url does not answer the challenge")

    def take(
        self, ask: Ask, fault: Fault | None, job: VideoJob, units: Json, price: int, note: Callable[[], Json]
    ) -> Answer:
        """Accept a job; `note` makes what a callback says of it."""
        job.callback = as_str(ask.fields.get("callback_url"))
        self.accepted(ask, fault, job, str(SENSITIVE_OUTPUT))
        answer = bought(job, {"task_id": job.id, **base(0, "success")}, job_fields(job), units, price)
        if not job.callback:
            return answer
        headers = {"content-type": "application/json"}
        return replace(answer, then=partial(self._notes.when_done, job, lambda: (compact(note()), headers), fault))


def new_job(desk: FilmDesk, ask: Ask, model: str, prompt: str, seconds: int, size: str) -> VideoJob:
    """Return a job that is not remembered yet."""
    at, identity = now(), str(secrets.randbelow(10**15) + 10**15)
    return VideoJob(identity, desk.owner(ask), model, prompt, str(seconds), size, at, at)


def _echoes(callback: str) -> bool:
    challenge = secrets.token_hex(16)
    try:
        answer = httpx.post(callback, json={"challenge": challenge}, timeout=_CHALLENGE_SECONDS, trust_env=False)
        return answer.status_code == 200 and as_dict(answer.json()).get("challenge") == challenge
    except (httpx.HTTPError, ValueError):
        return False
