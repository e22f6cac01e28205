"""Services behind the gateway, kept in memory: real gRPC, real rules and errors, no database."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from kit import errors
from kit.context import caller
from kit.identity import DEFAULT_ACCOUNT_ID
from sfd.assets.v1 import asset_pb2, asset_service_pb2, library_pb2
from sfd.assets.v1.asset_service_pb2_grpc import AssetServiceServicer
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.dramas.v1.drama_service_pb2_grpc import DramaServiceServicer
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.jobs.v1.job_service_pb2_grpc import JobServiceServicer
from sfd.story.v1 import story_service_pb2
from sfd.story.v1.story_service_pb2_grpc import StoryServiceServicer
from sfd.video.v1 import video_service_pb2
from sfd.video.v1.video_service_pb2_grpc import VideoServiceServicer


@dataclass
class House:
    """All that the fakes remember. `asked` holds every request; `failures` are raised by the next calls of a method."""

    dramas: dict[str, drama_pb2.Drama] = field(default_factory=dict)
    runs: dict[str, job_pb2.Run] = field(default_factory=dict)
    jobs: dict[str, list[job_pb2.Job]] = field(default_factory=dict)
    events: list[job_pb2.Event] = field(default_factory=list)
    submissions: dict[str, job_pb2.Submission] = field(default_factory=dict)
    assets: dict[str, asset_pb2.Asset] = field(default_factory=dict)
    library: dict[str, library_pb2.LibraryAsset] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    events_seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    bucket: str = ""
    public: bool = False
    nats: Nats | None = None
    clock: int = 1_763_600_000

    def take(self, request: Any) -> None:
        """Remembers a request and fails it when a failure waits for its method."""
        self.asked.append(request)
        name = type(request).__name__.removesuffix("Request")
        if name in self.failures:
            raise self.failures.pop(name)

    def last(self, kind: type[Any]) -> Any:
        """Returns the last request of a kind."""
        return next(one for one in reversed(self.asked) if isinstance(one, kind))

    def now(self) -> Timestamp:
        """Returns a moment later than every one before."""
        self.clock += 1
        return Timestamp(seconds=self.clock, nanos=250_000_000)

    def drama(self, drama_id: str) -> drama_pb2.Drama:
        """Returns the drama, or raises NotFound."""
        if drama_id not in self.dramas:
            raise errors.NotFound("no such row", reason="drama_not_found")
        return self.dramas[drama_id]

    def run(self, run_id: str) -> job_pb2.Run:
        """Returns a run by either of its ids, or raises NotFound."""
        for run in self.runs.values():
            if run_id in (run.id, run.public_id):
                return run
        raise errors.NotFound("no such row")

    def add_run(self, kind: str, drama_id: str, **fields: Any) -> job_pb2.Run:
        """Accepts a run."""
        who = caller()
        run = job_pb2.Run(
            id=f"0197-{secrets.token_hex(8)}",
            public_id=f"job_{secrets.token_hex(6)}",
            account_id=who.account_id if who else "",
            kind=kind,
            drama_id=drama_id,
            created_at=self.now(),
            **{"state": job_pb2.JOB_STATE_QUEUED, "total": 1, **fields},
        )
        self.runs[run.id] = run
        return run

    def add_event(self, drama_id: str, type_: str, **data: Any) -> job_pb2.Event:
        """Writes an event."""
        event = job_pb2.Event(
            pos=len(self.events) + 1,
            run_public_id="job_x",
            type=type_,
            drama_id=drama_id,
            data_json=json.dumps(data),
            created_at=self.now(),
        )
        self.events.append(event)
        if self.nats is not None:
            self.nats.publish(f"events.{DEFAULT_ACCOUNT_ID}.job.x.y")
        return event

    def stamp(self, drama: drama_pb2.Drama) -> None:
        """Counts an edit."""
        drama.revision += 1
        drama.etag = f"{drama.id}-{drama.revision}"
        drama.updated_at.CopyFrom(self.now())


def page(token: str, size: int, of: int) -> Iterator[int]:
    """Returns the indices of a page; raises InvalidInput for a token that was never given out."""
    if token and not token.isdigit():
        raise errors.InvalidInput("The page token is not ours.", field="page_token")
    start = int(token or 0)
    yield from range(start, min(of, start + (size or 100)))


class Dramas(DramaServiceServicer):
    """Dramas in a dict."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def PutDrama(self, request: drama_service_pb2.PutDramaRequest, context: object) -> Any:
        self.house.take(request)
        old = self.house.dramas.get(request.drama.id)
        if old is not None and request.create_only:
            raise errors.AlreadyExists("The id is taken.")
        if request.if_etag and (old is None or old.etag != request.if_etag):
            raise errors.Conflict("The drama has changed.", reason="stale_revision")
        drama = drama_pb2.Drama()
        drama.CopyFrom(request.drama)
        drama.revision = old.revision if old else 0
        self.house.stamp(drama)
        self.house.dramas[drama.id] = drama
        return drama_service_pb2.PutDramaResponse(drama=drama, created=old is None)

    async def GetDrama(self, request: drama_service_pb2.GetDramaRequest, context: object) -> Any:
        self.house.take(request)
        return drama_service_pb2.GetDramaResponse(drama=self.house.drama(request.drama_id))

    async def ListDramas(self, request: drama_service_pb2.ListDramasRequest, context: object) -> Any:
        self.house.take(request)
        rows = sorted(self.house.dramas.values(), key=lambda d: -d.updated_at.seconds)
        picked = list(page(request.page_token, request.page_size, len(rows)))
        reply = drama_service_pb2.ListDramasResponse()
        for index in picked:
            row = rows[index]
            told = {"title": row.title, "description": row.description, "premise": row.premise}
            summary = reply.dramas.add(id=row.id, updated_at=row.updated_at, **told)
            if row.HasField("url"):
                summary.url = row.url
            if row.HasField("metadata_json"):
                summary.metadata_json = row.metadata_json
        if picked and picked[-1] + 1 < len(rows):
            reply.next_page_token = str(picked[-1] + 1)
        return reply

    async def UpdateDrama(self, request: drama_service_pb2.UpdateDramaRequest, context: object) -> Any:
        self.house.take(request)
        drama = self.house.drama(request.drama.id)
        if request.if_etag and drama.etag != request.if_etag:
            raise errors.Conflict("The drama has changed.", reason="stale_revision")
        for name in request.update_mask.paths:
            if name == "url" and not request.drama.HasField("url"):
                drama.ClearField("url")
            elif name == "metadata_json" and not request.drama.HasField("metadata_json"):
                drama.ClearField("metadata_json")
            else:
                setattr(drama, name, getattr(request.drama, name))
        self.house.stamp(drama)
        return drama_service_pb2.UpdateDramaResponse(drama=drama)

    async def DeleteDrama(self, request: drama_service_pb2.DeleteDramaRequest, context: object) -> Any:
        self.house.take(request)
        if request.if_etag and self.house.drama(request.drama_id).etag != request.if_etag:
            raise errors.Conflict("The drama has changed.", reason="stale_etag")
        # As the record does it: one that is not there is gone already, and may have open jobs that end with it.
        self.house.dramas.pop(request.drama_id, None)
        return drama_service_pb2.DeleteDramaResponse()

    async def ListTakes(self, request: drama_service_pb2.ListTakesRequest, context: object) -> Any:
        raise errors.Internal("not used here")


