"""P10: twenty kinds of poison among good jobs: the good ones are done, each poison ends with a clear reason, once, and the queue is dry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kit.errors import NotReady, SfdError
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from tests.faults.crowd import QUEUE, Crowd, crowd, until
from tests.faults.history import Tally

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(540)]
MIB = 1024 * 1024
CANARY = "canary-of-the-payload"
GOOD_FOR_EACH = 50
DEEP = '{"a":' * 200 + "1" + "}" * 200


@dataclass(frozen=True)
class Poison:
    """One kind: what is sent, and how it must end: refused at the door, or failed with a reason, or set aside as well."""

    name: str
    refused: str = ""
    reason: str = ""
    set_aside: bool = False
    kind: str = "test.noop"
    text: str = f'{{"{CANARY}":1}}'
    fields: dict[str, Any] = field(default_factory=dict)


KINDS = (
    Poison("json_that_is_cut_off", refused="invalid_input", text='{"a":'),
    Poison("json_that_is_no_object", refused="invalid_input", text="[1,2]"),
    Poison("json_with_nan", refused="invalid_input", text='{"a":NaN}'),
    Poison("a_nul_in_an_id", reason="any", kind="test.typed", text='{"assetId":"\\u0000"}'),
    Poison("a_lone_surrogate", refused="any", kind="test.typed", text='{"assetId":"\\ud800"}'),
    Poison("a_payload_of_8_mib", refused="any", text='{"a":"' + "x" * (8 * MIB) + '"}'),
    Poison("a_payload_just_over_the_limit", refused="too_large", text='{"a":"' + "x" * 65_536 + '"}'),
    Poison("a_kind_that_is_no_name", refused="any", kind="Test Noop!"),
    Poison("a_parent_that_is_not_there", refused="any", fields={"hard_parents": ["ghost"]}),
    Poison(
        "a_payload_of_a_newer_schema", reason="unknown_payload", set_aside=True, fields={"payload_type": "sfd.v9.X"}
    ),
    Poison(
        "a_payload_type_that_is_noise", reason="unknown_payload", set_aside=True, fields={"payload_type": "💥/../x"}
    ),
    Poison("nesting_too_deep", refused="any", text=DEEP),
    Poison(
        "a_field_of_the_wrong_type", reason="bad_input", set_aside=True, kind="test.typed", text='{"assetId":{"x":1}}'
    ),
    Poison("an_id_that_cannot_be", reason="any", kind="test.typed", text='{"assetId":"../nobody"}'),
    Poison("a_job_that_kills_its_worker", reason="poison", set_aside=True, kind="test.kill"),
    Poison("a_job_that_hangs", reason="timed_out", kind="test.hang", fields={"max_attempts": 2}),
    Poison("a_job_with_a_bug", reason="internal", kind="test.raise", fields={"max_attempts": 2}),
    Poison("an_answer_of_two_megabytes", reason="too_large", kind="test.huge"),
    Poison("a_number_for_a_name", reason="bad_input", set_aside=True, kind="test.typed", text='{"assetId":7}'),
    Poison("a_kind_that_nobody_knows", reason="deadline", set_aside=True, kind="test.nobody"),
)


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with crowd(tmp_path) as made:
        yield made


async def put_in(on: Crowd, poison: Poison) -> jobs.Run | str:
    """Returns the accepted run, or the reason of the refusal."""
    step = poison.fields.get("step", "p")
    more = {k: v for k, v in poison.fields.items() if k != "step"}
    new = jobs.NewJob(step=step, queue=QUEUE, kind=poison.kind, input_json=poison.text, **more)
    try:
        reply: rpc.SubmitRunResponse = await on.user.SubmitRun(rpc.SubmitRunRequest(kind=poison.name, jobs=[new]))
        return reply.run
    except SfdError as error:
        return error.reason


@asynccontextmanager
async def nurse(on: Crowd, tally: Tally) -> AsyncIterator[None]:
    """Starts workers again that died: five deaths are what it takes."""
    nursing = asyncio.create_task(_nurse(on, tally))
    try:
        yield
    finally:
        nursing.cancel()
        await asyncio.gather(nursing, return_exceptions=True)


async def _nurse(on: Crowd, tally: Tally) -> None:
    while True:
        for name in ("light-a", "light-b"):
            if not on.house.processes[name].running():
                tally.count(deaths=1)
                on.house.processes[name].start()
        await asyncio.sleep(0.1)


async def test_poison_delays_the_good_or_is_not_set_aside(on: Crowd) -> None:
    assert len(KINDS) == 20
    tally = Tally("test_poison_delays_the_good_or_is_not_set_aside")
    async with nurse(on, tally):
        accepted = await poison_all(on, tally)
    letters = await check_ends(on, accepted)
    tally.count(set_aside=len(letters), redriven=await redrive_all(on, letters))
    tally.tell()
    assert await on.gaps() == 0


async def poison_all(on: Crowd, tally: Tally) -> dict[str, jobs.Run]:
    """Puts everything in and waits until the queue is dry; returns the accepted poisons' runs by name."""
    accepted: dict[str, jobs.Run] = {}
    for poison in tally.random.sample(KINDS, len(KINDS)):
        good = [on.job(f"g{n}", "test.noop" if n % 10 else "test.put") for n in range(GOOD_FOR_EACH)]
        await on.submit(good, again=True)
        outcome = await put_in(on, poison)
        if isinstance(outcome, str):
            assert poison.refused, f"{poison.name} was refused: {outcome}"
            assert outcome not in ("internal", "unavailable", "unknown"), poison.name
            assert poison.refused in ("any", outcome), (poison.name, outcome)
            tally.count(refused=1)
        else:
            assert not poison.refused, f"{poison.name} was accepted"
            accepted[poison.name] = outcome
            tally.count(accepted=1)

    async def good_done() -> bool:
        return not await on.sql("SELECT 1 FROM runs WHERE kind = 'test' AND state IN ('queued', 'running') LIMIT 1")

    # Good jobs in the hands of a worker that a poison kills wait for their lease to run out, no longer.
    await until(good_done, 300)
    bad = await on.sql("SELECT r.state, r.failure FROM runs r WHERE kind = 'test' AND state <> 'succeeded'")
    assert not bad, bad[:3]
    tally.count(good=GOOD_FOR_EACH * len(KINDS))
    await on.sql("UPDATE jobs SET created_at = created_at - interval '49 hours' WHERE kind = 'test.nobody'")
    await until(lambda: drained(on), 200)
    return accepted


