"""One picture or film at a time over REST: what is asked of the house, and what the client gets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from kit import errors
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway import step_fakes
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse

MINA = "/dramas/d/characters/mina"
SCENE = "/dramas/d/episodes/ep01/scenes/ep01_s01"
Asked = story_service_pb2.ExecuteStepRequest


def only_run(house: FullHouse) -> job_pb2.Run:
    """Returns the one run that there is."""
    (run,) = house.runs.values()
    return run


async def under_way(house: FullHouse) -> job_pb2.Run:
    """Returns the one run as soon as it is accepted."""
    while not house.runs:
        await asyncio.sleep(0.01)
    return only_run(house)


async def test_without_a_body_the_answer_is_the_character_with_its_picture(
    api: httpx.AsyncClient, house: FullHouse
) -> None:
    a_drama(house)
    answering = asyncio.create_task(api.post(f"{MINA}/generate"))
    run = await under_way(house)
    step_fakes.finish(house, run, "http://m/mina.png")
    answer = await answering
    assert (answer.status_code, answer.json()["url"]) == (200, "http://m/mina.png")
    assert answer.json() == (await api.get(MINA)).json()
    assert answer.headers["etag"] == (await api.get(MINA)).headers["etag"]
    asked = house.last(Asked)
    assert (asked.drama_id, asked.step, asked.prompt, list(asked.reference_urls)) == ("d", "portrait:mina", "", [])
    record = (await api.get(answer.headers["location"])).json()
    assert (record["type"], record["status"]) == ("generate_image", "completed")
    assert record["result"] == {"dramaId": "d", "characterId": "mina", "imageUrl": "http://m/mina.png"}
    assert record["r2_url"] == "http://m/mina.png"
    listed = (await api.get("/dramas/d/jobs")).json()["jobs"][0]
    assert (listed["result"], listed["r2_url"]) == (record["result"], record["r2_url"])
    step = (await api.get(f"/dramas/d/jobs/{record['jobs'][0]['job_id']}")).json()
    assert (step["parentJobId"], step["r2_url"]) == (record["jobId"], record["r2_url"])


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, {"prompt": "A diver in oilskin."}),
        ({}, {}),
        ({"async": "true"}, None),
        ({"async": "true"}, {"prompt": ""}),
    ],
)
async def test_with_a_body_or_async_the_answer_is_the_character_and_its_job(
    api: httpx.AsyncClient, house: FullHouse, query: dict[str, str], body: dict[str, Any] | None
) -> None:
    a_drama(house)
    answer = await api.post(f"{MINA}/generate", params=query, json=body)
    run = only_run(house)
    location = f"/dramas/d/jobs/{run.public_id}"
    assert (answer.status_code, answer.headers["location"]) == (200, location)
    assert answer.json() == (await api.get(MINA)).json() | {
        "job_id": run.public_id,
        "jobId": run.public_id,
        "drama_id": "d",
        "dramaId": "d",
        "character_id": "mina",
        "characterId": "mina",
        "status": "pending",
        "message": f"Poll GET {location} for status",
    }
    # An empty prompt means what the drama says.
    assert house.last(Asked).prompt == (body or {}).get("prompt", "")


async def test_a_body_and_async_false_wait(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    house.outcome = "http://m/x.png"
    answer = await api.post(f"{MINA}/generate", params={"async": "false"}, json={"prompt": "x"})
    assert (answer.status_code, answer.json()["url"], "job_id" in answer.json()) == (200, "http://m/x.png", False)


@pytest.mark.parametrize("wait", ["wait=1", "wait=0"])
async def test_a_picture_that_takes_longer_is_a_job(api: httpx.AsyncClient, house: FullHouse, wait: str) -> None:
    a_drama(house)
    answer = await api.post(f"{MINA}/generate", headers={"Prefer": wait})
    run = only_run(house)
    assert answer.status_code == 202
    assert answer.json()["jobId"] == answer.json()["job_id"] == run.public_id
    assert answer.json()["character_id"] == "mina"
    assert answer.json()["status"] == "pending"


async def test_a_picture_that_failed_says_why(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answering = asyncio.create_task(api.post(f"{MINA}/generate"))
    step_fakes.fail(house, await under_way(house), "The vendor refused the prompt.")
    answer = await answering
    assert answer.status_code == 500
    assert answer.json()["detail"] == {
        "error": "Image generation failed",
        "message": "The vendor refused the prompt.",
    }
    assert answer.json()["reason"] == "vendor_refused"


async def test_a_picture_may_fail_without_failing_its_run(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answering = asyncio.create_task(api.post(f"{MINA}/generate"))
    run = await under_way(house)
    step_fakes.fail(house, run, "No luck.")
    run.state = job_pb2.JOB_STATE_SUCCEEDED
    run.ClearField("failure")
    answer = await answering
    assert (answer.status_code, answer.json()["detail"]["message"]) == (500, "No luck.")


async def test_a_picture_that_was_cancelled(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answering = asyncio.create_task(api.post(f"{MINA}/generate"))
    run = await under_way(house)
    await api.post(f"/dramas/d/jobs/{run.public_id}/cancel")
    house.jobs[run.id][0].state = job_pb2.JOB_STATE_CANCELLED
    answer = await answering
    assert (answer.status_code, answer.json()["reason"]) == (500, "cancelled")


async def test_the_record_may_be_away_while_it_waits(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answering = asyncio.create_task(api.post(f"{MINA}/generate"))
    run = await under_way(house)
    house.failures["GetRun"] = errors.Unavailable("Away.")
    while "GetRun" in house.failures:
        await asyncio.sleep(0.05)
    step_fakes.finish(house, run, "http://m/y.png")
    assert (await answering).json()["url"] == "http://m/y.png"


async def test_a_wish_reaches_the_story(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    house.warnings.append("sora-2 is retired")
    wish = {
        "prompt": "Rain.",
        "reference_images": ["https://x/1.png", "http://x/2.png"],
        "duration": 15,
        "provider": "openai",
        "style": "noir",
        "ceiling_usd": 0.5,
        "colour": "red",
    }
    answer = await api.post(f"{SCENE}/assets/ep01_s01_clip/generate", json=wish)
    assert answer.status_code == 202
    assert (answer.headers["x-sfd-ignored"], answer.headers["x-sfd-warning"]) == ("colour", "sora-2 is retired")
    asked = house.last(Asked)
    assert (asked.step, asked.prompt, asked.duration) == ("clip:ep01_s01", "Rain.", 15)
    assert list(asked.reference_urls) == wish["reference_images"]
    assert (asked.options.cast.filmer, asked.options.style) == ("openai", "noir")
    assert asked.ceiling_nano_usd == 500_000_000
    answer = await api.post(f"{MINA}/generate", json={"duration": 5, "referenceImages": ["https://x/1.png"]})
    assert (house.last(Asked).duration, answer.headers["x-sfd-ignored"]) == (0, "duration")
    assert list(house.last(Asked).reference_urls) == ["https://x/1.png"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reference_images": ["ftp://x/a.png"]}, "reference_images[0]"),
        ({"reference_images": ["https://x/a.png", "/media/a.png"]}, "reference_images[1]"),
        ({"reference_images": ["https:///a.png"]}, "reference_images[0]"),
        ({"reference_images": ["http://[::1/a.png"]}, "reference_images[0]"),
        ({"reference_images": ["data:image/png;base64,AAAA"]}, "reference_images[0]"),
        ({"reference_images": ["https://x/" + "a" * 2048]}, "reference_images[0]"),
        ({"reference_images": ["https://x/a.png"] * 4}, "reference_images"),
        ({"referenceImages": ["file:///etc/passwd"]}, "referenceImages[0]"),
        ({"duration": 0}, "duration"),
        ({"prompt": 1}, "prompt"),
        ({"prompt": "x" * 8001}, "prompt"),
        ({"ceiling_usd": -1}, "ceiling_usd"),
        ({"provider": "nobody"}, "provider"),
    ],
)
async def test_a_wrong_wish_is_named(
    api: httpx.AsyncClient, house: FullHouse, wrong: dict[str, object], field: str
) -> None:
    a_drama(house)
    for path in (f"{MINA}/generate", f"{SCENE}/assets/ep01_s01_board/generate", "/dramas/d/episodes/ep01/stitch"):
        house.dramas["d"].episodes[0].scenes[0].video_url = "http://m/v.mp4"
        answer = await api.post(path, json=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not house.runs


@pytest.mark.parametrize(
    ("path", "step", "type_", "about"),
    [
        (f"{SCENE}/assets/ep01_s01_board/generate", "storyboard:ep01_s01", "generate_image", {"scene_id": "ep01_s01"}),
        (f"{SCENE}/assets/ep01_s01_clip/generate", "clip:ep01_s01", "generate_video", {"episode_id": "ep01"}),
        (f"{SCENE}/assets/ep01_s01_more/generate", "asset:scene:ep01_s01:ep01_s01_more", "generate_image", {}),
        (f"{MINA}/assets/front/generate", "portrait:mina", "generate_image", {"character_id": "mina"}),
        (f"{MINA}/assets/mina_portrait_front_halfbody/generate", "portrait:mina", "generate_image", {}),
        (f"{MINA}/assets/mina_audition_video/generate", "audition:mina", "generate_video", {}),
        (f"{MINA}/assets/back/generate", "asset:character:mina:back", "generate_image", {}),
    ],
)
async def test_an_asset_is_drawn_or_filmed_by_its_kind(
    api: httpx.AsyncClient, house: FullHouse, path: str, step: str, type_: str, about: dict[str, str]
) -> None:
    drama = a_drama(house)
    assets = drama.characters[0].assets
    assets.add(id="front", kind=1, metadata_json='{"type":"character_portrait"}')
    assets.add(id="mina_portrait_front_halfbody", kind=1)
    assets.add(id="mina_audition_video", kind=2)
    assets.add(id="back", kind=1)
    answer = await api.post(path, json={"prompt": "x"})
    run = only_run(house)
    body = answer.json()
    assert answer.status_code == 202
    asset_id = path.split("/")[-2]
    wanted = {
        "job_id": run.public_id,
        "drama_id": "d",
        "asset_id": asset_id,
        "status": "pending",
        "message": f"Poll GET /dramas/d/jobs/{run.public_id} for status",
        "jobId": run.public_id,
        "dramaId": "d",
        "assetId": asset_id,
        **about,
    }
    assert wanted.items() <= body.items()
    assert house.last(Asked).step == step
    assert (await api.get(answer.headers["location"])).json()["type"] == type_


async def test_a_scene_is_filmed(api: httpx.AsyncClient, house: FullHouse) -> None:
    drama = a_drama(house)
    answer = await api.post(f"{SCENE}/generate")
    run = only_run(house)
    assert answer.status_code == 202
    assert {
        "message": f"Poll GET /dramas/d/jobs/{run.public_id} for status",
        "dramaId": "d",
        "episodeId": "ep01",
        "sceneId": "ep01_s01",
        "status": "pending",
        "jobId": run.public_id,
        "job_id": run.public_id,
    }.items() <= answer.json().items()
    assert house.last(Asked).step == "clip:ep01_s01"
    step_fakes.finish(house, run, "http://m/v.mp4")
    result = (await api.get(answer.headers["location"])).json()["result"]
    assert result == {"dramaId": "d", "episodeId": "ep01", "sceneId": "ep01_s01", "videoUrl": "http://m/v.mp4"}
    del drama.episodes[0].scenes[1].assets[1]
    await api.post("/dramas/d/episodes/ep01/scenes/ep01_s02/generate")
    assert house.last(Asked).step == "storyboard:ep01_s02"


async def test_an_episode_is_stitched(api: httpx.AsyncClient, house: FullHouse) -> None:
    drama = a_drama(house)
    answer = await api.post("/dramas/d/episodes/ep01/stitch")
    assert (answer.status_code, answer.json()["reason"]) == (409, "no_clips")
    drama.episodes[0].scenes[0].video_url = "http://m/v.mp4"
    answer = await api.post("/dramas/d/episodes/ep01/stitch")
    assert (answer.status_code, house.last(Asked).step) == (202, "assemble:ep01")
    assert answer.json()["episodeId"] == "ep01"
    assert (await api.get(answer.headers["location"])).json()["type"] == "generate_video"


@pytest.mark.parametrize(
    ("path", "kind", "missing"),
    [
        ("/dramas/x/characters/mina/generate", "Drama", "x"),
        ("/dramas/d/characters/x/generate", "Character", "x"),
        ("/dramas/d/characters/mina/assets/x/generate", "Asset", "x"),
        ("/dramas/d/episodes/ep01/scenes/x/generate", "Scene", "x"),
        ("/dramas/d/episodes/x/scenes/x/generate", "Episode", "x"),
        (f"{SCENE}/assets/x/generate", "Asset", "x"),
        ("/dramas/d/episodes/x/stitch", "Episode", "x"),
    ],
)
async def test_the_404_of_each_kind(
    api: httpx.AsyncClient, house: FullHouse, path: str, kind: str, missing: str
) -> None:
    a_drama(house)
    answer = await api.post(path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == {"error": f"{kind} not found", "message": f"{kind} {missing} not found"}
    assert not house.runs


async def test_the_cover_needs_its_cast(api: httpx.AsyncClient, house: FullHouse) -> None:
    answer = await api.post("/dramas/d/cover_photo")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Drama not found")
    drama = a_drama(house)
    drama.characters[1].main = True
    answer = await api.post("/dramas/d/cover_photo")
    assert answer.status_code == 400
    assert "Mina, Ai" in answer.json()["detail"]
    for character in drama.characters:
        character.main = False
    answer = await api.post("/dramas/d/cover_photo")
    assert (answer.status_code, answer.json()["reason"]) == (400, "no_main_character")
    assert not house.runs


async def test_the_cover_is_drawn(api: httpx.AsyncClient, house: FullHouse) -> None:
    drama = a_drama(house)
    drama.characters[0].url = "http://m/mina.png"
    answer = await api.post("/dramas/d/cover_photo", params={"async": "true"})
    assert (answer.status_code, answer.json()["jobId"]) == (202, only_run(house).public_id)
    house.outcome = "http://m/cover.png"
    answer = await api.post("/dramas/d/cover_photo")
    assert (answer.status_code, answer.json()["url"]) == (200, "http://m/cover.png")
    assert answer.json() == (await api.get("/dramas/d")).json()
    assert house.last(Asked).step == "cover"
    labels = json.loads(house.last(Asked).metadata_json)
    assert labels == {"job_type": "generate_image", "step": "cover"}


async def test_a_cover_that_failed_says_why(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house).characters[0].url = "http://m/mina.png"
    answering = asyncio.create_task(api.post("/dramas/d/cover_photo"))
    step_fakes.fail(house, await under_way(house), "No luck.")
    answer = await answering
    assert (answer.status_code, answer.json()["detail"]["message"]) == (500, "No luck.")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("reference_urls[1]", "reference_images[1]"),
        ("ceiling_nano_usd", "ceiling_usd"),
        ("options.cast.painter_model", "cast.painter_model"),
    ],
)
async def test_a_field_is_named_as_the_client_named_it(
    api: httpx.AsyncClient, house: FullHouse, theirs: str, ours: str
) -> None:
    a_drama(house)
    house.failures["ExecuteStep"] = errors.InvalidInput("No.", field=theirs)
    answer = await api.post(f"{MINA}/generate")
    assert (answer.status_code, answer.json()["field"]) == (422, ours)
    assert answer.json()["detail"][0]["loc"][0] == "body"


async def test_a_step_that_the_story_refuses(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    for failure, status in (
        (errors.NotReady("It is under way.", reason="in_progress"), 409),
        (errors.InvalidInput("No such model.", field="options.cast.painter_model"), 422),
        (errors.Exhausted("Over the ceiling.", reason="over_ceiling"), 429),
        (errors.Unavailable("Away."), 503),
    ):
        house.failures["ExecuteStep"] = failure
        answer = await api.post(f"{MINA}/generate")
        assert (answer.status_code, bool(answer.json()["request_id"])) == (status, True)