class Jobs(JobServiceServicer):
    """Runs, jobs, events and paid calls in lists; what only workers call is not served."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def GetRun(self, request: job_service_pb2.GetRunRequest, context: object) -> Any:
        self.house.take(request)
        return job_service_pb2.GetRunResponse(run=self.house.run(request.id))

    async def ListRuns(self, request: job_service_pb2.ListRunsRequest, context: object) -> Any:
        self.house.take(request)
        rows = [r for r in reversed(self.house.runs.values()) if request.drama_id in ("", r.drama_id)]
        picked = list(page(request.page_token, request.page_size, len(rows)))
        more = str(picked[-1] + 1) if picked and picked[-1] + 1 < len(rows) else ""
        return job_service_pb2.ListRunsResponse(runs=[rows[i] for i in picked], next_page_token=more)

    async def CancelRun(self, request: job_service_pb2.CancelRunRequest, context: object) -> Any:
        self.house.take(request)
        run = self.house.run(request.id)
        if run.state == job_pb2.JOB_STATE_SUCCEEDED:
            raise errors.NotReady("The job has ended already.", reason="already_ended")
        run.state = job_pb2.JOB_STATE_CANCELLED
        return job_service_pb2.CancelRunResponse(run=run)

    async def GetJob(self, request: job_service_pb2.GetJobRequest, context: object) -> Any:
        self.house.take(request)
        for jobs in self.house.jobs.values():
            for job in jobs:
                if request.id in (job.id, job.public_id):
                    return job_service_pb2.GetJobResponse(job=job)
        raise errors.NotFound("no such row")

    async def ListJobs(self, request: job_service_pb2.ListJobsRequest, context: object) -> Any:
        self.house.take(request)
        return job_service_pb2.ListJobsResponse(jobs=self.house.jobs.get(self.house.run(request.run_id).id, []))

    async def ListEvents(self, request: job_service_pb2.ListEventsRequest, context: object) -> Any:
        self.house.take(request)
        await asyncio.sleep(self.house.events_seconds)
        found = [e for e in self.house.events if e.pos > request.after_pos and request.drama_id in ("", e.drama_id)]
        head = max((e.pos for e in self.house.events), default=0)
        return job_service_pb2.ListEventsResponse(events=found[: request.page_size], head_pos=head)

    async def ListSubmissions(self, request: job_service_pb2.ListSubmissionsRequest, context: object) -> Any:
        self.house.take(request)
        rows = [s for s in self.house.submissions.values() if s.state == request.state]
        return job_service_pb2.ListSubmissionsResponse(submissions=rows)

    async def ResolveSubmission(self, request: job_service_pb2.ResolveSubmissionRequest, context: object) -> Any:
        self.house.take(request)
        found = self.house.submissions.get(request.submission_id)
        if found is None:
            raise errors.NotFound("no such row")
        if found.state != job_pb2.SUBMISSION_STATE_NEEDS_USER:
            raise errors.NotReady("It does not wait for a decision.", reason="not_held")
        abandon = request.resolution == job_service_pb2.RESOLUTION_ABANDON
        found.state = job_pb2.SUBMISSION_STATE_ABANDONED if abandon else job_pb2.SUBMISSION_STATE_NOT_ACCEPTED
        return job_service_pb2.ResolveSubmissionResponse(submission=found)

    async def _not_here(self, request: object, context: object) -> Any:
        raise errors.Internal("not used here")

    SubmitRun = LeaseJobs = HeartbeatJobs = SnoozeJobs = CompleteJobs = FailJobs = RecordSubmission = _not_here

    async def WatchEvents(self, request: object, context: object) -> Any:
        raise errors.Internal("not used here")
        yield


class Assets(AssetServiceServicer):
    """Assets in a dict; their bytes are in the test's bucket."""

    def __init__(self, house: House) -> None:
        self.house = house

    def _find(self, asset_id: str) -> asset_pb2.Asset:
        if asset_id not in self.house.assets:
            raise errors.NotFound("no such row")
        return self.house.assets[asset_id]

    async def CreateUpload(self, request: asset_service_pb2.CreateUploadRequest, context: object) -> Any:
        self.house.take(request)
        capability = secrets.token_hex(16)
        if request.asset_id in self.house.assets:
            asset = self.house.assets[request.asset_id]
            if asset.sha256 != request.sha256:
                raise errors.AlreadyExists("This asset id has other bytes.", reason="asset_exists")
            return asset_service_pb2.CreateUploadResponse(asset=asset, upload_url=f"{self.house.bucket}/{asset.key}")
        asset = asset_pb2.Asset(
            id=request.asset_id or f"asset-{capability}",
            key=f"objects/{capability}",
            content_type=request.content_type,
            bytes=request.bytes,
            sha256=request.sha256,
            kind=request.kind,
            state=asset_pb2.ASSET_STATE_PENDING,
            url=f"http://media.example/media/{capability}.png",
        )
        self.house.assets[asset.id] = asset
        return asset_service_pb2.CreateUploadResponse(
            asset=asset,
            upload_url=f"{self.house.bucket}/{asset.key}",
            headers={"content-type": request.content_type, "x-amz-checksum-sha256": request.sha256},
        )

    async def ConfirmUpload(self, request: asset_service_pb2.ConfirmUploadRequest, context: object) -> Any:
        self.house.take(request)
        asset = self._find(request.asset_id)
        asset.state = asset_pb2.ASSET_STATE_LIVE
        return asset_service_pb2.ConfirmUploadResponse(asset=asset)

    async def GetAsset(self, request: asset_service_pb2.GetAssetRequest, context: object) -> Any:
        self.house.take(request)
        return asset_service_pb2.GetAssetResponse(asset=self._find(request.asset_id))

    async def ResolveMedia(self, request: asset_service_pb2.ResolveMediaRequest, context: object) -> Any:
        self.house.take(request)
        asset = self._find(f"asset-{request.capability}")
        url = f"{self.house.bucket}/{asset.key}"
        return asset_service_pb2.ResolveMediaResponse(
            asset=asset, internal_url=url, public_url=f"{url}?public" if self.house.public else ""
        )

    async def ListAssets(self, request: asset_service_pb2.ListAssetsRequest, context: object) -> Any:
        raise errors.Internal("not used here")

    async def SignDownload(self, request: asset_service_pb2.SignDownloadRequest, context: object) -> Any:
        raise errors.Internal("not used here")


