"""Whatever message comes to story, imaging or video, they answer in time and never with a bug of their own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from google.protobuf.descriptor import MethodDescriptor

from kit.context import Caller, Role
from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.imaging.v1 import imaging_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_service_pb2
from sfd.video.v1 import generation_service_pb2, key_service_pb2, video_service_pb2
from tests.fuzz.evidence import keep
from tests.fuzz.protobuf import Tally, Target, examine, methods_of, open_channel

pytestmark = pytest.mark.system

FILES = {
    "story": (story_service_pb2,),
    "imaging": (imaging_service_pb2,),
    "video": (video_service_pb2, key_service_pb2, generation_service_pb2),
}
METHODS = [(service, method) for service, files in FILES.items() for method in methods_of(*files)]
NAMES = [f"{method.containing_service.name}-{method.name}" for _, method in METHODS]
FEW = 32
MANY = 520


@pytest.fixture(scope="module")
async def caller() -> Caller:
    return Caller(str(uuid.uuid4()), Role.ACCOUNT)


@pytest.fixture(scope="module")
async def known(serving: House, caller: Caller) -> list[str]:
    """Returns ids that exist: a drama with its parts, and a run."""
    drama = drama_pb2.Drama(id="drama_fuzz", title="t", description="d", premise="p")
    drama.characters.add(id="c", name="C", gender="female", voice_description="low", main=True)
    scene = drama.episodes.add(id="e", title="E", description="d").scenes.add(id="s", description="rain")
    scene.assets.add(id="a", kind=drama_pb2.ASSET_KIND_IMAGE, prompt="rain", depends_on=["c"])
    async with serving.channel(account=caller.account_id) as channel:
        await drama_service_pb2_grpc.DramaServiceStub(channel).PutDrama(drama_service_pb2.PutDramaRequest(drama=drama))
        new = job_pb2.NewJob(step="s", kind="test.noop", queue="q_fuzz_services", payload_type="x")
        call = job_service_pb2.SubmitRunRequest(kind="t", drama_id=drama.id, jobs=[new])
        run = (await job_service_pb2_grpc.JobServiceStub(channel).SubmitRun(call)).run
    return [drama.id, "c", "e", "s", "a", run.id, run.public_id, "portrait:c", "cover", "scenes:e", "local"]


@pytest.fixture(scope="module")
async def targets(serving: House, caller: Caller) -> AsyncIterator[dict[str, Target]]:
    """The three services, called by an account."""
    secrets = tuple(serving.env[name] for name in ("SFD_INTERNAL_SECRET", "R2_SECRET_ACCESS_KEY", "DATABASE_URL"))
    channels = {service: open_channel(serving.address(service)) for service in FILES}
    yield {name: Target(channel, serving.signer, caller, secrets) for name, channel in channels.items()}
    for channel in channels.values():
        await channel.close()


@pytest.fixture(scope="module")
async def tally(request: pytest.FixtureRequest) -> AsyncIterator[Tally]:
    """Counts the slow messages, and keeps the totals when that is wished."""
    made = Tally()
    yield made
    if not request.session.testsfailed:
        keep("gRPC: story, imaging, video", made.cases, made.statuses)


@pytest.mark.parametrize(("service", "method"), METHODS, ids=NAMES)
async def test_no_message_finds_a_bug(
    targets: dict[str, Target], known: list[str], service: str, method: MethodDescriptor
) -> None:
    assert (await examine(targets[service], method, known, FEW)).statuses.total() == FEW


@pytest.mark.slow
@pytest.mark.timeout(540)
@pytest.mark.parametrize(("service", "method"), METHODS, ids=NAMES)
async def test_no_message_of_many_finds_a_bug(
    targets: dict[str, Target], known: list[str], tally: Tally, service: str, method: MethodDescriptor
) -> None:
    await examine(targets[service], method, known, MANY, tally)
    assert tally.cases[method.full_name] == MANY
