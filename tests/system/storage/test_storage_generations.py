"""Films of no drama in the record: counted while they are there, paid for ever, told with their vendors' ids, each account its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kit.context import Role
from kit.errors import AlreadyExists, InvalidInput
from kit.jobs.store import Store
from kit.testing.house import House
from kit.vault.envelope import Place, new_data_key, seal
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.usage.v1 import usage_pb2, usage_service_pb2
from sfd.vault.v1 import data_key_pb2, key_service_pb2, vault_service_pb2
from tests.system.storage.test_storage_budgets import Buyer

pytestmark = pytest.mark.system
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(64)


class FilmMaker(Buyer):
    """An account that makes films of no drama."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.bucket = httpx.AsyncClient(trust_env=False)
        self.store = Store(house.channel(role=Role.WORKER, account=self.account), self.bucket)

    async def film(self, model: str, vendor: str, cost: int | None, *, ok: bool = True) -> str:
        """Makes a film and returns its run's id; `cost` None is a film that nobody was paid for."""
        queue = f"q{uuid.uuid4().hex[:12]}"
        job = jobs.NewJob(step="film", kind="video.generate", queue=queue, payload_type="x", max_attempts=1)
        labels = {"model": model, "resolved_model": f"{vendor}/m", "prompt": 'so "seconds": 99 it says'}
        wanted = rpc.SubmitRunRequest(
            kind="generate_video", label=vendor, jobs=[job], metadata_json=json.dumps(labels, ensure_ascii=False)
        )
        await self.jobs.SubmitRun(wanted)
        (lease,) = (
            await self.work.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=1, kinds=["video.generate"]))
        ).leases
        if cost is not None:
            request = json.dumps({"prompt": labels["prompt"], "seconds": 5})
            await self.buy(lease, cost, ok=ok, vendor=vendor, request_json=request)
        film = await self.store.put(FILM + uuid.uuid4().bytes, "video")
        result = json.dumps({"generator": f"{vendor}/m", "duration": 5.0})
        if ok:
            done = rpc.CompleteJobsRequest(
                completions=[
                    rpc.Completion(
                        job_id=lease.job.id,
                        lease_id=lease.lease_id,
                        output_json=json.dumps({"stored_asset_id": film.id}),
                        run_result_json=result,
                        run_label=vendor,
                    )
                ]
            )
            (report,) = (await self.work.CompleteJobs(done)).results
        else:
            failure = jobs.Failure(reason="vendor_failed", message="No.")
            reply = await self.work.FailJobs(
                rpc.FailJobsRequest(
                    failures=[rpc.FailedJob(job_id=lease.job.id, lease_id=lease.lease_id, failure=failure)]
                )
            )
            (report,) = reply.results
        assert report.accepted, report
        return lease.job.run_id

    async def films(self) -> usage_service_pb2.SumGenerationsResponse:
        """Returns what is counted."""
        reply: usage_service_pb2.SumGenerationsResponse = await self.usage.SumGenerations(
            usage_service_pb2.SumGenerationsRequest()
        )
        return reply

    async def all(self) -> usage_service_pb2.SumUsageResponse:
        """Returns the whole usage by day and vendor."""
        groups = [usage_service_pb2.GROUP_BY_DAY, usage_service_pb2.GROUP_BY_VENDOR]
        reply: usage_service_pb2.SumUsageResponse = await self.usage.SumUsage(
            usage_service_pb2.SumUsageRequest(group_by=groups)
        )
        return reply


@pytest.fixture
async def makers(storage_house: House) -> AsyncIterator[tuple[FilmMaker, FilmMaker]]:
    """Two accounts."""
    both = FilmMaker(storage_house), FilmMaker(storage_house)
    yield both
    for one in both:
        await one.bucket.aclose()


def told(totals: usage_pb2.Totals) -> tuple[int, int, int, int]:
    """Returns the counts and the cost."""
    return totals.generations, totals.succeeded, totals.failed, totals.cost_nano_usd


