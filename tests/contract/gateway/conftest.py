"""The gateway as it runs, over HTTP, in front of fakes that speak real gRPC."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.identity import Signer
from kit.rpc.server import Served, serve
from kit.testing.house import free_port
from services.gateway.config import GatewaySettings
from services.gateway.server import Server, listen, run
from sfd.assets.v1 import asset_service_pb2, asset_service_pb2_grpc, library_service_pb2, library_service_pb2_grpc
from sfd.dramas.v1 import (
    character_service_pb2,
    character_service_pb2_grpc,
    drama_service_pb2,
    drama_service_pb2_grpc,
    entity_asset_service_pb2,
    entity_asset_service_pb2_grpc,
    episode_service_pb2,
    episode_service_pb2_grpc,
    scene_service_pb2,
    scene_service_pb2_grpc,
)
from sfd.jobs.v1 import job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_service_pb2, story_service_pb2_grpc
from sfd.video.v1 import (
    generation_service_pb2,
    generation_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
)
from tests.contract.gateway import (
    entity_fakes,
    fake_media,
    fake_webhooks,
    fakes,
    fakes_library,
    generation_fakes,
    step_fakes,
)
from tests.contract.gateway.full_house import FullHouse

KEY = "a-service-key-of-the-tests"
SECRET = "not-a-secret-but-long-enough-for-tests"
VENDOR_SECRET = "whsec_" + base64.b64encode(b"what vendors sign with in these tests").decode()
FAL_KEYS = "fal-keys.json"
"""The object at which the tests' bucket shows fal's public keys."""


@dataclass
class Running:
    """The gateway, the fakes behind it, and the bucket's objects."""

    url: str
    house: FullHouse
    objects: dict[str, bytes]
    nats: fakes.Nats
    environment: dict[str, str]
    hooks: fake_webhooks.Hooks
    media: fake_media.Media
    media_url: str


def served(house: FullHouse) -> list[Served]:
    """Returns every fake, ready to be mounted."""
    add = (
        drama_service_pb2_grpc.add_DramaServiceServicer_to_server,
        job_service_pb2_grpc.add_JobServiceServicer_to_server,
        asset_service_pb2_grpc.add_AssetServiceServicer_to_server,
        story_service_pb2_grpc.add_StoryServiceServicer_to_server,
        video_service_pb2_grpc.add_VideoServiceServicer_to_server,
    )
    library = fakes_library.Library(house)
    return [
        Served(
            drama_service_pb2.DESCRIPTOR.services_by_name["DramaService"], partial(add[0], step_fakes.Dramas(house))
        ),
        Served(
            job_service_pb2.DESCRIPTOR.services_by_name["JobService"], partial(add[1], generation_fakes.Jobs(house))
        ),
        Served(
            asset_service_pb2.DESCRIPTOR.services_by_name["AssetService"],
            partial(add[2], generation_fakes.Assets(house)),
        ),
        Served(story_service_pb2.DESCRIPTOR.services_by_name["StoryService"], partial(add[3], step_fakes.Story(house))),
        Served(video_service_pb2.DESCRIPTOR.services_by_name["VideoService"], partial(add[4], fakes.Video(house))),
        Served(
            library_service_pb2.DESCRIPTOR.services_by_name["LibraryService"],
            partial(library_service_pb2_grpc.add_LibraryServiceServicer_to_server, library),
        ),
        Served(
            generation_service_pb2.DESCRIPTOR.services_by_name["GenerationService"],
            partial(
                generation_service_pb2_grpc.add_GenerationServiceServicer_to_server,
                generation_fakes.Generations(house),
            ),
        ),
        *below_a_drama(house),
    ]


def below_a_drama(house: FullHouse) -> list[Served]:
    """Returns the fakes of characters, episodes, scenes and assets."""
    characters = character_service_pb2_grpc.add_CharacterServiceServicer_to_server
    episodes = episode_service_pb2_grpc.add_EpisodeServiceServicer_to_server
    scenes = scene_service_pb2_grpc.add_SceneServiceServicer_to_server
    assets = entity_asset_service_pb2_grpc.add_EntityAssetServiceServicer_to_server
    made = (
        (character_service_pb2, "CharacterService", partial(characters, entity_fakes.Characters(house))),
        (episode_service_pb2, "EpisodeService", partial(episodes, entity_fakes.Episodes(house))),
        (scene_service_pb2, "SceneService", partial(scenes, entity_fakes.Scenes(house))),
        (entity_asset_service_pb2, "EntityAssetService", partial(assets, entity_fakes.EntityAssets(house))),
    )
    return [Served(module.DESCRIPTOR.services_by_name[name], add) for module, name, add in made]


