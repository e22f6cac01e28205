"""Whatever message comes to storage, it answers in time and never with a bug of its own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from google.protobuf.descriptor import MethodDescriptor

from kit.context import Caller, Role
from kit.testing.house import House
from sfd.accounts.v1 import account_service_pb2
from sfd.assets.v1 import asset_service_pb2, library_service_pb2
from sfd.dramas.v1 import (
    character_service_pb2,
    drama_pb2,
    drama_service_pb2,
    drama_service_pb2_grpc,
    entity_asset_service_pb2,
    episode_service_pb2,
    scene_service_pb2,
)
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.usage.v1 import usage_service_pb2
from sfd.vault.v1 import key_service_pb2, rotation_service_pb2, vault_service_pb2
from sfd.webhooks.v1 import webhook_service_pb2
from tests.fuzz.evidence import keep
from tests.fuzz.protobuf import Tally, Target, examine, methods_of, open_channel

pytestmark = pytest.mark.system

METHODS = methods_of(
    account_service_pb2,
    asset_service_pb2,
    drama_service_pb2,
    character_service_pb2,
    episode_service_pb2,
    scene_service_pb2,
    entity_asset_service_pb2,
    job_service_pb2,
    key_service_pb2,
    library_service_pb2,
    rotation_service_pb2,
    usage_service_pb2,
    vault_service_pb2,
    webhook_service_pb2,
)
FEW = 64
MANY = 520
QUEUE = "q_fuzz"


@pytest.fixture(scope="module")
async def account() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
async def target(storage_house: House, account: str) -> AsyncIterator[Target]:
    """Storage, called by a worker of an account of its own."""
    secrets = tuple(storage_house.env[name] for name in ("SFD_INTERNAL_SECRET", "R2_SECRET_ACCESS_KEY", "DATABASE_URL"))
    async with open_channel(storage_house.address("storage")) as channel:
        yield Target(channel, storage_house.signer, Caller(account, Role.WORKER), secrets)


@pytest.fixture(scope="module")
async def tally(request: pytest.FixtureRequest) -> AsyncIterator[Tally]:
    """Counts the slow messages, and keeps the totals when that is wished."""
    made = Tally()
    yield made
    if not request.session.testsfailed:
        keep("gRPC: storage", made.cases, made.statuses)


@pytest.fixture(scope="module")
async def known(storage_house: House, account: str) -> list[str]:
    """Returns ids of things that exist: a drama, a run, jobs in a worker's hands and waiting, a paid call."""
    channel = storage_house.channel(role=Role.WORKER, account=account)
    jobs = job_service_pb2_grpc.JobServiceStub(channel)
    dramas = drama_service_pb2_grpc.DramaServiceStub(channel)
    asset = drama_pb2.EntityAsset(id="a", kind=drama_pb2.ASSET_KIND_IMAGE)
    drama = drama_pb2.Drama(
        id="drama_fuzz",
        title="t",
        characters=[drama_pb2.Character(id="c", name="C", assets=[asset])],
        episodes=[drama_pb2.Episode(id="e", scenes=[drama_pb2.Scene(id="s", assets=[asset])])],
        assets=[asset],
    )
    await dramas.PutDrama(drama_service_pb2.PutDramaRequest(drama=drama))
    kinds = ["test.noop", "imaging.portrait", "story.scenes"]
    new = [job_pb2.NewJob(step=f"s{n}", kind=kinds[n % 3], queue=QUEUE, payload_type="x") for n in range(9)]
    run = (await jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="t", drama_id=drama.id, jobs=new))).run
    leases = (await jobs.LeaseJobs(job_service_pb2.LeaseJobsRequest(queue=QUEUE, max=6, kinds=kinds))).leases
    paid = job_pb2.Submission(
        id=str(uuid.uuid4()), job_id=leases[0].job.id, state=job_pb2.SUBMISSION_STATE_INTENT, purpose="p", vendor="v"
    )
    await jobs.RecordSubmission(job_service_pb2.RecordSubmissionRequest(lease_id=leases[0].lease_id, submission=paid))
    ids = [drama.id, "c", "e", "s", "a", run.id, run.public_id, paid.id, QUEUE, *kinds]
    await channel.close()
    return ids + [part for one in leases for part in (one.job.id, one.lease_id, one.job.step)]


@pytest.mark.parametrize("method", METHODS, ids=lambda m: f"{m.containing_service.name}-{m.name}")
async def test_no_message_finds_a_bug(target: Target, known: list[str], method: MethodDescriptor) -> None:
    assert (await examine(target, method, known, FEW)).statuses.total() == FEW


@pytest.mark.slow
@pytest.mark.timeout(540)
@pytest.mark.parametrize("method", METHODS, ids=lambda m: f"{m.containing_service.name}-{m.name}")
async def test_no_message_of_many_finds_a_bug(
    target: Target, known: list[str], tally: Tally, method: MethodDescriptor
) -> None:
    await examine(target, method, known, MANY, tally)
    assert tally.cases[method.full_name] == MANY


async def test_and_then_it_still_works(storage_house: House, account: str) -> None:
    async with storage_house.channel(role=Role.WORKER, account=account) as channel:
        jobs = job_service_pb2_grpc.JobServiceStub(channel)
        # A run of its own: whatever was there before may have been deleted, as was asked.
        new = job_pb2.NewJob(step="s", kind="test.noop", queue="q_after", payload_type="x")
        made = (await jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="t", jobs=[new]))).run
        found = (await jobs.GetRun(job_service_pb2.GetRunRequest(id=made.id))).run
    assert (found.id, found.total, found.held_nano_usd) == (made.id, 1, 0)
