"""Dead letters: what nobody can do is set aside once, listed without its input, and sent in again once."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, NotReady
from kit.telemetry import JOBS_DUE
from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers
from tests.system.storage.queue_bench import Bench, bench

pytestmark = pytest.mark.system
DEATHS = 5


@pytest.fixture
async def on(storage_house: House, servers: Servers) -> AsyncIterator[Bench]:
    async with bench(storage_house, servers) as made:
        yield made


async def redrive(on: Bench, letter: jobs.DeadLetter, request_id: str = "") -> jobs.Run:
    request = rpc.RedriveDeadLetterRequest(job_id=letter.job.id, request_id=request_id)
    return (await on.user.RedriveDeadLetter(request)).run


async def dead(on: Bench, reason: str = "bad_input", **more: Any) -> tuple[jobs.Run, jobs.DeadLetter]:
    run = await on.submit(on.job("a", input_json='{"secret":"a canary"}'), **more)
    await on.fail(await on.lease_one(), reason)
    (letter,) = await on.letters()
    return run, letter


async def test_five_deaths_in_a_row_set_a_job_aside_once(on: Bench) -> None:
    run = await on.submit(on.job("a"), on.job("b", hard_parents=["a"]))
    for _ in range(DEATHS):
        assert not await on.letters()
        await on.lose(await on.lease_one())
    (letter,) = await on.letters()
    assert (letter.reason, letter.failure.reason, letter.job.state) == ("poison", "poison", jobs.JOB_STATE_FAILED)
    ended = await on.run(run)
    assert (ended.state, ended.failed, ended.cancelled) == (jobs.JOB_STATE_FAILED, 1, 1)
    await on.sweep.once()
    assert len(await on.letters()) == 1


async def test_deaths_with_life_between_them_make_no_poison(on: Bench) -> None:
    await on.submit(on.job("a"))
    for turn in range(2 * DEATHS):
        one = await on.lease_one()
        if turn % 4 == 3:
            # Given back, or failed and tried again: either way its worker lived.
            if turn % 8 == 3:
                await on.snooze(one)
            else:
                assert (await on.fail(one, retryable=True)).state == jobs.JOB_STATE_QUEUED
        else:
            await on.lose(one)
    one = await on.lease_one()
    assert one.job.lease_losses < DEATHS
    assert (await on.complete(one)).accepted
    assert not await on.letters()


async def test_what_died_together_twice_does_not_come_back_together(on: Bench) -> None:
    await on.submit(*(on.job(f"s{n}") for n in range(8)))
    for losses in range(2):
        held = await on.lease()
        assert len(held) == 8, "after the first death all are due at once"
        await on.sql.execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE queue = $1", on.queue)
        await on.sweep.once()
        due = {row["run_after"] for row in await on.sql.fetch("SELECT run_after FROM jobs WHERE queue = $1", on.queue)}
        delays = [(moment - min(due)).total_seconds() for moment in due]
        assert (max(delays) > 0.5) == bool(losses), delays


@pytest.mark.parametrize("reason", ["bad_input", "unknown_payload"])
async def test_what_nobody_can_read_is_set_aside_at_once_and_its_input_is_shown_to_nobody(
    on: Bench, reason: str
) -> None:
    _, letter = await dead(on, reason)
    assert letter.reason == reason
    assert b"canary" not in letter.SerializeToString()


async def test_an_ordinary_failure_is_no_dead_letter(on: Bench) -> None:
    await on.submit(on.job("a"))
    await on.fail(await on.lease_one(), "model_refused")
    assert not await on.letters()


async def test_a_kind_that_nobody_knows_waits_visibly_and_reaches_its_deadline(on: Bench) -> None:
    run = await on.submit(on.job("a", kind="test.nobody"))
    assert not await on.lease()
    await on.sweep.once()
    assert due(on.queue) == 1
    await on.sql.execute(
        "UPDATE jobs SET created_at = now() - interval '49 hours' WHERE run_id = $1", uuid.UUID(run.id)
    )
    await on.sweep.once()
    await on.sweep.once()
    (letter,) = await on.letters()
    assert (letter.reason, (await on.run(run)).failure.reason) == ("deadline", "deadline")
    assert due(on.queue) == 0, "a queue that ran dry is seen to be dry"


def due(queue: str) -> float:
    return next((s.value for m in JOBS_DUE.collect() for s in m.samples if s.labels.get("queue") == queue), -1.0)


async def test_it_is_sent_in_again_once_with_everything_it_had(on: Bench) -> None:
    run, letter = await dead(on, metadata_json='{"label":"x"}', ceiling_nano_usd=7, drama_id=f"d-{uuid.uuid4().hex}")
    again = await redrive(on, letter)
    assert (again.kind, again.drama_id, json.loads(again.metadata_json), again.ceiling_nano_usd, again.total) == (
        run.kind,
        run.drama_id,
        {"label": "x"},
        7,
        1,
    )
    with pytest.raises(NotReady) as refused:
        await redrive(on, letter)
    assert refused.value.reason == "already_redriven"
    one = await on.lease_one()
    assert (one.job.run_id, one.job.step, json.loads(one.job.input_json)) == (again.id, "a", {"secret": "a canary"})
    assert (await on.complete(one)).accepted
    assert (await on.run(again)).state == jobs.JOB_STATE_SUCCEEDED
    assert (await on.run(run)).state == jobs.JOB_STATE_FAILED
    assert [x.redriven_run_id for x in await on.letters()] == [again.id]


async def test_of_many_that_send_it_in_at_once_one_does(on: Bench) -> None:
    _, letter = await dead(on)
    answers = await asyncio.gather(*(redrive(on, letter) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(a, jobs.Run) for a in answers) == 1
    assert all(isinstance(a, jobs.Run | NotReady) for a in answers), answers
    assert len(await on.lease()) == 1


async def test_the_same_request_id_gives_the_first_answer_again(on: Bench) -> None:
    _, letter = await dead(on)
    request = uuid.uuid4().hex
    first, second = await redrive(on, letter, request), await redrive(on, letter, request)
    assert first.id == second.id
    other = rpc.RedriveDeadLetterRequest(job_id=str(uuid.uuid4()), request_id=request)
    with pytest.raises(AlreadyExists):
        await on.user.RedriveDeadLetter(other)
    assert len(await on.lease()) == 1


async def test_it_sees_its_parents_results_again(on: Bench) -> None:
    await on.submit(on.job("a"), on.job("b", hard_parents=["a"]))
    await on.complete(await on.lease_one())
    await on.fail(await on.lease_one(), "bad_input")
    (letter,) = await on.letters()
    again = await redrive(on, letter)
    one = await on.lease_one()
    assert [(p.step, p.output_json) for p in one.parents] == [("a", '{"ok":true}')]
    await on.complete(one)
    ended = await on.run(again)
    assert (ended.state, ended.total, ended.succeeded) == (jobs.JOB_STATE_SUCCEEDED, 1, 1)


async def test_a_step_that_is_under_way_elsewhere_is_not_begun_again(on: Bench) -> None:
    drama = f"d-{uuid.uuid4().hex}"
    _, letter = await dead(on, drama_id=drama)
    await on.submit(on.job("a"), drama_id=drama)
    with pytest.raises(Conflict):
        await redrive(on, letter)
    await on.complete(await on.lease_one())
    assert (await redrive(on, letter)).total == 1


async def test_lists_go_to_the_end_and_another_accounts_letters_are_not_there(on: Bench, storage_house: House) -> None:
    for _ in range(3):
        await on.submit(on.job("a"))
        await on.fail(await on.lease_one(), "bad_input")
    pages, token = list[str](), ""
    while True:
        page = await on.user.ListDeadLetters(rpc.ListDeadLettersRequest(page_size=2, page_token=token))
        pages += [letter.job.id for letter in page.dead_letters]
        token = page.next_page_token
        if not token:
            break
    mine = {letter.job.id for letter in await on.letters()}
    assert len(mine) == 3
    assert mine <= set(pages)
    assert len(pages) == len(set(pages))
    stranger = job_service_pb2_grpc.JobServiceStub(storage_house.channel(account=str(uuid.uuid4())))
    assert not (await stranger.ListDeadLetters(rpc.ListDeadLettersRequest())).dead_letters
    for name in (*mine, "nothing", ""):
        with pytest.raises(NotFound):
            await stranger.RedriveDeadLetter(rpc.RedriveDeadLetterRequest(job_id=name))
    with pytest.raises(InvalidInput):
        await on.user.ListDeadLetters(rpc.ListDeadLettersRequest(page_token="not ours"))


async def test_a_letter_and_a_plan_with_the_same_step_do_not_both_begin(on: Bench, storage_house: House) -> None:
    """A plan is about to be accepted, under the lock of its drama, when the letter is sent in again."""
    name = f"d{uuid.uuid4().hex[:12]}"
    dramas = drama_service_pb2_grpc.DramaServiceStub(storage_house.channel())
    await dramas.PutDrama(drama_service_pb2.PutDramaRequest(drama=drama_pb2.Drama(id=name, title="t")))
    _, letter = await dead(on, drama_id=name)
    plan = await on.submit(on.job("a"))
    async with on.sql.transaction():
        await on.sql.execute("SELECT 1 FROM dramas WHERE public_id = $1 FOR UPDATE", name)
        await on.sql.execute("UPDATE runs SET drama_id = $2 WHERE id = $1", uuid.UUID(plan.id), name)
        sent = asyncio.create_task(redrive(on, letter))
        await asyncio.sleep(1)
    with pytest.raises(Conflict) as refused:
        await sent
    assert refused.value.reason == "already_running"
