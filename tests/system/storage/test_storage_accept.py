"""Runs that share a commit share nothing else: one bad run fails alone, one whose caller left is not accepted behind its back."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from kit.errors import InvalidInput, Unavailable
from services.storage.db import Database
from services.storage.jobs.accept import Acceptor, NewRun
from services.storage.jobs.submit import build
from sfd.jobs.v1 import job_pb2

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Recorded(Acceptor):
    """An acceptor whose commits take a moment and refuse runs of the kind `bad`."""

    def __init__(self) -> None:
        super().__init__(Database("postgresql://nobody@127.0.0.1:1/none"))
        self.commits: list[list[str]] = []
        self.error: Exception = InvalidInput("bad text")

    async def _insert(self, runs: Sequence[NewRun]) -> datetime:
        self.commits.append([run.kind for run in runs])
        await asyncio.sleep(0.02)
        if any(run.kind == "bad" for run in runs):
            raise self.error
        return NOW


def new(kind: str) -> NewRun:
    graph = build([job_pb2.NewJob(step="s", kind="k", queue="q", payload_type="x")])
    return NewRun(
        id=uuid.uuid4(),
        account=uuid.uuid4(),
        public_id=uuid.uuid4().hex,
        kind=kind,
        drama_id="",
        result="",
        metadata="",
        ceiling_nano_usd=0,
        request_id="",
        request_sha256="",
        reply=b"",
        graph=graph,
    )


async def test_one_bad_run_fails_alone() -> None:
    acceptor = Recorded()
    answers = await asyncio.gather(
        *(acceptor.accept(new("bad" if n == 5 else "good")) for n in range(10)), return_exceptions=True
    )
    assert [isinstance(answer, InvalidInput) for answer in answers] == [n == 5 for n in range(10)]


async def test_a_database_that_is_away_is_asked_once_for_a_batch() -> None:
    acceptor = Recorded()
    acceptor.error = Unavailable("away")
    answers = await asyncio.gather(*(acceptor.accept(new("bad")) for _ in range(9)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert len(acceptor.commits) == 2


async def test_runs_whose_callers_left_are_not_accepted_and_hold_nobody_up() -> None:
    acceptor = Recorded()
    first = asyncio.create_task(acceptor.accept(new("first")))
    await asyncio.sleep(0)
    gone = [asyncio.create_task(acceptor.accept(new("gone"))) for _ in range(40)]
    await asyncio.sleep(0)
    last = asyncio.create_task(acceptor.accept(new("last")))
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    async with asyncio.timeout(1):
        assert list(await asyncio.gather(first, last)) == [NOW, NOW]
    assert [kind for batch in acceptor.commits for kind in batch] == ["first", "last"]
    for task in gone:
        with pytest.raises(asyncio.CancelledError):
            await task