class Story(StoryServiceServicer):
    """Accepts wishes and does nothing about them."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def GenerateDrama(self, request: story_service_pb2.GenerateDramaRequest, context: object) -> Any:
        self.house.take(request)
        drama_id = request.drama_id or "drama_" + secrets.token_hex(6)
        run = self.house.add_run("generate_drama", drama_id)
        return story_service_pb2.GenerateDramaResponse(run=run, drama_id=drama_id, warnings=self.house.warnings)

    async def ImproveDrama(self, request: story_service_pb2.ImproveDramaRequest, context: object) -> Any:
        self.house.take(request)
        self.house.drama(request.drama_id)
        improved = request.new_drama_id or f"{request.drama_id}_improved_1763600000000"
        run = self.house.add_run("improve_drama", improved)
        return story_service_pb2.ImproveDramaResponse(run=run, improved_id=improved)

    async def CritiqueDrama(self, request: story_service_pb2.CritiqueDramaRequest, context: object) -> Any:
        self.house.take(request)
        self.house.drama(request.drama_id)
        return story_service_pb2.CritiqueDramaResponse(run=self.house.add_run("critique_drama", request.drama_id))

    async def ExecuteProduction(self, request: story_service_pb2.ExecuteProductionRequest, context: object) -> Any:
        self.house.take(request)
        self.house.drama(request.drama_id)
        run = self.house.add_run("execute_drama", request.drama_id, metadata_json=request.metadata_json)
        return story_service_pb2.ExecuteProductionResponse(run=run)

    async def PlanProduction(self, request: story_service_pb2.PlanProductionRequest, context: object) -> Any:
        raise errors.Internal("not used here")


class Video(VideoServiceServicer):
    """Accepts auditions of characters that are there."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def GenerateAudition(self, request: video_service_pb2.GenerateAuditionRequest, context: object) -> Any:
        self.house.take(request)
        drama = self.house.drama(request.drama_id)
        if request.character_id not in [c.id for c in drama.characters]:
            raise errors.NotFound("no such row")
        return video_service_pb2.GenerateAuditionResponse(run=self.house.add_run("audition", request.drama_id))

    async def AssembleEpisode(self, request: video_service_pb2.AssembleEpisodeRequest, context: object) -> Any:
        await asyncio.sleep(0)
        raise errors.Internal("not used here")


class Nats:
    """As much of the NATS protocol as a subscriber needs: it can be told of an event."""

    def __init__(self) -> None:
        self._subscribed: list[tuple[asyncio.StreamWriter, str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one client until it leaves."""
        writer.write(b'INFO {"server_id":"x","version":"2.15.1","max_payload":1048576,"headers":true}\r\n')
        try:
            while line := await reader.readline():
                if line.startswith(b"PING"):
                    writer.write(b"PONG\r\n")
                elif line.startswith(b"SUB "):
                    self._subscribed.append((writer, line.split()[-1].decode()))
        except ConnectionError:
            return
        finally:
            self._subscribed = [one for one in self._subscribed if one[0] is not writer]
            writer.close()

    def publish(self, subject: str) -> int:
        """Sends an empty message to every subscriber; returns how many there are."""
        for writer, sid in self._subscribed:
            writer.write(f"MSG {subject} {sid} 0\r\n\r\n".encode())
        return len(self._subscribed)
