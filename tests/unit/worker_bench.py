"""A worker's surroundings without processes: bytes, takes and submissions in memory, work done in place."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from kit.blobs import sniff
from kit.cpu import CpuPool
from kit.errors import Conflict, NotFound
from kit.jobs.handler import JobContext
from kit.jobs.store import Facts, Store
from sfd.assets.v1 import asset_pb2, asset_service_pb2
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2

P = ParamSpec("P")
R = TypeVar("R")


class InlineCpu(CpuPool):
    """Runs work in a thread of the test: what is tested here is not the pool."""

    async def run(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(fn, *args, **kwargs)


class Dramas:
    def __init__(self) -> None:
        self.takes: list[drama_pb2.Take] = []
        self.asked = 0
        self.drama = drama_pb2.Drama(id="d1")

    async def GetDrama(self, request: drama_service_pb2.GetDramaRequest) -> drama_service_pb2.GetDramaResponse:
        return drama_service_pb2.GetDramaResponse(drama=self.drama)

    async def ListTakes(self, request: drama_service_pb2.ListTakesRequest) -> drama_service_pb2.ListTakesResponse:
        self.asked += 1
        return drama_service_pb2.ListTakesResponse(takes=self.takes)


class Jobs:
    """Submissions as storage keeps them: compare and set."""

    def __init__(self) -> None:
        self.submissions: dict[str, job_pb2.Submission] = {}
        self.states: list[str] = []

    async def RecordSubmission(
        self, request: job_service_pb2.RecordSubmissionRequest, timeout: float
    ) -> job_service_pb2.RecordSubmissionResponse:
        changed, stored = request.submission, self.submissions.get(request.submission.id)
        if (stored.state if stored else 0) != request.expected:
            raise Conflict("another state")
        kept = job_pb2.Submission()
        kept.CopyFrom(stored or changed)
        kept.MergeFrom(changed)
        kept.created_at.GetCurrentTime()
        self.submissions[kept.id] = kept
        self.states.append(job_pb2.SubmissionState.Name(kept.state).removeprefix("SUBMISSION_STATE_"))
        return job_service_pb2.RecordSubmissionResponse(submission=kept)


class Assets:
    """Signs what is asked for."""

    async def SignDownload(
        self, request: asset_service_pb2.SignDownloadRequest, timeout: float = 0
    ) -> asset_service_pb2.SignDownloadResponse:
        return asset_service_pb2.SignDownloadResponse(download_url=f"http://bucket.example/{request.asset_id}")


class MemoryStore(Store):
    def __init__(self) -> None:
        self.drama_fake, self.job_fake, self.asset_fake = Dramas(), Jobs(), Assets()
        self.bytes: dict[str, bytes] = {}
        self.facts: dict[str, Facts | None] = {}

    def __getattr__(self, name: str) -> Any:
        return {"dramas": self.drama_fake, "jobs": self.job_fake, "assets": self.asset_fake}[name]

    async def put(
        self, source: bytes | Path, kind: str, facts: Facts | None = None, asset_id: str = ""
    ) -> asset_pb2.Asset:
        data = source if isinstance(source, bytes) else source.read_bytes()
        name = asset_id or str(uuid.uuid4())
        self.bytes[name], self.facts[name] = data, facts
        content_type = sniff(data[:4096]) or ""
        return asset_pb2.Asset(
            id=name, kind=kind, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), content_type=content_type
        )

    async def get(self, asset_id: str) -> bytes:
        if asset_id not in self.bytes:
            raise NotFound("gone")
        return self.bytes[asset_id]

    def take(self, slot: str, data: bytes, *, live: bool = True) -> str:
        """Stores bytes as a take of `slot` and returns the asset's id."""
        name = str(uuid.uuid4())
        self.bytes[name] = data
        digest = hashlib.sha256(data).hexdigest()
        self.drama_fake.takes.append(
            drama_pb2.Take(id=name, slot=slot, asset_id=name, sha256=digest, live=live, fingerprint=f"f-{slot}")
        )
        return name


def context_of(store: Store, kind: str, payload: Message, *parents: job_pb2.Parent, attempt: int = 0) -> JobContext:
    """Returns what a handler of `kind` gets."""
    job = job_pb2.Job(
        id=str(uuid.uuid4()),
        public_id="job_abc123abc123",
        kind=kind,
        step=kind,
        attempt=attempt,
        input_json=json_format.MessageToJson(payload),
    )
    return JobContext(job_pb2.Lease(lease_id="l1", job=job, parents=parents, drama_id="d1"), store)


def parent_of(step: str, kind: str, output: Message, *, succeeded: bool = True) -> job_pb2.Parent:
    """Returns what an ended parent left."""
    state = job_pb2.JOB_STATE_SUCCEEDED if succeeded else job_pb2.JOB_STATE_FAILED
    return job_pb2.Parent(step=step, kind=kind, state=state, output_json=json_format.MessageToJson(output))


class Bench:
    """The makers of this module, in tests' hands."""

    context = staticmethod(context_of)
    parent = staticmethod(parent_of)

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.cpu = InlineCpu()


@pytest.fixture
def bench() -> Bench:
    return Bench()
