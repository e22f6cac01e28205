"""What a gateway does with a vendor's callback: proves its signature and records what only the vendor knew.

No call of storage's own is needed: the vendor's id of an operation is a late truth, welcome under any lease (RecordSubmission).
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import Counter

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.context import Role
from kit.errors import Conflict, NotFound, SfdError
from kit.testing.house import House, free_port
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from simulator.kinds_face.callbacks import SIGNATURE, sign
from tests.faults.kinds import KEY


class Hooks:
    """`POST /v1/hooks/{vendor}/{submission}` on a port of its own."""

    def __init__(self, house: House) -> None:
        self.port = free_port()
        self.heard: Counter[str] = Counter()
        self._channel = house.channel(role=Role.WORKER)
        self._jobs = job_service_pb2_grpc.JobServiceStub(self._channel)
        application = Starlette(routes=[Route("/v1/hooks/{vendor}/{submission}", self._hear, methods=["POST"])])
        self._server = uvicorn.Server(
            uvicorn.Config(application, host="127.0.0.1", port=self.port, log_level="warning", lifespan="off")
        )
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """What callback URLs begin with."""
        return f"http://127.0.0.1:{self.port}/v1/hooks"

    async def __aenter__(self) -> Hooks:
        # `_serve` and not `serve`: a server inside a test leaves the signals to the test.
        self._serving = asyncio.create_task(self._server._serve())
        while not self._server.started:
            await asyncio.sleep(0.02)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        await self._channel.close()

    async def _hear(self, request: Request) -> Response:
        body = await request.body()
        if not hmac.compare_digest(sign(KEY, body), request.headers.get(SIGNATURE, "")):
            self.heard["refused"] += 1
            return Response(status_code=401)
        submission = request.path_params["submission"]
        try:
            await self._record(submission, str(json.loads(body)["id"]))
        except (Conflict, NotFound):
            # It is known already, or was settled otherwise: a callback changes nothing then.
            self.heard["known"] += 1
            return Response(status_code=200)
        except SfdError:
            self.heard["later"] += 1
            return Response(status_code=503)
        self.heard["recorded"] += 1
        return Response(status_code=200)

    async def _record(self, submission: str, operation: str) -> None:
        truth = job_pb2.Submission(id=submission, state=job_pb2.SUBMISSION_STATE_SUBMITTED, operation_id=operation)
        expected = job_pb2.SUBMISSION_STATE_SUBMIT_UNKNOWN
        await self._jobs.RecordSubmission(
            job_service_pb2.RecordSubmissionRequest(submission=truth, expected=expected), timeout=10
        )