async def test_films_are_counted_while_they_are_there_and_paid_for_ever(makers: tuple[FilmMaker, FilmMaker]) -> None:
    maker, stranger = makers
    assert told((await maker.films()).totals) == (0, 0, 0, 0)
    dear = await maker.film("sora-2", "runway", 600_000_001)
    await maker.film("sora-2", "runway", 0, ok=False)
    await maker.film("local", "local", None)
    await maker.jobs.SubmitRun(
        rpc.SubmitRunRequest(
            kind="generate_video",
            label="luma",
            jobs=[jobs.NewJob(step="film", kind="video.generate", queue=f"q{uuid.uuid4().hex[:9]}", payload_type="x")],
            metadata_json='{"model": "ray-2"}',
        )
    )
    films = await maker.films()
    assert told(films.totals) == (4, 2, 1, 600_000_001)
    assert {one.vendor: told(one.totals) for one in films.by_vendor} == {
        "runway": (2, 1, 1, 600_000_001),
        "local": (1, 1, 0, 0),
        "luma": (1, 0, 0, 0),
    }
    assert (films.by_model[0].vendor, films.by_model[0].model) == ("runway", "sora-2")
    assert films.totals.film_seconds == 10
    usage = await maker.all()
    assert told(usage.totals) == (3, 2, 1, 600_000_001), "what is under way is not settled"
    assert usage.totals.film_seconds == 10, "a prompt is no length"
    assert [told(one.totals) for one in usage.by_day] == [(3, 2, 1, 600_000_001)]
    assert (await maker.jobs.DeleteRun(rpc.DeleteRunRequest(id=dear))).deleted
    less = await maker.films()
    assert told(less.totals) == (3, 1, 1, 600_000_001)
    assert sum(one.totals.cost_nano_usd for one in less.by_vendor) == 600_000_001
    after = await maker.all()
    assert (told(after.totals), after.totals.film_seconds) == (told(usage.totals), 10)
    assert after.totals.work_seconds == pytest.approx(usage.totals.work_seconds)
    assert told((await stranger.films()).totals) == (0, 0, 0, 0)
    assert told((await stranger.all()).totals) == (0, 0, 0, 0)


async def test_the_vendors_ids_of_many_films_in_one_answer(makers: tuple[FilmMaker, FilmMaker]) -> None:
    maker, stranger = makers
    paid, free = await maker.film("m", "runway", 5), await maker.film("local", "local", None)
    wanted = rpc.ListOperationsRequest(run_ids=[paid, free, str(uuid.uuid4()), "no id"])
    found = (await maker.jobs.ListOperations(wanted)).operations
    assert [(one.run_id, one.operation_id) for one in found] == [(paid, "op")]
    assert not (await stranger.jobs.ListOperations(wanted)).operations
    with pytest.raises(InvalidInput):
        await maker.jobs.ListOperations(rpc.ListOperationsRequest(run_ids=[paid] * 1001))


async def test_a_repeat_of_a_key_is_known_by_its_fingerprint(storage_house: House) -> None:
    buyer = Buyer(storage_house)
    data_key = new_data_key(buyer.account)
    proposed = data_key_pb2.DataKey(id=str(data_key.id), master_version=1, wrapped=b"wrapped")
    await buyer.vault.GetOrCreateDataKey(vault_service_pb2.GetOrCreateDataKeyRequest(proposed=proposed))
    once = uuid.uuid4().hex

    async def create(mark: bytes) -> Any:
        key_id = str(uuid.uuid4())
        sealed = seal(data_key, Place(buyer.account, "vendor-key", f"runway/{key_id}"), b"secret")
        return await buyer.keys.CreateKey(
            key_service_pb2.CreateKeyRequest(
                id=key_id, vendor="runway", ciphertext=sealed, preview="...cret", request_id=once, fingerprint=mark
            )
        )

    first = await create(b"one")
    assert (await create(b"one")).key == first.key
    with pytest.raises(AlreadyExists) as other:
        await create(b"two")
    assert other.value.reason == "idempotency_key_reused"
    assert len((await buyer.keys.ListKeys(key_service_pb2.ListKeysRequest())).keys) == 1
