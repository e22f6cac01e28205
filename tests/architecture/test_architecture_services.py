"""Every gRPC service says how it is and what it offers: asked for real, of real processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from kit.testing.house import House
from stack.programs import PROGRAMS

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
OFFERED = {
    "storage": {
        "sfd.accounts.v1.AccountService",
        "sfd.assets.v1.AssetService",
        "sfd.assets.v1.LibraryService",
        "sfd.dramas.v1.CharacterService",
        "sfd.dramas.v1.DramaService",
        "sfd.dramas.v1.EntityAssetService",
        "sfd.dramas.v1.EpisodeService",
        "sfd.dramas.v1.SceneService",
        "sfd.jobs.v1.JobService",
        "sfd.vault.v1.VaultService",
        "sfd.vault.v1.KeyService",
        "sfd.vault.v1.RotationService",
        "sfd.usage.v1.UsageService",
        "sfd.webhooks.v1.WebhookService",
    },
    "story": {"sfd.story.v1.StoryService"},
    "imaging": {"sfd.imaging.v1.ImagingService"},
    "video": {"sfd.video.v1.VideoService", "sfd.video.v1.GenerationService", "sfd.video.v1.KeyService"},
}
EVERYWHERE = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


@pytest.fixture(scope="module")
async def all_services(storage_house: House) -> House:
    """The session's house with every gRPC service in it; they only serve, so that they take no other test's jobs."""
    others = sorted(set(OFFERED) - {"storage"} - set(storage_house.processes))
    await asyncio.gather(*(storage_house.start(service, "--role", "serve") for service in others))
    return storage_house


async def reflected(
    channel: grpc.aio.Channel, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    """The one answer to one question of the reflection protocol."""
    ask = channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    async for reply in ask(iter([request]), timeout=5):
        return reply
    raise AssertionError("no answer")


def test_every_service_that_is_started_is_asked() -> None:
    started = {program.name for program in PROGRAMS if program.health == "grpc"}
    assert started == set(OFFERED)


def test_every_service_in_the_protos_is_offered() -> None:
    files = ROOT.glob("protos/sfd/*/v1/*_service.proto")
    names = {
        f"sfd.{path.parent.parent.name}.v1.{line.split()[1]}"
        for path in files
        for line in path.read_text().splitlines()
        if line.startswith("service ")
    }
    assert names == set().union(*OFFERED.values())


@pytest.mark.parametrize("service", sorted(OFFERED))
async def test_health_is_serving_as_a_whole_and_by_name(all_services: House, service: str) -> None:
    async with grpc.aio.insecure_channel(all_services.address(service)) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        for name in ("", *OFFERED[service]):
            reply = await check(health_pb2.HealthCheckRequest(service=name), timeout=5)
            assert reply.status == health_pb2.HealthCheckResponse.SERVING, name


@pytest.mark.parametrize("service", sorted(OFFERED))
async def test_reflection_tells_services_and_their_files(all_services: House, service: str) -> None:
    async with grpc.aio.insecure_channel(all_services.address(service)) as channel:
        reply = await reflected(channel, reflection_pb2.ServerReflectionRequest(list_services=""))
        assert {one.name for one in reply.list_services_response.service} == OFFERED[service] | EVERYWHERE
        for name in OFFERED[service]:
            found = await reflected(channel, reflection_pb2.ServerReflectionRequest(file_containing_symbol=name))
            files = found.file_descriptor_response.file_descriptor_proto
            assert files, f"{name} is named and not described"
            assert any(name.rpartition(".")[2].encode() in one for one in files)


REAL = {
    "storage": "sfd.dramas.v1.DramaService/ListDramas",
    "story": "sfd.story.v1.StoryService/GenerateDrama",
    "imaging": "sfd.imaging.v1.ImagingService/GenerateCover",
    "video": "sfd.video.v1.VideoService/GenerateAudition",
}


@pytest.mark.parametrize("service", sorted(OFFERED))
async def test_a_caller_without_a_token_is_nobody(all_services: House, service: str) -> None:
    """Health and reflection are open; nothing else is."""
    async with grpc.aio.insecure_channel(all_services.address(service)) as channel:
        call = channel.unary_unary(f"/{REAL[service]}", request_serializer=bytes, response_deserializer=bytes)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(b"", timeout=5)
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
