"""Whatever message comes to storage, it answers in time and never with a bug of its own."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Sequence
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from kit.context import Role
from kit.errors import DeadlineExceeded, Internal, SfdError
from kit.testing.house import House
from sfd.accounts.v1 import account_service_pb2
from sfd.assets.v1 import asset_service_pb2
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

pytestmark = pytest.mark.system

FILES = (
    account_service_pb2,
    asset_service_pb2,
    character_service_pb2,
    drama_service_pb2,
    entity_asset_service_pb2,
    episode_service_pb2,
    job_service_pb2,
    scene_service_pb2,
)
METHODS: list[MethodDescriptor] = [
    method for file in FILES for service in file.DESCRIPTOR.services_by_name.values() for method in service.methods
]
MESSAGES = 64
QUEUE = "q_fuzz"
F = FieldDescriptor
TEXTS = (
    "",
    "a",
    "story.generate",
    "a\x00b",
    "\x00",
    "x" * 5000,
    "../../etc/passwd",
    "🦊\u202e",
    "{}",
    "[1]",
    '{"a":NaN}',
    '{"a":1e999}',
    '{"a":"\\u0000"}',
    '{"a":"\\ud800"}',
    '{"drama_id":"\\ud800"}',
    '{"list":' + "[" * 3000 + "]" * 3000 + "}",
    "[" * 9000,
    '{"slot":"x","stored_asset_id":"y"}',
    "W10",
    "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIngiXQ",
    "image/png",
    "prompt",
    "metadata_json",
    "depends_on",
    "0" * 64,
    "%s' OR 1=1; --",
    str(uuid.UUID(int=0)),
)
WHOLE = (0, 1, -1, 2, 100, 999, 2**31 - 1, -(2**31))
WIDE = (*WHOLE, 2**63 - 1, -(2**63), 2**40)
REAL = (0.0, 0.5, -1.0, float("nan"), float("inf"), float("-inf"), 1e308)


class Mutator:
    """Fills messages with what hurts, from a seed; `known` are ids that exist."""

    def __init__(self, seed: str, known: Sequence[str]) -> None:
        self.random = random.Random(seed)
        self.known = known
        self.fill = 0.7

    def message(self, descriptor: Descriptor, depth: int = 0) -> Message:
        """Returns a message of `descriptor`: few, many or nearly all of its fields are set."""
        if not depth:
            self.fill = self.random.choice((0.25, 0.6, 0.95))
        made = GetMessageClass(descriptor)()
        for field in descriptor.fields:
            if self.random.random() > self.fill or depth > 4:
                continue
            self._set(made, field, depth)
        return made

    def _set(self, made: Message, field: FieldDescriptor, depth: int) -> None:
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            return
        if field.is_repeated:
            count = self.random.choice((1, 1, 2, 3, 1200 if depth < 1 else 5))
            values = [self._value(field, depth) for _ in range(min(count, 3))]
            getattr(made, field.name).extend(values[n % len(values)] for n in range(count))
        elif entry is not None:
            getattr(made, field.name).CopyFrom(self._value(field, depth))
        else:
            setattr(made, field.name, self._value(field, depth))

    def _value(self, field: FieldDescriptor, depth: int) -> Any:
        match field.type:
            case F.TYPE_STRING:
                if self.known and self.random.random() < 0.5:
                    return self.random.choice(self.known)
                return self.random.choice(TEXTS)
            case F.TYPE_BYTES:
                return self.random.randbytes(20)
            case F.TYPE_BOOL:
                return self.random.random() < 0.5
            case F.TYPE_ENUM:
                return self.random.choice((0, 1, 2, 3, 6, 10, 999, -1))
            case F.TYPE_MESSAGE:
                assert field.message_type is not None
                return self.message(field.message_type, depth + 1)
            case F.TYPE_DOUBLE | F.TYPE_FLOAT:
                return self.random.choice(REAL)
            case F.TYPE_INT64 | F.TYPE_SINT64 | F.TYPE_SFIXED64:
                return self.random.choice(WIDE)
            case F.TYPE_UINT32 | F.TYPE_UINT64:
                return abs(self.random.choice(WHOLE)) % 2**31
            case _:
                return self.random.choice(WHOLE)


@pytest.fixture(scope="module")
async def account() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
async def channel(storage_house: House, account: str) -> grpc.aio.Channel:
    return storage_house.channel(role=Role.WORKER, account=account)


@pytest.fixture(scope="module")
async def known(channel: grpc.aio.Channel) -> list[str]:
    """Returns ids of things that exist: a drama, a run, jobs in a worker's hands and waiting, a paid call."""
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
    return ids + [part for one in leases for part in (one.job.id, one.lease_id, one.job.step)]


async def ask(channel: grpc.aio.Channel, method: MethodDescriptor, raw: bytes) -> str:
    """Returns the reason of the refusal, empty for an answer; a stream is left after its first answer or half a second."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    try:
        if method.server_streaming:
            call = channel.unary_stream(path, request_serializer=bytes, response_deserializer=bytes)
            async for _ in call(raw, timeout=0.5):
                return ""
            return ""
        await channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)(raw, timeout=15)
    except DeadlineExceeded:
        if method.server_streaming:
            return ""
        raise
    except Internal as error:
        raise AssertionError(f"{method.full_name}: {error.request_id}") from error
    except SfdError as error:
        return error.reason
    return ""


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
async def test_no_message_finds_a_bug(channel: grpc.aio.Channel, known: list[str], method: MethodDescriptor) -> None:
    mutator = Mutator(method.full_name, known)
    messages = [mutator.message(method.input_type).SerializeToString() for _ in range(MESSAGES)]
    messages += [mutator.random.randbytes(mutator.random.randint(1, 60)) for _ in range(8)]
    messages += [raw[: len(raw) // 2] for raw in messages[:8]]
    for start in range(0, len(messages), 16):
        async with asyncio.timeout(20):
            await asyncio.gather(*(ask(channel, method, raw) for raw in messages[start : start + 16]))


async def test_and_then_it_still_works(channel: grpc.aio.Channel, known: list[str]) -> None:
    jobs = job_service_pb2_grpc.JobServiceStub(channel)
    found = (await jobs.GetRun(job_service_pb2.GetRunRequest(id=known[5]))).run
    assert found.total >= 9
    assert found.held_nano_usd >= 0
