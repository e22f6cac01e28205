"""Accepting work once: ids, and a repeat of the same request gives the first run again.

A plan or an id made anew at each call would differ from the first one, so a repeat is recognised by the run itself: its public id is
derived from the request id, and it carries the hash of the request.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from kit.errors import AlreadyExists, InvalidInput, NotFound
from kit.jsonio import dumps, load_object
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc

_ALPHABET = string.ascii_lowercase + string.digits
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
REQUEST_HASH = "request_sha256"


def new_id(prefix: str, request_id: str = "") -> str:
    """Returns `prefix_` and 12 characters of `[a-z0-9]`: random, or derived from a request id so that a repeat is identical."""
    if not request_id:
        return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
    number = int.from_bytes(hashlib.sha256(f"{prefix}/{request_id}".encode()).digest(), "big")
    picked = ""
    for _ in range(12):
        number, rest = divmod(number, len(_ALPHABET))
        picked += _ALPHABET[rest]
    return f"{prefix}_{picked}"


def improved_id(drama_id: str, request_id: str, now_ms: int) -> str:
    """Returns `{drama}_improved_{13 digits}`: milliseconds, or digits derived from the request id; at most 128 characters."""
    digits = now_ms
    if request_id:
        digits = int.from_bytes(hashlib.sha256(f"improved/{request_id}".encode()).digest()[:8], "big")
    tail = f"_improved_{digits % 10**13:013d}"
    return drama_id[: 128 - len(tail)] + tail


def check_id(value: str, field: str) -> str:
    """Returns an id that a client chose; raises `InvalidInput`."""
    if not _ID.fullmatch(value):
        raise InvalidInput(f"{field} must be 1 to 128 of A-Z a-z 0-9 . _ -", reason="bad_id", field=field)
    return value


def check_text(value: str, field: str, limit: int) -> str:
    """Returns a text without its outer spaces; raises `InvalidInput` for an empty or too long one, or one with a NUL."""
    text = value.strip()
    if not text:
        raise InvalidInput(f"{field} is required.", reason="required", field=field)
    if len(text) > limit:
        raise InvalidInput(f"{field} is longer than {limit} characters.", reason="too_long", field=field)
    if "\x00" in text:
        raise InvalidInput(f"{field} has a NUL character.", reason="bad_text", field=field)
    return text


def request_hash(request: Message) -> str:
    """Returns SHA-256 of a request, hexadecimal."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()


class Runs:
    """Submits runs to storage."""

    def __init__(self, jobs: job_service_pb2_grpc.JobServiceStub) -> None:
        self._jobs = jobs

    async def once(
        self,
        request: Message,
        request_id: str,
        labels: dict[str, Any],
        build: Callable[[], Awaitable[job_service_pb2.SubmitRunRequest]],
    ) -> job_pb2.Run:
        """Returns the run of `request`: the first one for a repeat, else the one that `build` describes, submitted with `labels`.

        Raises `AlreadyExists` when the request id came with another request before, and what `build` and storage raise.
        """
        mark = request_hash(request)
        public_id = new_id("job", request_id)
        if request_id:
            earlier = await self._earlier(public_id, mark)
            if earlier is not None:
                return earlier
        wanted = await build()
        wanted.public_id, wanted.request_id = public_id, request_id
        wanted.metadata_json = dumps({**{k: v for k, v in labels.items() if v not in ([], None)}, REQUEST_HASH: mark})
        try:
            reply: job_service_pb2.SubmitRunResponse = await self._jobs.SubmitRun(wanted, timeout=20)
            return reply.run
        except AlreadyExists:
            # The same request, sent twice at once: the other one was first.
            earlier = await self._earlier(public_id, mark) if request_id else None
            if earlier is None:
                raise
            return earlier

    async def _earlier(self, public_id: str, mark: str) -> job_pb2.Run | None:
        try:
            reply: job_service_pb2.GetRunResponse = await self._jobs.GetRun(job_service_pb2.GetRunRequest(id=public_id))
        except NotFound:
            return None
        if load_object(reply.run.metadata_json, "metadata_json").get(REQUEST_HASH) != mark:
            raise AlreadyExists("The same request id came with another request.", reason="request_id_reused")
        return reply.run
