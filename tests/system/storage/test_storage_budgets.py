"""Budgets over real gRPC and real Postgres: exact when many calls come at once, and usage that adds up."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any

import asyncpg
import pytest

from kit.context import Role
from kit.errors import AlreadyExists, Exhausted, InvalidInput, NotFound
from kit.testing.house import House
from kit.vault.envelope import Place, new_data_key, seal
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1.job_service_pb2_grpc import JobServiceStub
from sfd.usage.v1 import usage_pb2
from sfd.usage.v1 import usage_service_pb2 as usage_rpc
from sfd.usage.v1.usage_service_pb2_grpc import UsageServiceStub
from sfd.vault.v1 import data_key_pb2, key_service_pb2, vault_service_pb2
from sfd.vault.v1.key_service_pb2_grpc import KeyServiceStub
from sfd.vault.v1.vault_service_pb2_grpc import VaultServiceStub
from stack.servers import Servers

pytestmark = pytest.mark.system
S = jobs.SubmissionState
PRICE = 10_000_000


class Buyer:
    """One account of its own, and its worker."""

    def __init__(self, house: House) -> None:
        self.account = str(uuid.uuid4())
        user = house.channel(account=self.account)
        worker = house.channel(role=Role.WORKER, account=self.account)
        self.jobs, self.work = JobServiceStub(user), JobServiceStub(worker)
        self.usage, self.keys, self.vault = UsageServiceStub(user), KeyServiceStub(user), VaultServiceStub(worker)

    async def leases(self, count: int, **run: Any) -> list[jobs.Lease]:
        """Leases so many jobs of one run."""
        queue = f"q{uuid.uuid4().hex[:12]}"
        new = [jobs.NewJob(step=f"s{n}", kind="test.paid", queue=queue, payload_type="x") for n in range(count)]
        await self.jobs.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=new, **run))
        found: list[jobs.Lease] = []
        while len(found) < count:
            reply = await self.work.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=50, kinds=["test.paid"]))
            assert reply.leases
            found += reply.leases
        return found

    async def intend(self, lease: jobs.Lease, price: int = PRICE, **more: Any) -> jobs.Submission:
        """Records an intent."""
        fields = {"vendor": "openai", "model": "m", "purpose": "film", "request_json": '{"seconds": 5}', **more}
        wanted = jobs.Submission(
            id=str(uuid.uuid4()),
            job_id=lease.job.id,
            state=S.SUBMISSION_STATE_INTENT,
            price_nano_usd=price,
            **fields,
        )
        request = rpc.RecordSubmissionRequest(lease_id=lease.lease_id, submission=wanted)
        return (await self.work.RecordSubmission(request)).submission

    async def step(
        self, lease: jobs.Lease, one: jobs.Submission, to: S.ValueType, was: S.ValueType, **more: Any
    ) -> None:
        """Moves a submission on."""
        wanted = jobs.Submission(id=one.id, job_id=lease.job.id, state=to, **more)
        await self.work.RecordSubmission(
            rpc.RecordSubmissionRequest(lease_id=lease.lease_id, submission=wanted, expected=was)
        )

    async def buy(self, lease: jobs.Lease, cost: int, *, ok: bool = True, **more: Any) -> None:
        """Makes a whole paid call that costs so much."""
        one = await self.intend(lease, **more)
        await self.step(lease, one, S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_INTENT)
        await self.step(lease, one, S.SUBMISSION_STATE_SUBMITTED, S.SUBMISSION_STATE_SUBMITTING, operation_id="op")
        end = S.SUBMISSION_STATE_DONE if ok else S.SUBMISSION_STATE_FAILED
        await self.step(lease, one, end, S.SUBMISSION_STATE_SUBMITTED, cost_nano_usd=cost)

    async def budget(self, **limits: Any) -> usage_pb2.Budget:
        """Makes a budget."""
        request = usage_rpc.CreateBudgetRequest(budget=usage_pb2.Budget(**limits))
        return (await self.usage.CreateBudget(request)).budget

    async def key(self) -> tuple[str, int]:
        """Stores a sealed key and returns its id and number."""
        data_key, key_id = new_data_key(self.account), str(uuid.uuid4())
        proposed = data_key_pb2.DataKey(id=str(data_key.id), master_version=1, wrapped=b"wrapped")
        await self.vault.GetOrCreateDataKey(vault_service_pb2.GetOrCreateDataKeyRequest(proposed=proposed))
        sealed = seal(data_key, Place(self.account, "vendor-key", f"runway/{key_id}"), b"secret")
        reply = await self.keys.CreateKey(
            key_service_pb2.CreateKeyRequest(id=key_id, vendor="runway", ciphertext=sealed, preview="...cret")
        )
        return key_id, reply.key.number


async def refused(buyer: Buyer, lease: jobs.Lease, price: int = PRICE, **more: Any) -> str:
    with pytest.raises(Exhausted) as caught:
        await buyer.intend(lease, price, **more)
    assert (caught.value.reason, caught.value.retryable) == ("budget", False)
    return caught.value.message


@pytest.mark.parametrize("limit", ["daily_nano_usd", "monthly_nano_usd", "job_nano_usd"])
async def test_two_hundred_calls_at_once_stop_exactly_at_the_budget(storage_house: House, limit: str) -> None:
    buyer = Buyer(storage_house)
    leases = await buyer.leases(200)
    await buyer.budget(**{limit: 73 * PRICE + PRICE - 1})
    results = await asyncio.gather(*(buyer.intend(one) for one in leases), return_exceptions=True)
    failed = [one for one in results if isinstance(one, BaseException)]
    assert {type(one) for one in failed} == {Exhausted}
    assert {one.reason for one in failed if isinstance(one, Exhausted)} == {"budget"}
    assert len(results) - len(failed) == 73
    (budget,) = (await buyer.usage.ListBudgets(usage_rpc.ListBudgetsRequest())).budgets
    assert budget.spent_today_nano_usd == budget.spent_this_month_nano_usd == 73 * PRICE


async def test_a_refused_call_leaves_nothing_and_an_ended_one_gives_back(storage_house: House) -> None:
    buyer = Buyer(storage_house)
    first, second, third = await buyer.leases(3)
    await buyer.budget(daily_nano_usd=PRICE)
    one = await buyer.intend(first)
    assert "daily budget of the account" in await refused(buyer, second)
    assert (await buyer.jobs.GetRun(rpc.GetRunRequest(id=first.job.run_id))).run.held_nano_usd == PRICE
    await buyer.step(first, one, S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_INTENT)
    await buyer.step(first, one, S.SUBMISSION_STATE_NOT_ACCEPTED, S.SUBMISSION_STATE_SUBMITTING)
    await buyer.intend(second)
    await refused(buyer, third)
    await buyer.intend(third, 0)


async def test_a_key_has_its_own_budget_and_a_job_its_own(storage_house: House) -> None:
    buyer = Buyer(storage_house)
    (key_id, number), leases = await buyer.key(), await buyer.leases(5)
    budget = await buyer.budget(key_number=number, monthly_nano_usd=PRICE)
    await buyer.intend(leases[0], key_id=key_id)
    assert f"monthly budget of key {number}" in await refused(buyer, leases[1], key_id=key_id)
    await buyer.intend(leases[1], key_id="another")
    await buyer.usage.UpdateBudget(
        usage_rpc.UpdateBudgetRequest(id=budget.id, monthly_nano_usd=0, job_nano_usd=2 * PRICE)
    )
    await buyer.intend(leases[2], key_id=key_id)
    assert "for a job" in await refused(buyer, leases[3], key_id=key_id)
    (other,) = await buyer.leases(1)
    await buyer.intend(other, key_id=key_id)
    await buyer.usage.DeleteBudget(usage_rpc.DeleteBudgetRequest(id=budget.id))
    await buyer.intend(leases[3], key_id=key_id)


async def test_budgets_are_an_accounts_own(storage_house: House) -> None:
    one, other = Buyer(storage_house), Buyer(storage_house)
    budget = await one.budget(daily_nano_usd=1)
    with pytest.raises(NotFound):
        await other.usage.GetBudget(usage_rpc.GetBudgetRequest(id=budget.id))
    with pytest.raises(NotFound):
        await other.usage.DeleteBudget(usage_rpc.DeleteBudgetRequest(id=budget.id))
    with pytest.raises(AlreadyExists):
        await one.budget(daily_nano_usd=2)
    for bad in ({}, {"daily_nano_usd": -1}, {"job_nano_usd": 1 << 62}):
        with pytest.raises(InvalidInput):
            await other.budget(**bad)
    with pytest.raises(NotFound):
        await other.budget(daily_nano_usd=1, key_number=1)
    (lease,) = await other.leases(1)
    await other.intend(lease)


async def test_usage_adds_up_by_day_vendor_and_drama(storage_house: House, servers: Servers) -> None:
    buyer = Buyer(storage_house)
    for lease, drama in zip(
        [*await buyer.leases(2, drama_id="one"), *await buyer.leases(1)], ("one", "one", ""), strict=True
    ):
        await buyer.buy(lease, 333_333_333, vendor="runway" if drama else "luma")
    (failed,) = await buyer.leases(1)
    await buyer.buy(failed, 1, ok=False, vendor="luma", request_json='{"prompt": "\\"seconds\\": 99", "seconds": 9}')
    await buyer.buy(failed, 2, vendor="luma", request_json='{"prompt": "\\"seconds\\": 99", "seconds": "7.5"}')
    pg = await asyncpg.connect(servers.postgres_dsn)
    try:
        # One call at the last microsecond of a day, one at the first of the next.
        at = dt.datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=dt.UTC)
        rows = await pg.fetch(
            "SELECT id FROM usage_entries WHERE account_id = $1 AND drama_id = 'one' ORDER BY id",
            uuid.UUID(buyer.account),
        )
        await pg.execute("UPDATE usage_entries SET created_at = $2 WHERE id = $1", rows[0]["id"], at)
        await pg.execute(
            "UPDATE usage_entries SET created_at = $2 WHERE id = $1", rows[1]["id"], at + dt.timedelta(microseconds=1)
        )
    finally:
        await pg.close()
    groups = [usage_rpc.GROUP_BY_VENDOR, usage_rpc.GROUP_BY_DAY, usage_rpc.GROUP_BY_DRAMA, usage_rpc.GROUP_BY_MODEL]
    told = await buyer.usage.SumUsage(usage_rpc.SumUsageRequest(group_by=groups))
    # The failed try and the good one are one generation.
    assert (told.totals.generations, told.totals.succeeded, told.totals.failed) == (4, 4, 0)
    assert told.totals.cost_nano_usd == 3 * 333_333_333 + 3
    assert told.totals.film_seconds == 5 * 3 + 7.5
    assert [(one.vendor, one.totals.cost_nano_usd) for one in told.by_vendor] == [
        ("runway", 666_666_666),
        ("luma", 333_333_336),
    ]
    assert {one.drama_id: one.totals.generations for one in told.by_drama} == {"one": 2, "": 2}
    assert [one.day for one in told.by_day][:2] == ["2026-03-31", "2026-04-01"]
    last = usage_rpc.Filter(start_day="2026-03-31", end_day="2026-03-31")
    assert (await buyer.usage.SumUsage(usage_rpc.SumUsageRequest(filter=last))).totals.generations == 1
    last.end_day = "2026-04-01"
    assert (await buyer.usage.SumUsage(usage_rpc.SumUsageRequest(filter=last))).totals.generations == 2
    found: list[usage_pb2.Entry] = []
    token = ""
    while True:
        page = await buyer.usage.ListEntries(usage_rpc.ListEntriesRequest(page_size=2, page_token=token))
        found, token = [*found, *page.entries], page.next_page_token
        if not token:
            break
    assert sum(one.cost_nano_usd for one in found) == told.totals.cost_nano_usd
    assert len({one.id for one in found}) == len(found) == 5
    with pytest.raises(InvalidInput):
        await buyer.usage.SumUsage(usage_rpc.SumUsageRequest(filter=usage_rpc.Filter(start_day="soon")))


async def test_own_prices_are_replaced_as_a_whole(storage_house: House) -> None:
    buyer = Buyer(storage_house)

    async def put(*prices: tuple[str, int]) -> list[tuple[str, int]]:
        rows = [usage_pb2.Price(vendor="runway", model=m, unit="seconds", nano_usd=n) for m, n in prices]
        reply = await buyer.usage.SetPrices(usage_rpc.SetPricesRequest(prices=rows))
        return [(one.model, one.nano_usd) for one in reply.prices]

    assert await put(("a", 1), ("b", 2)) == [("a", 1), ("b", 2)]
    assert await put(("b", 3), ("c", 4)) == [("b", 3), ("c", 4)]
    with pytest.raises(InvalidInput):
        await put(("a", 1), ("a", 2))
    other = Buyer(storage_house)
    assert not (await other.usage.ListPrices(usage_rpc.ListPricesRequest())).prices
    assert await put() == []
