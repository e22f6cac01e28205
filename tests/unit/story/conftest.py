"""A story worker's surroundings without processes: dramas, runs and submissions in memory."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.message import Message

from kit.errors import AlreadyExists, Conflict, NotFound
from kit.jobs.handler import JobContext
from kit.jobs.store import Store
from kit.providers.catalogue import load
from services.story.config import StorySettings
from services.story.crew import Casting
from services.story.plan_parts import message_json
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2


class Dramas:
    """Dramas and their live takes."""

    def __init__(self) -> None:
        self.stored: dict[str, drama_pb2.Drama] = {}
        self.takes: list[drama_pb2.Take] = []

    async def GetDrama(
        self, request: drama_service_pb2.GetDramaRequest, timeout: float = 0
    ) -> drama_service_pb2.GetDramaResponse:
        if request.drama_id not in self.stored:
            raise NotFound("not there")
        return drama_service_pb2.GetDramaResponse(drama=self.stored[request.drama_id])

    async def ListTakes(
        self, request: drama_service_pb2.ListTakesRequest, timeout: float = 0
    ) -> drama_service_pb2.ListTakesResponse:
        takes = [take for take in self.takes if take.live or request.history]
        return drama_service_pb2.ListTakesResponse(takes=takes)

    async def SetLiveTake(
        self, request: drama_service_pb2.SetLiveTakeRequest, timeout: float = 0
    ) -> drama_service_pb2.SetLiveTakeResponse:
        """As storage does: the chosen one is live from now on and stands for the fingerprint."""
        chosen = next(take for take in self.takes if take.id == request.take_id)
        for take in self.takes:
            if take.slot == chosen.slot:
                take.live = False
                take.ClearField("live_since")
        chosen.live = True
        chosen.live_since.GetCurrentTime()
        chosen.fingerprint = request.fingerprint or chosen.fingerprint
        return drama_service_pb2.SetLiveTakeResponse(take=chosen)


class Jobs:
    """Runs by public id, and submissions with compare and set."""

    def __init__(self) -> None:
        self.submitted: list[job_service_pb2.SubmitRunRequest] = []
        self.runs: dict[str, job_pb2.Run] = {}
        self.submissions: dict[str, job_pb2.Submission] = {}
        self.jobs: dict[str, job_pb2.Job] = {}

    async def SubmitRun(
        self, request: job_service_pb2.SubmitRunRequest, timeout: float = 0
    ) -> job_service_pb2.SubmitRunResponse:
        if request.public_id in self.runs:
            raise AlreadyExists("taken")
        self.submitted.append(request)
        run = job_pb2.Run(
            id=str(uuid.uuid4()),
            public_id=request.public_id,
            kind=request.kind,
            drama_id=request.drama_id,
            metadata_json=request.metadata_json,
            result_json=request.result_json,
            state=job_pb2.JOB_STATE_QUEUED,
        )
        self.runs[request.public_id] = run
        return job_service_pb2.SubmitRunResponse(run=run)

    async def GetRun(
        self, request: job_service_pb2.GetRunRequest, timeout: float = 0
    ) -> job_service_pb2.GetRunResponse:
        for run in self.runs.values():
            if request.id in (run.public_id, run.id):
                return job_service_pb2.GetRunResponse(run=run)
        raise NotFound("not there")

    async def ListRuns(
        self, request: job_service_pb2.ListRunsRequest, timeout: float = 0
    ) -> job_service_pb2.ListRunsResponse:
        runs = [run for run in reversed(self.runs.values()) if run.drama_id == request.drama_id]
        return job_service_pb2.ListRunsResponse(runs=runs)

    async def GetJob(
        self, request: job_service_pb2.GetJobRequest, timeout: float = 0
    ) -> job_service_pb2.GetJobResponse:
        if request.id not in self.jobs:
            raise NotFound("not there")
        return job_service_pb2.GetJobResponse(job=self.jobs[request.id])

    async def ListJobs(
        self, request: job_service_pb2.ListJobsRequest, timeout: float = 0
    ) -> job_service_pb2.ListJobsResponse:
        found = [job for job in self.jobs.values() if job.run_id == request.run_id]
        return job_service_pb2.ListJobsResponse(jobs=found)

    def ended(self, public_id: str, failed: Sequence[str] = (), state: int = job_pb2.JOB_STATE_FAILED) -> None:
        """Ends a run: its jobs have succeeded, but for the steps of `failed`, which are in `state`."""
        run = self.runs[public_id]
        request = next(one for one in self.submitted if one.public_id == public_id)
        for job in request.jobs:
            name = f"{public_id}/{job.step}"
            self.jobs[name] = job_pb2.Job(
                id=name,
                run_id=run.id,
                step=job.step,
                kind=job.kind,
                queue=job.queue,
                payload_type=job.payload_type,
                input_json=job.input_json,
                metadata_json=job.metadata_json,
                state=job_pb2.JobState.ValueType(state) if job.step in failed else job_pb2.JOB_STATE_SUCCEEDED,
            )
        run.state = job_pb2.JOB_STATE_FAILED if failed else job_pb2.JOB_STATE_SUCCEEDED

    async def RecordSubmission(
        self, request: job_service_pb2.RecordSubmissionRequest, timeout: float = 0
    ) -> job_service_pb2.RecordSubmissionResponse:
        changed, stored = request.submission, self.submissions.get(request.submission.id)
        if (stored.state if stored else 0) != request.expected:
            raise Conflict("another state")
        kept = job_pb2.Submission()
        kept.CopyFrom(stored or changed)
        kept.MergeFrom(changed)
        self.submissions[kept.id] = kept
        return job_service_pb2.RecordSubmissionResponse(submission=kept)


class MemoryStore(Store):
    """Storage without a channel."""

    def __init__(self) -> None:
        self.drama_fake, self.job_fake = Dramas(), Jobs()

    def __getattr__(self, name: str) -> Any:
        return {"dramas": self.drama_fake, "jobs": self.job_fake}[name]

    def context(self, kind: str, payload: Message, attempt: int = 0) -> JobContext:
        """A lease of a job of `kind`; submissions of earlier leases of it come along."""
        job = job_pb2.Job(
            id="00000000-0000-7000-8000-0000000000aa",
            kind=kind,
            step=kind.partition(".")[2],
            queue="story",
            input_json=message_json(payload),
            attempt=attempt,
        )
        lease = job_pb2.Lease(lease_id="lease", job=job, submissions=self.job_fake.submissions.values())
        return JobContext(lease, self)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def settings() -> StorySettings:
    """A house with every key."""
    keys = {"OPENAI_API_KEY": "k", "GEMINI_API_KEY": "k", "SORA_API_KEY": "k"}
    return StorySettings.model_validate({"SFD_INTERNAL_SECRET": "x" * 32, **keys})


@pytest.fixture
def casting(settings: StorySettings) -> Casting:
    return Casting(settings, load())