def bucket(objects: dict[str, bytes]) -> Starlette:
    """Returns a bucket that knows PUT, GET and one range; what is below `stuck/` does not come."""

    async def put(request: Request) -> Response:
        objects[request.path_params["key"]] = await request.body()
        return Response()

    async def get(request: Request) -> Response:
        if request.path_params["key"].startswith("stuck/"):
            while not await request.is_disconnected():
                await asyncio.sleep(0.02)
        data = objects.get(request.path_params["key"])
        if data is None:
            return Response(status_code=404)
        asked = request.headers.get("range")
        if not asked:
            return Response(data)
        first, last = asked.removeprefix("bytes=").split("-")
        return Response(data[int(first) : int(last) + 1], 206)

    return Starlette(routes=[Route("/{key:path}", put, methods=["PUT"]), Route("/{key:path}", get)])


@pytest.fixture(scope="session")
async def running() -> AsyncIterator[Running]:
    """Starts everything once."""
    house = FullHouse()
    objects: dict[str, bytes] = {}
    async with AsyncExitStack() as stack:
        sock = listen("127.0.0.1", 0)
        store = uvicorn.Server(uvicorn.Config(bucket(objects), lifespan="off", log_config=None, access_log=False))
        storing = asyncio.create_task(store.serve([sock]))
        house.bucket = f"http://127.0.0.1:{sock.getsockname()[1]}"
        hooks, media = fake_webhooks.Hooks(), fake_media.Media()
        services = [*served(house), *fake_webhooks.served(house, hooks), *fake_media.served(house, media)]
        port = await stack.enter_async_context(serve("127.0.0.1:0", services, Signer(SECRET)))
        address = f"127.0.0.1:{port}"
        house.nats = nats = fakes.Nats()
        bus = await asyncio.start_server(nats.serve, "127.0.0.1", 0)
        environment = {
            "SFD_INTERNAL_SECRET": SECRET,
            "API_KEYS": f"{KEY}, sfd_another-key-of-the-tests",
            "PORT": "0",
            "SFD_MEDIA_PORT": str(free_port()),
            "SFD_CAPTIONS_PORT": "0",
            "HOST": "127.0.0.1",
            "ENVIRONMENT": "test",
            "NATS_URL": f"nats://127.0.0.1:{bus.sockets[0].getsockname()[1]}",
            "CORS_ORIGINS": "http://localhost:3000",
            "SFD_STORAGE_ADDR": address,
            "SFD_STORY_ADDR": address,
            "SFD_VIDEO_ADDR": address,
            "OPENAI_WEBHOOK_SECRET": VENDOR_SECRET,
            "REPLICATE_WEBHOOK_SECRET": VENDOR_SECRET,
            "FAL_JWKS_URL": f"{house.bucket}/{FAL_KEYS}",
            "ENCRYPTION_KEY": "any string is good enough for a master key of the tests",
        }
        settings = GatewaySettings.model_validate(environment)
        ready: asyncio.Future[tuple[Server, dict[str, int]]] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(run(settings, lambda server, ports: ready.set_result((server, ports))))
        server, ports = await asyncio.wait_for(ready, 20)
        while not server.started:
            await asyncio.sleep(0.02)
        urls = {face: f"http://127.0.0.1:{port}" for face, port in ports.items()}
        yield Running(urls["drama"], house, objects, nats, environment, hooks, media, urls["media"])
        server.should_exit = store.should_exit = True
        await asyncio.wait_for(asyncio.gather(task, storing), 20)
        bus.close()


@pytest.fixture
def house(running: Running) -> FullHouse:
    """The fakes' memory, empty at the start of each test."""
    for store in (running.house.dramas, running.house.runs, running.house.jobs, running.house.submissions):
        store.clear()
    for more in (running.house.assets, running.house.library, running.house.failures):
        more.clear()
    running.house.events_seconds = 0.0
    for listed in (running.house.events, running.house.asked, running.house.warnings):
        listed.clear()
    running.media.reset()
    running.house.public = False
    running.house.reset()
    return running.house


@pytest.fixture
async def api(running: Running, house: FullHouse) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key."""
    async with httpx.AsyncClient(
        base_url=running.url, headers={"X-API-Key": KEY}, trust_env=False, verify=False
    ) as client:
        yield client


@pytest.fixture
async def stranger(running: Running, house: FullHouse) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, verify=False) as client:
        yield client
