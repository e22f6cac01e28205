"""A client of the services themselves: makes a drama's outline and pictures over gRPC and watches it happen.

    SFD_INTERNAL_SECRET=... python examples/client.py "A baker in Busan inherits a lighthouse. 1 episode"
    SFD_INTERNAL_SECRET=... python examples/client.py "..." --cancel-after 2

The secret and the addresses are those of `sfd up` (`.env` and `sfd status`). Programs outside the house use REST instead: the secret
signs tokens for any account.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from kit.context import Caller, Role
from kit.errors import NotReady, SfdError
from kit.identity import DEFAULT_ACCOUNT_ID, Signer
from kit.jsonio import load_object
from kit.rpc.client import channel
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_pb2, story_service_pb2, story_service_pb2_grpc

NAMES = {job_pb2.JOB_STATE_SUCCEEDED: "succeeded", job_pb2.JOB_STATE_CANCELLED: "cancelled"}


async def make(premise: str, cast: story_pb2.Cast, cancel_after: float | None) -> int:
    """Makes a drama and prints it; returns 0 when it came, or was cancelled, as wished."""
    signer = Signer(os.environ.get("SFD_INTERNAL_SECRET", ""))
    me = Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)
    async with (
        channel(os.environ.get("SFD_STORY_ADDR", "127.0.0.1:50052"), signer, default=me) as to_story,
        channel(os.environ.get("SFD_STORAGE_ADDR", "127.0.0.1:50051"), signer, default=me) as to_storage,
    ):
        story = story_service_pb2_grpc.StoryServiceStub(to_story)
        jobs = job_service_pb2_grpc.JobServiceStub(to_storage)
        dramas = drama_service_pb2_grpc.DramaServiceStub(to_storage)

        accepted: story_service_pb2.GenerateDramaResponse = await story.GenerateDrama(
            story_service_pb2.GenerateDramaRequest(premise=premise, options=story_pb2.Options(cast=cast))
        )
        print(f"accepted {accepted.run.public_id} for {accepted.drama_id}", flush=True)
        async with asyncio.TaskGroup() as tasks:
            canceller = tasks.create_task(cancel(jobs, accepted.run.id, cancel_after))
            await watch(jobs, accepted.run.id)
            canceller.cancel()

        reply: job_service_pb2.GetRunResponse = await jobs.GetRun(job_service_pb2.GetRunRequest(id=accepted.run.id))
        state = NAMES.get(reply.run.state, f"failed: {reply.run.failure.message}")
        print(f"{state}: {reply.run.succeeded} of {reply.run.total} steps")
        if reply.run.state == job_pb2.JOB_STATE_SUCCEEDED:
            found: drama_service_pb2.GetDramaResponse = await dramas.GetDrama(
                drama_service_pb2.GetDramaRequest(drama_id=accepted.drama_id)
            )
            show(found.drama)
        wished = job_pb2.JOB_STATE_SUCCEEDED if cancel_after is None else job_pb2.JOB_STATE_CANCELLED
        return 0 if reply.run.state == wished else 1


async def watch(jobs: job_service_pb2_grpc.JobServiceStub, run_id: str) -> None:
    """Prints the run's events as they happen; returns when it has ended, because the stream does."""
    async for reply in jobs.WatchEvents(job_service_pb2.WatchEventsRequest(run_id=run_id)):
        for event in reply.events:
            data = load_object(event.data_json, "data_json")
            print(f"{event.pos:>6}  {event.type:<14} {data.get('step') or data.get('kind') or ''}", flush=True)


async def cancel(jobs: job_service_pb2_grpc.JobServiceStub, run_id: str, after: float | None) -> None:
    """Cancels the run after some seconds; a run that has ended by then stays as it is."""
    if after is None:
        return
    await asyncio.sleep(after)
    try:
        await jobs.CancelRun(job_service_pb2.CancelRunRequest(id=run_id))
    except NotReady as error:
        print(f"too late: {error.message}", flush=True)


def show(drama: drama_pb2.Drama) -> None:
    """Prints the title, the cast with the portraits, and the cover."""
    print(f"\n{drama.title}\n{drama.description}")
    for character in drama.characters:
        print(f"  {character.name:<16} {character.url or '(no portrait)'}")
    print(f"  {'cover':<16} {drama.url or '(none)'}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 not done, 2 wrong arguments."""
    parser = argparse.ArgumentParser(description="Makes a drama over gRPC.")
    parser.add_argument("premise")
    parser.add_argument("--cancel-after", type=float, metavar="SECONDS", help="cancel the run after so many seconds")
    parser.add_argument("--writer", default="", help="local, openai or gemini")
    parser.add_argument("--painter", default="", help="local, openai or gemini")
    wish = parser.parse_args(arguments)
    try:
        return asyncio.run(
            make(wish.premise, story_pb2.Cast(writer=wish.writer, painter=wish.painter), wish.cancel_after)
        )
    except (SfdError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
