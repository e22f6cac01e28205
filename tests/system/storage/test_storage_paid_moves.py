"""Random lives of paid calls, told by two leases and by people: nothing is bought twice, no money and no slot is lost or left."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.context import Role
from kit.errors import Conflict, Exhausted, NotReady
from kit.testing.house import House
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers

pytestmark = pytest.mark.system
Stub: TypeAlias = "job_service_pb2_grpc.JobServiceStub"
S = jobs.SubmissionState
PRICE = 111_000_003
COST = 7_000_001
STATES = [name.removeprefix("SUBMISSION_STATE_") for name in S.keys() if not name.endswith("UNSPECIFIED")]  # noqa: SIM118
_DEAD = ("not_accepted", "failed", "abandoned")

# What may be told: a new call, a move (to where, whether from the true state, by which of the two leases), a hand-over, a decision.
OPS = st.one_of(
    st.tuples(st.just("intent"), st.sampled_from(["film/0", "film/1"]), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from(STATES), st.booleans(), st.booleans(), st.integers(0, 3)),
    st.tuples(st.just("step"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("hand_over")),
    st.tuples(st.just("decide"), st.booleans()),
    st.tuples(st.just("callback"), st.integers(0, 3)),
)
_NEXT = {
    "intent": ["SUBMITTING", "NOT_ACCEPTED"],
    "submitting": ["SUBMIT_UNKNOWN", "SUBMITTED", "DONE"],
    "submit_unknown": ["NEEDS_USER", "INTENT", "SUBMITTED"],
    "submitted": ["RUNNING", "FETCHING", "FAILED"],
    "running": ["FETCHING", "FAILED", "DONE"],
    "fetching": ["DONE", "FAILED"],
    "needs_user": ["SUBMITTED", "DONE"],
}


@dataclass
class Life:
    """One job with its present and its former lease."""

    user: Stub
    worker: Stub
    sql: Any
    run: jobs.Run
    key: str
    lease: jobs.Lease
    old: jobs.Lease
    names: list[str] = field(default_factory=list)

    async def do(self, op: tuple[Any, ...]) -> None:
        """Does one thing; what storage refuses is refused by name."""
        with contextlib.suppress(Conflict, Exhausted, NotReady):
            await getattr(self, op[0])(*op[1:])

    async def intent(self, purpose: str, present: bool) -> None:
        name = str(uuid.uuid4())
        wanted = jobs.Submission(
            id=name,
            job_id=self.lease.job.id,
            state=S.SUBMISSION_STATE_INTENT,
            vendor="v",
            model="m",
            key_id=self.key,
            key_slots=2,
            price_nano_usd=PRICE,
            purpose=purpose,
            request_json="{}",
        )
        lease = self.lease if present else self.old
        await self.worker.RecordSubmission(rpc.RecordSubmissionRequest(lease_id=lease.lease_id, submission=wanted))
        self.names.append(name)

    async def state(self, name: str) -> str:
        return str(await self.sql.fetchval("SELECT state FROM submissions WHERE id = $1", uuid.UUID(name)))

    async def step(self, which: int, way: int) -> None:
        """A move that a worker with its wits about it makes."""
        if not self.names:
            return
        ways = _NEXT.get(await self.state(self.names[which % len(self.names)]), ["DONE"])
        await self.move(ways[way % len(ways)], True, True, which)

    async def move(self, to: str, true: bool, present: bool, which: int) -> None:
        if not self.names:
            return
        name = self.names[which % len(self.names)]
        now = await self.state(name) if true else "submitting"
        wanted = jobs.Submission(
            id=name,
            job_id=self.lease.job.id,
            state=S.Value(f"SUBMISSION_STATE_{to}"),
            cost_nano_usd=COST if to in ("DONE", "FAILED") else 0,
            operation_id="op" if to == "SUBMITTED" else "",
        )
        expected = S.Value(f"SUBMISSION_STATE_{now.upper()}")
        lease = self.lease if present else self.old
        await self.worker.RecordSubmission(
            rpc.RecordSubmissionRequest(lease_id=lease.lease_id, submission=wanted, expected=expected)
        )

    async def callback(self, which: int) -> None:
        """A vendor tells its id of the operation; it knows no job and no lease."""
        if self.names:
            wanted = jobs.Submission(
                id=self.names[which % len(self.names)], state=S.SUBMISSION_STATE_SUBMITTED, operation_id="told"
            )
            await self.worker.RecordSubmission(
                rpc.RecordSubmissionRequest(submission=wanted, expected=S.SUBMISSION_STATE_SUBMIT_UNKNOWN)
            )

    async def hand_over(self) -> None:
        back = rpc.Snooze(job_id=self.lease.job.id, lease_id=self.lease.lease_id)
        await self.worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[back]))
        request = rpc.LeaseJobsRequest(queue=self.lease.job.queue, max=1, kinds=["test.paid"])
        leases = (await self.worker.LeaseJobs(request)).leases
        if leases:
            self.old, self.lease = self.lease, leases[0]

    async def decide(self, again: bool) -> None:
        for name in self.names:
            if await self.state(name) == "needs_user":
                how = rpc.RESOLUTION_RESUBMIT if again else rpc.RESOLUTION_ABANDON
                await self.user.ResolveSubmission(rpc.ResolveSubmissionRequest(submission_id=name, resolution=how))

    async def check(self, op: object) -> None:
        """The books balance after every step."""
        rows = await self.sql.fetch(
            "SELECT purpose, state, cost_nano_usd AS cost FROM submissions WHERE job_id = $1",
            uuid.UUID(self.lease.job.id),
        )
        living = [row["purpose"] for row in rows if row["state"] not in _DEAD]
        assert len(living) == len(set(living)), (op, [dict(row) for row in rows])
        open_ = sum(row["state"] not in (*_DEAD, "done") for row in rows)
        run = await self.sql.fetchrow(
            "SELECT held_nano_usd AS held, cost_nano_usd AS cost FROM runs WHERE id = $1", uuid.UUID(self.run.id)
        )
        assert run["held"] == open_ * PRICE, (op, run["held"], open_)
        booked = await self.sql.fetchval(
            "SELECT coalesce(sum(cost_nano_usd), 0) FROM usage_entries WHERE job_id = $1", uuid.UUID(self.lease.job.id)
        )
        assert run["cost"] == booked == sum(row["cost"] for row in rows), (op, run["cost"], booked)
        used = await self.sql.fetchval("SELECT coalesce(sum(used), 0) FROM key_slots WHERE key_id = $1", self.key)
        assert used == open_, (op, used, open_)

    async def end(self) -> None:
        """The job fails, people settle what waits, vendors call back once more: nothing is held and no slot is taken."""
        failed = rpc.FailedJob(
            job_id=self.lease.job.id, lease_id=self.lease.lease_id, failure=jobs.Failure(reason="over", message="Over.")
        )
        await self.worker.FailJobs(rpc.FailJobsRequest(failures=[failed]))
        await self.check("end")
        for which in range(len(self.names)):
            await self.do(("callback", which))
            await self.check("callback after the end")
        await self.do(("decide", False))
        await self.check("decision after the end")
        assert await self.sql.fetchval("SELECT held_nano_usd FROM runs WHERE id = $1", uuid.UUID(self.run.id)) == 0


async def begin(house: House, sql: Any) -> Life:
    user = job_service_pb2_grpc.JobServiceStub(house.channel())
    worker = job_service_pb2_grpc.JobServiceStub(house.channel(role=Role.WORKER))
    queue = f"q{uuid.uuid4().hex[:12]}"
    job = jobs.NewJob(step="s", kind="test.paid", queue=queue, payload_type="x")
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job]))).run
    request = rpc.LeaseJobsRequest(queue=queue, max=1, kinds=["test.paid"])
    (lease,) = (await worker.LeaseJobs(request)).leases
    gone = jobs.Lease(lease_id=str(uuid.uuid4()), job=lease.job)
    return Life(user, worker, sql, run, uuid.uuid4().hex, lease, gone)


@pytest.fixture(scope="module")
async def sql(servers: Servers) -> Any:
    database = await asyncpg.connect(servers.postgres_dsn)
    yield database
    await database.close()


@settings(
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ops=st.lists(OPS, min_size=4, max_size=20))
async def test_books_balance_whatever_two_leases_and_people_tell(
    storage_house: House, sql: Any, ops: list[tuple[Any, ...]]
) -> None:
    life = await begin(storage_house, sql)
    await life.do(("intent", "film/0", True))
    for op in ops:
        await life.do(op)
        await life.check(op)
    await life.end()


async def test_a_callback_after_the_jobs_end_is_booked_and_frees_the_money(storage_house: House, sql: Any) -> None:
    """What a person would have been asked about is known after all: it was bought, nobody follows it any more."""
    life = await begin(storage_house, sql)
    await life.intent("film/0", True)
    await life.move("SUBMITTING", True, True, 0)
    await life.end()
    found = await sql.fetchrow(
        "SELECT state, cost_nano_usd AS cost, operation_id FROM submissions WHERE id = $1", uuid.UUID(life.names[0])
    )
    assert (found["state"], found["cost"], found["operation_id"]) == ("failed", PRICE, "told")


@pytest.mark.parametrize("limit", [1, 10, 100])
async def test_500_calls_at_once_never_exceed_the_ceiling(storage_house: House, sql: Any, limit: int) -> None:
    stubs = [job_service_pb2_grpc.JobServiceStub(storage_house.channel()) for _ in range(2)]
    workers = [job_service_pb2_grpc.JobServiceStub(storage_house.channel(role=Role.WORKER)) for _ in range(2)]
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = [jobs.NewJob(step=f"s{n}", kind="test.paid", queue=queue, payload_type="x") for n in range(500)]
    run = (await stubs[0].SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=new, ceiling_nano_usd=limit * PRICE))).run
    request = rpc.LeaseJobsRequest(queue=queue, max=100, kinds=["test.paid"])
    leases = [lease for _ in range(5) for lease in (await workers[0].LeaseJobs(request)).leases]
    lives = [
        Life(stubs[n % 2], workers[n % 2], sql, run, uuid.uuid4().hex, lease, lease) for n, lease in enumerate(leases)
    ]
    told = await asyncio.gather(*(life.intent("film/0", True) for life in lives), return_exceptions=True)
    won = [life for life, one in zip(lives, told, strict=True) if one is None]
    assert (len(leases), len(won)) == (500, limit)
    assert {(type(one), getattr(one, "reason", "")) for one in told if one is not None} == {(Exhausted, "ceiling")}
    # What comes back can be had again, exactly: half is refused by the vendor, the others cost less than was held.
    back = won[::2]
    for life in back:
        await life.move("NOT_ACCEPTED", True, True, 0)
    rest = [life for life in lives if not life.names]
    more = await asyncio.gather(*(life.intent("film/0", True) for life in rest), return_exceptions=True)
    assert sum(one is None for one in more) == len(back)
    held = await sql.fetchval("SELECT held_nano_usd FROM runs WHERE id = $1", uuid.UUID(run.id))
    assert held == limit * PRICE
