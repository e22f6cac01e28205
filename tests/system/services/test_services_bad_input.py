"""Bad input over gRPC, row by row, on every service. What another file proves is named here and not repeated.

| what | answer | where |
|---|---|---|
| random bytes, cut fields, invalid UTF-8, deep nesting | INVALID_ARGUMENT, a fixed text | here: test_what_is_no_message; the fuzzers |
| another wire type, unknown fields only, an empty message | no bug; INVALID_ARGUMENT where a field must be | here: test_an_empty_wish |
| a message over 16 MiB, a gzip bomb | RESOURCE_EXHAUSTED | here: test_large_messages |
| metadata of 12 KiB, of 40 KiB | as usual, RESOURCE_EXHAUSTED | here: test_metadata |
| an unknown method, an unknown service | UNIMPLEMENTED | here: test_unknown_methods |
| a deadline that has passed; none | DEADLINE_EXCEEDED; capped | here: test_deadlines; unit/kit/test_kit_rpc |
| a handler raises | INTERNAL, a fixed text | unit/kit/test_kit_rpc: test_a_bug_does_not_tell_its_text |
| no token, a bad one, one of another secret | UNAUTHENTICATED | here: test_nobody; unit/kit/test_kit_rpc |
| a right that is missing; another account's id | PERMISSION_DENIED; NOT_FOUND | here: test_other_accounts; unit/kit/test_kit_rpc |
| a stale ETag, another request under an id, a wrong state | ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION | system/storage |
| page_size below 0, too large; a bad token | INVALID_ARGUMENT or clamped; INVALID_ARGUMENT | here: test_pages |
| NUL, enum 999, NaN, 100,000 items | INVALID_ARGUMENT | here: test_values_that_nothing_can_keep |
| streams of requests | none is served: the start refuses them | kit/rpc/interceptors |
| HTTP/1.1, silence, noise at the port | closed; others are answered | here: test_who_does_not_speak_grpc |
| streams, headers, resets, pings without end | others are answered; ended at the edge | test_services_floods; system/edge |
| a request that never ends; a quiet stream | ended; lives on heartbeats | system/edge: test_edge_streams |
| a stream that nobody reads | DEADLINE_EXCEEDED, one message waits | unit/kit/test_kit_rpc_streams; test_services_slow_readers |
| the end of a process | UNAVAILABLE, and in time | unit/kit/test_kit_rpc: test_idle_sockets_do_not_hold_up_the_end |
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from typing import Any

import grpc
import pytest

from kit.context import Caller, Role
from kit.identity import Signer
from kit.rpc.options import MAX_MESSAGE
from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.imaging.v1 import imaging_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_pb2, story_service_pb2
from sfd.video.v1 import video_service_pb2

pytestmark = pytest.mark.system

Code = grpc.StatusCode
METHODS = {
    "storage": "/sfd.dramas.v1.DramaService/GetDrama",
    "story": "/sfd.story.v1.StoryService/GenerateDrama",
    "imaging": "/sfd.imaging.v1.ImagingService/GeneratePortrait",
    "video": "/sfd.video.v1.VideoService/GenerateAudition",
}
ACCOUNT = str(uuid.uuid4())
KIND_999 = b"\x0a\x01a" + bytes([drama_pb2.EntityAsset.KIND_FIELD_NUMBER << 3, 0xE7, 0x07])
"""An asset of a kind that no constructor would take."""


async def call(
    house: House,
    service: str,
    raw: bytes,
    *,
    method: str = "",
    timeout: float | None = 20,
    role: Role = Role.ACCOUNT,
    account: str = ACCOUNT,
    token: str | None = None,
    more: tuple[tuple[str, str | bytes], ...] = (),
    compression: grpc.Compression | None = None,
) -> tuple[Code, str]:
    """Returns the status and the text of one call with the bytes as they are."""
    minted = house.signer.mint(Caller(account, role)) if token is None else token
    options = [("grpc.max_send_message_length", -1), ("grpc.max_metadata_size", 1 << 20)]
    async with grpc.aio.insecure_channel(house.address(service), options=options) as channel:
        unary: Any = channel.unary_unary(
            method or METHODS[service], request_serializer=None, response_deserializer=None
        )
        metadata = (("authorization", f"Bearer {minted}"), *more)
        try:
            await unary(raw, timeout=timeout, metadata=metadata, compression=compression)
        except grpc.aio.AioRpcError as error:
            return error.code(), error.details() or ""
    return Code.OK, ""


@pytest.mark.parametrize("service", METHODS)
@pytest.mark.parametrize(
    "raw",
    [b"\x0a\xff\xff\xff\xff\x07x", b"\x0a\x05ab", b"\x0a\x02\xff\xfe", b"\x0b" * 200, b"\xff" * 11, b"\x0f\x01"],
    ids=["length", "cut", "utf-8", "groups", "varint", "wire type 7"],
)
async def test_what_is_no_message(serving: House, service: str, raw: bytes) -> None:
    assert await call(serving, service, raw) == (Code.INVALID_ARGUMENT, "The message cannot be read.")


@pytest.mark.parametrize(
    ("service", "method"),
    [
        ("storage", "/sfd.dramas.v1.DramaService/PutDrama"),
        ("storage", "/sfd.jobs.v1.JobService/SubmitRun"),
        ("story", METHODS["story"]),
        ("story", "/sfd.story.v1.StoryService/ImproveDrama"),
    ],
)
@pytest.mark.parametrize("raw", [b"", b"\xf8\xff\xff\xff\x0f\x01", b"\x08\x07"], ids=["empty", "unknown", "wire type"])
async def test_an_empty_wish(serving: House, service: str, method: str, raw: bytes) -> None:
    code, text = await call(serving, service, raw, method=method)
    assert code is Code.INVALID_ARGUMENT
    assert text


@pytest.mark.parametrize("service", METHODS)
async def test_large_messages(serving: House, service: str) -> None:
    padding = b"\xfa\xff\xff\xff\x0f"
    large = padding + b"\x80\x80\x80\x0a" + b"\0" * (20 << 20)
    assert len(large) > MAX_MESSAGE
    assert (await call(serving, service, large))[0] is Code.RESOURCE_EXHAUSTED
    bomb = padding + b"\x80\x80\x80\x20" + b"\0" * (64 << 20)
    assert (await call(serving, service, bomb, compression=grpc.Compression.Gzip))[0] is Code.RESOURCE_EXHAUSTED
    assert (await call(serving, service, b"\x0a\x01x"))[0] in (Code.NOT_FOUND, Code.OK, Code.INVALID_ARGUMENT)


@pytest.mark.parametrize("service", METHODS)
async def test_metadata(serving: House, service: str) -> None:
    usual = (await call(serving, service, b""))[0]
    assert usual not in (Code.OK, Code.UNKNOWN, Code.INTERNAL)
    assert (await call(serving, service, b"", more=(("x-more", "y" * 4_000),)))[0] is usual
    assert (await call(serving, service, b"", more=(("x-more", "y" * 40_000),)))[0] is Code.RESOURCE_EXHAUSTED
    assert (await call(serving, service, b"", more=(("x-more-bin", b"\x00\xff"), ("x-request-id", "z" * 900))))[
        0
    ] is usual


@pytest.mark.parametrize("service", METHODS)
async def test_unknown_methods(serving: House, service: str) -> None:
    known = METHODS[service].rpartition("/")[0]
    for method in (f"{known}/Nothing", "/sfd.nothing.v1.Nothing/Get", "/grpc.channelz.v1.Channelz/GetServers"):
        assert (await call(serving, service, b"", method=method))[0] is Code.UNIMPLEMENTED


@pytest.mark.parametrize("service", METHODS)
async def test_deadlines(serving: House, service: str) -> None:
    assert (await call(serving, service, b"\x0a\x01x", timeout=0.0))[0] is Code.DEADLINE_EXCEEDED
    assert (await call(serving, service, b"", timeout=None))[0] in (Code.INVALID_ARGUMENT, Code.NOT_FOUND)


@pytest.mark.parametrize("service", METHODS)
async def test_nobody(serving: House, service: str) -> None:
    other = Signer("another-secret-that-is-long-enough-for-it").mint(Caller(ACCOUNT, Role.OPERATOR))
    for token in ("", "x", "a.b.c", other):
        code, text = await call(serving, service, b"", token=token)
        assert code is Code.UNAUTHENTICATED
        assert "secret" not in text


async def test_other_accounts(serving: House) -> None:
    drama = drama_pb2.Drama(id="mine", title="t")
    put = drama_service_pb2.PutDramaRequest(drama=drama).SerializeToString()
    assert (await call(serving, "storage", put, method="/sfd.dramas.v1.DramaService/PutDrama"))[0] is Code.OK
    get = drama_service_pb2.GetDramaRequest(drama_id="mine").SerializeToString()
    assert (await call(serving, "storage", get))[0] is Code.OK
    stranger = str(uuid.uuid4())
    foreign = await call(serving, "storage", get, account=stranger)
    never = drama_service_pb2.GetDramaRequest(drama_id="none").SerializeToString()
    missing = await call(serving, "storage", never, account=stranger)
    assert foreign[0] is missing[0] is Code.NOT_FOUND
    assert foreign[1].replace("mine", "?") == missing[1].replace("none", "?")
    lease = "/sfd.jobs.v1.JobService/LeaseJobs"
    assert (await call(serving, "storage", b"", method=lease))[0] is Code.PERMISSION_DENIED
    wishes = {
        "story": story_service_pb2.CritiqueDramaRequest(drama_id="mine").SerializeToString(),
        "imaging": imaging_service_pb2.GeneratePortraitRequest(drama_id="mine", character_id="c").SerializeToString(),
        "video": video_service_pb2.GenerateAuditionRequest(drama_id="mine", character_id="c").SerializeToString(),
    }
    methods = {**METHODS, "story": "/sfd.story.v1.StoryService/CritiqueDrama"}
    for service, wish in wishes.items():
        code, text = await call(serving, service, wish, method=methods[service], account=stranger)
        assert code is Code.NOT_FOUND, (service, text)


LISTS = {
    "/sfd.dramas.v1.DramaService/ListDramas": drama_service_pb2.ListDramasRequest,
    "/sfd.jobs.v1.JobService/ListRuns": job_service_pb2.ListRunsRequest,
    "/sfd.jobs.v1.JobService/ListSubmissions": job_service_pb2.ListSubmissionsRequest,
}


@pytest.mark.parametrize("method", LISTS)
async def test_pages(serving: House, method: str) -> None:
    make: Any = LISTS[method]
    below = make(page_size=-1).SerializeToString()
    assert (await call(serving, "storage", below, method=method))[0] is Code.INVALID_ARGUMENT
    above = make(page_size=2**31 - 1).SerializeToString()
    assert (await call(serving, "storage", above, method=method))[0] in (Code.OK, Code.INVALID_ARGUMENT)
    for token in ("x", "a\x00b", "W10", "9" * 500):
        foreign = make(page_token=token).SerializeToString()
        assert (await call(serving, "storage", foreign, method=method))[0] is Code.INVALID_ARGUMENT, token


@pytest.mark.parametrize(
    ("service", "method", "message"),
    [
        (
            "storage",
            "dramas.v1.DramaService/PutDrama",
            drama_service_pb2.PutDramaRequest(drama=drama_pb2.Drama(id="a\0b")),
        ),
        (
            "storage",
            "dramas.v1.DramaService/PutDrama",
            drama_service_pb2.PutDramaRequest(
                drama=drama_pb2.Drama(id="d", assets=[drama_pb2.EntityAsset.FromString(KIND_999)])
            ),
        ),
        (
            "storage",
            "dramas.v1.DramaService/PutDrama",
            drama_service_pb2.PutDramaRequest(
                drama=drama_pb2.Drama(id="d", characters=[drama_pb2.Character(id="c")] * 100_000)
            ),
        ),
        (
            "storage",
            "jobs.v1.JobService/SubmitRun",
            job_service_pb2.SubmitRunRequest(
                kind="t", jobs=[job_pb2.NewJob(step=f"s{n}", kind="k", queue="q") for n in range(10_001)]
            ),
        ),
        (
            "storage",
            "jobs.v1.JobService/SubmitRun",
            job_service_pb2.SubmitRunRequest(
                kind="t", metadata_json='{"a":NaN}', jobs=[job_pb2.NewJob(step="s", kind="k", queue="q")]
            ),
        ),
        ("story", "story.v1.StoryService/GenerateDrama", story_service_pb2.GenerateDramaRequest(premise="a\0b")),
        (
            "story",
            "story.v1.StoryService/GenerateDrama",
            story_service_pb2.GenerateDramaRequest(premise="x" * 1_000_000),
        ),
        ("story", "story.v1.StoryService/GenerateDrama", story_service_pb2.GenerateDramaRequest(premise=" \n\t")),
        (
            "story",
            "story.v1.StoryService/GenerateDrama",
            story_service_pb2.GenerateDramaRequest(premise="x", options=story_pb2.Options(episodes=10_000)),
        ),
        (
            "story",
            "story.v1.StoryService/GenerateDrama",
            story_service_pb2.GenerateDramaRequest(premise="x", reference_image_url="file:///etc/passwd"),
        ),
    ],
    ids=["NUL", "enum", "items", "jobs", "NaN", "premise NUL", "premise long", "premise blank", "episodes", "file URL"],
)
async def test_values_that_nothing_can_keep(serving: House, service: str, method: str, message: Any) -> None:
    code, text = await call(serving, service, message.SerializeToString(), method=f"/sfd.{method}", timeout=60)
    assert (code, bool(text)) == (Code.INVALID_ARGUMENT, True), text


async def test_who_does_not_speak_grpc(serving: House) -> None:
    """All at once: the silent one is waited for until the server has had enough."""

    async def shut_out(service: str, sent: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.ports[service])
        writer.write(sent)
        await writer.drain()
        with suppress(ConnectionError):
            async with asyncio.timeout(120):
                while await reader.read(4096):
                    pass
        writer.close()
        answer = await call(serving, service, b"", timeout=60)
        assert answer[0] in (Code.INVALID_ARGUMENT, Code.NOT_FOUND), answer

    noise = (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0" * 4096,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64,
        b"",
    )
    await asyncio.gather(*(shut_out(service, sent) for service in METHODS for sent in noise))
