"""P7: while NATS, Postgres or S3 is away, what needs it says so in time and nothing else notices; afterwards all is well."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from kit.errors import DeadlineExceeded, Unavailable
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.testing.light import PNG
from sfd.assets.v1 import asset_service_pb2, asset_service_pb2_grpc
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from tests.faults.crowd import Crowd, crowd, until
from tests.faults.history import Tally

pytestmark = [pytest.mark.system]
PATIENCE = 20.0
"""More than the gateway gives a service to answer: whoever waits longer hangs."""
NEEDS = {"postgres": ("/dramas", "/dramas/nobody"), "nats": (), "s3": ("media",)}
AWAY = {503: "unavailable", 504: "out of time"}


async def test_an_outage_of_five_seconds_is_answered_badly(tmp_path: Path) -> None:
    tally = Tally("test_an_outage_of_five_seconds_is_answered_badly")
    async with crowd(tmp_path, gateway=True) as on:
        for victim in ("nats", "postgres", "s3"):
            await outage(on, victim, "kill", 5.0, tally)
        await on.check(tally)


@pytest.mark.slow
@pytest.mark.timeout(560)
@pytest.mark.parametrize("seconds", [30.0, 120.0])
@pytest.mark.parametrize("how", ["kill", "pause"])
async def test_a_long_outage_is_answered_badly(how: str, seconds: float, tmp_path: Path) -> None:
    tally = Tally(f"test_a_long_outage_is_answered_badly[{how}-{seconds:.0f}]")
    async with crowd(tmp_path, gateway=True) as on:
        for victim in ("nats", "postgres", "s3"):
            await outage(on, victim, how, seconds, tally)
        await on.check(tally, 90)


async def outage(on: Crowd, victim: str, how: str, seconds: float, tally: Tally) -> None:
    """Strikes and asks meanwhile: what needs the victim is refused in time, what does not goes on; then work is done again."""
    paths = {"/dramas": "/dramas", "/dramas/nobody": "/dramas/nobody", "media": await stored_picture(on)}
    striking = asyncio.create_task(on.strike(victim, how, seconds))
    await asyncio.sleep(0.5)
    ends = time.monotonic() + seconds - 0.5
    async with httpx.AsyncClient(base_url=on.house.url, timeout=PATIENCE) as http:
        while time.monotonic() < ends:
            for name, path in paths.items():
                # A timeout of the client is an error of the test: nothing hangs past the deadline.
                asked_in_time = time.monotonic() < ends
                answer = await http.get(path)
                within = asked_in_time and time.monotonic() < ends
                judge(
                    answer,
                    tally,
                    away=name in NEEDS[victim] or (name == "media" and victim == "postgres"),
                    within=within,
                )
            await asyncio.sleep(0.5)
    await striking
    tally.count(outages=1)
    await recovered(on, paths)
    await on.submit([on.job("a", "test.put"), on.job("b", hard_parents=["a"])], again=True)


def judge(answer: httpx.Response, tally: Tally, *, away: bool, within: bool) -> None:
    """Asserts that an answer is right: never a 500, and 503 or 504 only with the word when to come again."""
    tally.count(reads=1)
    status = answer.status_code
    assert status < 500 or status in AWAY, (status, answer.text[:400])
    if status in AWAY:
        tally.count(refused=1)
        assert answer.headers.get("retry-after"), answer.text[:400]
        assert answer.json()["requestId"] if "requestId" in answer.json() else answer.headers.get("x-request-id")
        assert away, (status, answer.text[:400], str(answer.url))
    elif within and away:
        raise AssertionError(f"{answer.url} answered {status} without what it needs")


async def recovered(on: Crowd, paths: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=on.house.url, timeout=PATIENCE) as http:
        told: dict[str, str] = {}

        async def well() -> bool:
            for path in paths.values():
                answer = await http.get(path)
                told[path] = f"{answer.status_code} {answer.text[:200] if answer.status_code > 404 else ''}"
            return all(text.startswith(("200", "404")) for text in told.values())

        try:
            await until(well, 60, 0.2)
        except TimeoutError as error:
            raise AssertionError(f"a minute after the outage: {told}") from error


async def stored_picture(on: Crowd) -> str:
    """Returns the path of a picture that is in the bucket."""
    assets = asset_service_pb2_grpc.AssetServiceStub(on.house.channel(account=DEFAULT_ACCOUNT_ID))
    import hashlib

    body = PNG + b"a picture of the outage"
    made = await assets.CreateUpload(
        asset_service_pb2.CreateUploadRequest(
            content_type="image/png", bytes=len(body), sha256=hashlib.sha256(body).hexdigest(), kind="image"
        )
    )
    async with httpx.AsyncClient(timeout=PATIENCE) as http:
        (await http.put(made.upload_url, content=body, headers=dict(made.headers))).raise_for_status()
    live = await assets.ConfirmUpload(asset_service_pb2.ConfirmUploadRequest(asset_id=made.asset.id))
    return httpx.URL(live.asset.url).path


async def test_a_worker_that_slept_past_its_lease_is_believed(tmp_path: Path) -> None:
    tally = Tally("test_a_worker_that_slept_past_its_lease_is_believed")
    async with crowd(tmp_path, workers=1) as on:
        await on.submit([on.job("a", "test.sleep", given={"seconds": 3.0})], again=True)

        async def leased() -> bool:
            return bool(await on.sql("SELECT 1 FROM jobs WHERE state = 'running'"))

        await until(leased, 60)
        sleeper = on.house.processes["light-a"]
        sleeper.pause()
        (before,) = await on.sql("SELECT lease_id, worker FROM jobs")
        on.start_worker("light-b")

        async def done() -> bool:
            return bool(await on.sql("SELECT 1 FROM jobs WHERE state = 'succeeded'"))

        await until(done, 90)
        (after,) = await on.sql("SELECT lease_id FROM jobs")
        sleeper.resume()
        # What the sleeper believes to have done is refused; it says so in its log and goes on with other work.
        await on.submit([on.job("b", "test.noop")], again=True)
        await on.check(tally)
        assert before["lease_id"] != after["lease_id"]
        ends = await on.sql("SELECT 1 FROM events WHERE type = 'job.succeeded'")
        assert len(ends) == 2
        assert sleeper.running()


@pytest.mark.parametrize("how", ["kill", "pause"])
async def test_a_service_answers_badly_without_its_database(how: str, tmp_path: Path) -> None:
    async with crowd(tmp_path, workers=0) as on:
        striking = asyncio.create_task(on.strike("postgres", how, 4.0))
        await asyncio.sleep(0.5)
        new = jobs.NewJob(step="a", kind="test.noop", queue="q")
        for call, request in (
            (on.user.SubmitRun, rpc.SubmitRunRequest(kind="test", jobs=[new])),
            (on.user.ListRuns, rpc.ListRunsRequest()),
            (on.worker.LeaseJobs, rpc.LeaseJobsRequest(queue="q", max=1, kinds=["test.noop"])),
        ):
            with pytest.raises((Unavailable, DeadlineExceeded)):
                await call(request, timeout=1.0)
        await striking
