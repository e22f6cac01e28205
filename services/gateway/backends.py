"""Stubs of the services behind the gateway: one channel for each address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kit.identity import Signer
from kit.rpc.client import channel
from sfd.assets.v1.asset_service_pb2_grpc import AssetServiceStub
from sfd.assets.v1.library_service_pb2_grpc import LibraryServiceStub
from sfd.dramas.v1.character_service_pb2_grpc import CharacterServiceStub
from sfd.dramas.v1.drama_service_pb2_grpc import DramaServiceStub
from sfd.dramas.v1.entity_asset_service_pb2_grpc import EntityAssetServiceStub
from sfd.dramas.v1.episode_service_pb2_grpc import EpisodeServiceStub
from sfd.dramas.v1.scene_service_pb2_grpc import SceneServiceStub
from sfd.jobs.v1.job_service_pb2_grpc import JobServiceStub
from sfd.story.v1.story_service_pb2_grpc import StoryServiceStub
from sfd.usage.v1.usage_service_pb2_grpc import UsageServiceStub
from sfd.vault.v1.key_service_pb2_grpc import KeyServiceStub as VaultKeyServiceStub
from sfd.vault.v1.vault_service_pb2_grpc import VaultServiceStub
from sfd.video.v1.generation_service_pb2_grpc import GenerationServiceStub
from sfd.video.v1.key_service_pb2_grpc import KeyServiceStub
from sfd.video.v1.video_service_pb2_grpc import VideoServiceStub
from sfd.webhooks.v1.webhook_service_pb2_grpc import WebhookServiceStub

RPC_SECONDS = 10.0
"""How long a request waits for one answer of a service."""


@dataclass(frozen=True)
class Backends:
    """What the routes call."""

    dramas: DramaServiceStub
    characters: CharacterServiceStub
    episodes: EpisodeServiceStub
    scenes: SceneServiceStub
    entity_assets: EntityAssetServiceStub
    jobs: JobServiceStub
    assets: AssetServiceStub
    library: LibraryServiceStub
    vault: VaultServiceStub
    webhooks: WebhookServiceStub
    story: StoryServiceStub
    video: VideoServiceStub
    keys: KeyServiceStub
    vault_keys: VaultKeyServiceStub
    usage: UsageServiceStub
    generations: GenerationServiceStub


@asynccontextmanager
async def connect(*, storage: str, story: str, video: str, signer: Signer) -> AsyncIterator[Backends]:
    """Yields the stubs; nothing is dialled before the first call, so services may come and go in any order."""
    to_storage, to_story, to_video = (channel(address, signer) for address in (storage, story, video))
    try:
        yield Backends(
            dramas=DramaServiceStub(to_storage),
            characters=CharacterServiceStub(to_storage),
            episodes=EpisodeServiceStub(to_storage),
            scenes=SceneServiceStub(to_storage),
            entity_assets=EntityAssetServiceStub(to_storage),
            jobs=JobServiceStub(to_storage),
            assets=AssetServiceStub(to_storage),
            library=LibraryServiceStub(to_storage),
            vault=VaultServiceStub(to_storage),
            webhooks=WebhookServiceStub(to_storage),
            story=StoryServiceStub(to_story),
            video=VideoServiceStub(to_video),
            keys=KeyServiceStub(to_video),
            vault_keys=VaultKeyServiceStub(to_storage),
            usage=UsageServiceStub(to_storage),
            generations=GenerationServiceStub(to_video),
        )
    finally:
        for one in (to_storage, to_story, to_video):
            await one.close()