async def drained(on: Crowd) -> bool:
    return not await on.sql("SELECT 1 FROM jobs WHERE state IN ('queued', 'running') LIMIT 1")


async def check_ends(on: Crowd, accepted: dict[str, jobs.Run]) -> list[jobs.DeadLetter]:
    """Asserts that every poison ended as it must; returns the dead letters."""
    letters = list((await on.user.ListDeadLetters(rpc.ListDeadLettersRequest())).dead_letters)
    of_run = {letter.job.run_id: letter for letter in letters}
    for poison in KINDS:
        if poison.refused:
            continue
        run = (await on.user.GetRun(rpc.GetRunRequest(id=accepted[poison.name].id))).run
        assert run.state == jobs.JOB_STATE_FAILED, (poison.name, run)
        assert poison.reason in ("any", run.failure.reason), (poison.name, run.failure)
        assert run.failure.message
        assert CANARY not in run.failure.message
        assert (run.id in of_run) == poison.set_aside, (poison.name, run.failure)
    assert len(of_run) == len(letters), "each is set aside once"
    assert all(CANARY not in str(letter) for letter in letters)
    return letters


async def redrive_all(on: Crowd, letters: list[jobs.DeadLetter]) -> int:
    """Sends each letter in again from several callers at once; returns how many runs that made."""
    made = 0
    for letter in letters:
        asked = [
            on.user.RedriveDeadLetter(
                rpc.RedriveDeadLetterRequest(job_id=letter.job.id, request_id=f"{letter.job.id}-{n}")
            )
            for n in range(3)
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(answer, NotReady) for answer in answers) == 2, answers
        made += 1
    (rows,) = await on.sql("SELECT count(*) AS n FROM dead_letters WHERE redriven_run_id IS NOT NULL")
    assert rows["n"] == made
    return made
