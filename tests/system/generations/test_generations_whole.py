"""Films of no drama through the gateway: every contract's routes, OpenAI's own SDK, two simulated vendors and the local film maker."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from PIL import Image

from kit.testing.house import House, house
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system
GENERATIONS = "/v1/video/generations"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), video_seconds=0.5) as running:
        yield running


@pytest.fixture(scope="module")
async def made(
    servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    env = {
        "SORA_API_BASE": vendor.openai_base,
        "SORA_API_KEY": "sk-test-key-of-the-simulator",
        "RUNWAY_API_BASE": f"{vendor.url}/runway",
        "RUNWAYML_API_SECRET": "key_test-key-of-the-simulator",
    }
    async with house(servers, Path(tmp_path_factory.mktemp("generations")), env) as running:
        for service in ("video", "gateway"):
            await running.start(service)
        yield running


@pytest.fixture
async def rest(made: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=made.url, timeout=60) as client:
        yield client


@pytest.fixture
async def sdk(made: House) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{made.url}/v1", api_key="unused", max_retries=0, timeout=60) as client:
        yield client


async def ended(rest: httpx.AsyncClient, name: str, seconds: float = 120) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while True:
        record: dict[str, Any] = (await rest.get(f"{GENERATIONS}/{name}")).json()
        if record["status"] not in ("queued", "processing"):
            return record
        assert time.monotonic() < end, record
        await asyncio.sleep(0.2)


def png(width: int = 90, height: int = 160) -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((width, height)).save(buffer, "PNG")
    return buffer.getvalue()


async def test_openais_own_sdk_makes_follows_and_fetches_a_film(sdk: AsyncOpenAI, vendor: RunningSimulator) -> None:
    vendor.reset()
    video = await sdk.videos.create_and_poll(
        model="sora-2", prompt="A pier at night", seconds="4", size="720x1280", input_reference=("a.png", png())
    )
    assert (video.status, video.progress, video.error, video.seconds, video.size) == (
        "completed",
        100,
        None,
        "4",
        "720x1280",
    )
    assert video.id.startswith("video_")
    assert video.model == "sora-2"
    film = (await sdk.videos.download_content(video.id)).content
    assert film[4:8] == b"ftyp"
    stills: tuple[Literal["thumbnail", "spritesheet"], ...] = ("thumbnail", "spritesheet")
    for variant in stills:
        still = (await sdk.videos.download_content(video.id, variant=variant)).content
        with Image.open(io.BytesIO(still)) as opened:
            assert opened.format == "JPEG"
    assert len(vendor.ledger()) == 1

    listed = await sdk.videos.list(limit=1)
    assert [one.id for one in listed.data] == [video.id]
    again = await sdk.videos.remix(video.id, prompt="The same in the rain")
    assert again.remixed_from_video_id == video.id
    assert (await sdk.videos.poll(again.id)).status == "completed"
    assert [one.id for one in (await sdk.videos.list(after=again.id)).data][:1] == [video.id]
    assert (await sdk.videos.delete(video.id)).deleted
    with pytest.raises(NotFoundError) as gone:
        await sdk.videos.retrieve(video.id)
    assert gone.value.code == "not_found"
    with pytest.raises(BadRequestError) as refused:
        await sdk.videos.create(prompt="A pier", model="luma/ray-2")
    assert refused.value.body == {
        "message": "No active API key found for provider: luma",
        "type": "invalid_request_error",
        "param": "provider",
        "code": "no_active_key",
    }
    assert {"runway/gen4.5", "local", "sora-2"} <= {one.id async for one in sdk.models.list()}


async def test_the_media_contract_field_by_field(rest: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    vendor.reset()
    wish = {"model": "runway-gen4", "prompt": "A ferry at dawn", "duration": 5, "seed": 7, "surprise": 1}
    answer = await rest.post(GENERATIONS, json=wish)
    assert answer.status_code == 200, answer.text
    first = answer.json()
    assert (first["object"], first["status"], first["provider"], first["model"]) == (
        "video.generation",
        "queued",
        "runway",
        "runway-gen4",
    )
    assert (first["resolved_model"], first["video"], first["usage"], first["error"]) == (
        "runway/gen4.5",
        None,
        None,
        None,
    )
    assert first["parameters"] == {"duration": 5, "aspect_ratio": "16:9", "seed": 7}
    assert answer.headers["x-sfd-ignored"] == "surprise"
    assert "runway-gen4 is retired" in answer.headers["x-sfd-warning"]
    done = await ended(rest, first["id"])
    assert done["status"] == "completed", done
    assert (done["video"]["url"], done["video"]["width"], done["video"]["height"]) == (
        f"/videos/{first['id']}.mp4",
        256,
        144,
    ), "what the simulator's film really holds"
    assert done["provider_job_id"]
    assert done["usage"]["cost"] == 0.6
    part = await rest.get(done["video"]["url"], headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    listed = (await rest.get(GENERATIONS, params={"provider": "runway", "status": "completed", "limit": 1})).json()
    assert [one["id"] for one in listed] == [first["id"]]
    assert (await rest.get(GENERATIONS, params={"provider": "luma"})).json() == []
    deleted = await rest.delete(f"{GENERATIONS}/{first['id']}")
    assert deleted.json() == {"message": "Generation deleted successfully"}
    gone = await rest.get(f"{GENERATIONS}/{first['id']}")
    assert (gone.status_code, gone.json()["detail"]) == (404, "Generation not found")
    assert (await rest.get(done["video"]["url"])).status_code == 404
    assert (await rest.get(done["video"]["media_url"])).status_code == 404


@pytest.mark.parametrize(
    ("wish", "status", "detail"),
    [
        ({"model": "kling-1.5", "provider": "kling"}, 400, "No active API key found for provider: kling"),
        ({"model": "ray-2"}, 400, "No active API key found for provider: luma"),
        ({"model": "sora-2", "duration": 99}, 422, "duration must be 1 to 10 seconds."),
        ({"model": "sora-2", "duration": 0}, 422, ""),
        ({"model": "who-knows", "duration": 11}, 422, "duration must be 1 to 10 seconds."),
    ],
)
async def test_what_is_refused(rest: httpx.AsyncClient, wish: dict[str, Any], status: int, detail: str) -> None:
    answer = await rest.post(GENERATIONS, json={"prompt": "A pier", **wish})
    assert answer.status_code == status, answer.text
    assert detail in answer.json()["detail"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_without_any_vendor_the_local_film_maker_films_in_the_asked_frame(rest: httpx.AsyncClient) -> None:
    wish = {"model": "local", "prompt": "A lighthouse at dawn, high waves", "duration": 4, "aspect_ratio": "16:9"}
    record = await ended(rest, (await rest.post(GENERATIONS, json=wish)).json()["id"])
    assert record["status"] == "completed", record
    assert (record["video"]["width"], record["video"]["height"], record["usage"]["cost"]) == (1280, 720, 0.0)
    assert record["provider"] == "local"


async def test_a_restart_resumes_what_is_at_the_vendor(
    rest: httpx.AsyncClient, made: House, vendor: RunningSimulator
) -> None:
    vendor.reset()
    vendor.fault("stall", seconds=4)
    name = (await rest.post(GENERATIONS, json={"model": "sora-2", "prompt": "A pier", "duration": 4})).json()["id"]
    while not (await rest.get(f"{GENERATIONS}/{name}")).json()["provider_job_id"]:
        await asyncio.sleep(0.05)
    made.processes["video"].kill9()
    await made.start_again("video")
    record = await ended(rest, name)
    assert record["status"] == "completed", record
    assert len(vendor.ledger()) == 1, "it was bought once"


async def test_auto_asks_the_next_vendor_only_after_a_proof(rest: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    vendor.reset()
    wish = {"model": "auto", "provider": "auto:cost", "prompt": "A pier", "duration": 4, "aspect_ratio": "9:16"}
    chosen = (await rest.post(GENERATIONS, json=wish)).json()
    record = await ended(rest, chosen["id"])
    assert record["status"] == "completed", record
    first = record["provider"]
    vendor.reset()
    vendor.fault("status", status=400, match={"vendor": first})
    other = await ended(rest, (await rest.post(GENERATIONS, json=wish)).json()["id"])
    assert other["status"] == "completed", other
    assert other["provider"] != first
    mine = (await rest.get(GENERATIONS, params={"provider": other["provider"], "limit": 1})).json()
    assert [one["id"] for one in mine] == [other["id"]], "found by who has made it"
    assert len(vendor.ledger()) == 1


async def test_a_cancelled_film_stops_at_the_vendor(rest: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    vendor.reset()
    vendor.fault("stall", seconds=60)
    name = (await rest.post(GENERATIONS, json={"model": "sora-2", "prompt": "A pier", "duration": 4})).json()["id"]
    while not (await rest.get(f"{GENERATIONS}/{name}")).json()["provider_job_id"]:
        await asyncio.sleep(0.05)
    assert (await rest.post(f"/v1/videos/{name.replace('gen_', 'video_')}/cancel")).status_code == 200
    record = await ended(rest, name)
    assert (record["status"], record["error"]) == ("cancelled", "cancelled")
    assert (await rest.delete(f"{GENERATIONS}/{name}")).status_code == 200
