"""Films of no drama over REST: both contracts' bodies, ids, errors, pages, bytes and pictures."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from kit.providers.catalogue import Film, Model, rows_json
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.video.v1 import generation_service_pb2 as rpc
from tests.contract.gateway.full_house import FullHouse

GENERATIONS = "/v1/video/generations"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def made(api: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await api.post(GENERATIONS, json={"model": "runway-gen4", "prompt": "A pier", **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def finish(house: FullHouse, name: str, asset_id: str = "") -> job_pb2.Run:
    run = house.run(name)
    run.state, run.cost_nano_usd = job_pb2.JOB_STATE_SUCCEEDED, 600_000_000
    run.created_at.FromSeconds(1_763_600_000)
    run.finished_at.FromSeconds(1_763_600_041)
    product = {"asset_id": asset_id, "url": "http://m/x.mp4", "duration": 5.0, "width": 1280, "height": 720}
    run.result_json = json.dumps(product)
    return run


async def test_a_finished_generation_has_the_contracts_body(api: httpx.AsyncClient, house: FullHouse) -> None:
    first = await made(api, duration=6)
    assert (first["status"], first["video"], first["usage"], first["error"], first["completed_at"]) == (
        *("queued", None, None, None),
        None,
    )
    wish = house.last(rpc.GenerateVideoRequest).wish
    assert (wish.legacy, wish.seconds, wish.aspect_ratio) == (True, 6, "16:9")
    run = finish(house, first["id"])
    house.submissions["s"] = job_pb2.Submission(id="s", run_id=run.id, operation_id="task-1")
    done = (await api.get(f"{GENERATIONS}/{first['id']}")).json()
    contract = {
        "id": first["id"],
        "object": "video.generation",
        "created": 1_763_600_000,
        "model": "runway-gen4",
        "provider": "runway",
        "status": "completed",
        "prompt": "A pier",
        "usage": {"cost": 0.6, "time_seconds": 41.0},
        "error": None,
        "completed_at": "2025-11-20T00:54:01",
    }
    assert {name: done[name] for name in contract} == contract
    assert {name: done["video"][name] for name in ("url", "duration", "width", "height")} == {
        "url": f"/videos/{first['id']}.mp4",
        "duration": 5.0,
        "width": 1280,
        "height": 720,
    }
    assert (done["provider_job_id"], done["progress"]) == ("task-1", 1.0)
    assert (await api.get(GENERATIONS)).json() == [done], "a list tells of a film what it tells alone"
    twin = (await api.get(f"/v1/videos/{first['id'].replace('gen_', 'video_')}")).json()
    assert (twin["id"], twin["status"], twin["progress"], twin["seconds"], twin["completed_at"]) == (
        *(first["id"].replace("gen_", "video_"), "completed", 100, "5"),
        1_763_600_041,
    )
    assert (await api.get(f"/v1/videos/{first['id']}")).json() == twin, "two spellings of one row"


@pytest.mark.parametrize(
    ("state", "media", "openai"),
    [
        (job_pb2.JOB_STATE_QUEUED, "queued", "queued"),
        (job_pb2.JOB_STATE_RUNNING, "processing", "in_progress"),
        (job_pb2.JOB_STATE_SUCCEEDED, "completed", "completed"),
        (job_pb2.JOB_STATE_FAILED, "failed", "failed"),
        (job_pb2.JOB_STATE_CANCELLED, "cancelled", "failed"),
    ],
)
async def test_each_contract_has_its_own_words(
    api: httpx.AsyncClient, house: FullHouse, state: job_pb2.JobState.ValueType, media: str, openai: str
) -> None:
    name = (await made(api))["id"]
    house.run(name).state = state
    if state == job_pb2.JOB_STATE_FAILED:
        house.run(name).failure.CopyFrom(job_pb2.Failure(reason="model_refused", message="No."))
    assert (await api.get(f"{GENERATIONS}/{name}")).json()["status"] == media
    answer = await api.get(f"/v1/videos/{name}")
    video = answer.json()
    assert (video["status"], answer.headers["openai-poll-after-ms"]) == (openai, "2000")
    assert (video["error"] or {}).get("code") == {"failed": "model_refused", "cancelled": "cancelled"}.get(media)
    listed = (await api.get(GENERATIONS, params={"status": media})).json()
    assert [one["id"] for one in listed] == [name]
    assert (await api.get(GENERATIONS, params={"status": "no such word"})).json() == []


async def test_how_far_a_film_is_costs_no_call_of_its_own(api: httpx.AsyncClient, house: FullHouse) -> None:
    name = (await made(api))["id"]
    run = house.run(name)
    run.state, run.progress = job_pb2.JOB_STATE_RUNNING, 0.4
    house.asked.clear()
    assert (await api.get(f"/v1/videos/{name}")).json()["progress"] == 40
    assert len(house.asked) == 1
    assert (await api.get(f"{GENERATIONS}/{name}")).json()["progress"] == 0.4
    assert [one["progress"] for one in (await api.get("/v1/videos")).json()["data"]] == [40]
    assert [one["progress"] for one in (await api.get(GENERATIONS)).json()] == [0.4]
    # The media contract also tells the vendor's own id: one more question, however many films there are.
    assert len(house.asked) == 6


async def test_errors_have_the_form_of_their_contract(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    gone = await api.get(f"{GENERATIONS}/gen_ffffffffffff")
    assert (gone.status_code, gone.json()["detail"]) == (404, "Generation not found")
    for name in ("job_0a1b2c3d4e5f", "gen_XYZ", "x"):
        assert (await api.get(f"{GENERATIONS}/{name}")).json()["detail"] == "Generation not found"
    video = await api.get("/v1/videos/video_ffffffffffff")
    assert video.status_code == 404
    assert video.json()["error"] == {
        "message": "Video not found",
        "type": "not_found_error",
        "param": None,
        "code": "not_found",
    }
    assert video.json()["request_id"] == video.headers["x-request-id"]
    refused = await api.post(GENERATIONS, json={"model": "ray-2", "prompt": "A pier", "provider": "luma"})
    assert (refused.status_code, refused.json()["detail"]) == (400, "No active API key found for provider: luma")
    for duration in (0, 11, -1, "5", 2.5):
        bad = await api.post(GENERATIONS, json={"model": "x", "prompt": "A pier", "duration": duration})
        assert (bad.status_code, bad.json()["field"], type(bad.json()["detail"])) == (422, "duration", str)
    empty = await api.post("/v1/videos", json={"prompt": ""})
    assert (empty.status_code, empty.json()["error"]["param"]) == (422, "prompt")
    nobody = await stranger.get("/v1/videos")
    assert (nobody.status_code, nobody.json()["error"]["type"]) == (401, "authentication_error")
    assert (await stranger.get(GENERATIONS)).json()["detail"].startswith("Missing API key")
    assert (await api.get("/dramas/nothing")).json()["detail"]["error"] == "Drama not found", "the house's own form"


async def test_pages(api: httpx.AsyncClient) -> None:
    names = [(await made(api))["id"] for _ in range(5)]
    newest = names[::-1]
    listed = (await api.get(GENERATIONS, params={"skip": 1, "limit": 2})).json()
    assert [one["id"] for one in listed] == newest[1:3]
    videos = [name.replace("gen_", "video_") for name in newest]
    page = (await api.get("/v1/videos", params={"limit": 2})).json()
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (videos[:2], True)
    assert (page["first_id"], page["last_id"]) == (videos[0], videos[1])
    rest = (await api.get("/v1/videos", params={"after": page["last_id"]})).json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == (videos[2:], False)
    oldest = (await api.get("/v1/videos", params={"order": "asc", "limit": 1})).json()
    assert [one["id"] for one in oldest["data"]] == videos[-1:]
    for wrong in ({"limit": 0}, {"limit": 101}, {"order": "up"}, {"after": "video_ffffffffffff"}):
        assert (await api.get("/v1/videos", params=wrong)).status_code in (404, 422)


async def test_a_film_under_way_is_stopped_before_it_is_removed(api: httpx.AsyncClient, house: FullHouse) -> None:
    name = (await made(api))["id"]
    house.run(name).state = job_pb2.JOB_STATE_RUNNING
    answer = await api.delete(f"{GENERATIONS}/{name}")
    assert (answer.status_code, answer.json()) == (200, {"message": "Generation deleted successfully"})
    assert len([one for one in house.asked if isinstance(one, job_service_pb2.DeleteRunRequest)]) == 2
    assert (await api.delete(f"{GENERATIONS}/{name}")).status_code == 404
    other = (await made(api))["id"]
    cancelled = await api.post(f"{GENERATIONS}/{other}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    deleted = await api.delete(f"/v1/videos/{other}")
    assert deleted.json() == {"id": other.replace("gen_", "video_"), "object": "video.deleted", "deleted": True}


async def test_what_is_not_ready_has_no_bytes(api: httpx.AsyncClient) -> None:
    name = (await made(api))["id"]
    assert (await api.get(f"/v1/videos/{name}/content")).status_code == 409
    early_file = await api.get(f"/videos/{name}.mp4")
    assert (early_file.status_code, early_file.json()["reason"]) == (404, "video_not_ready"), "a file that is not there"
    assert (await api.get("/videos/gen_0.mp4")).status_code == 404
    wrong = await api.get(f"/v1/videos/{name}/content", params={"variant": "poster"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (422, "variant")
    early = await api.post(f"/v1/videos/{name}/remix", json={"prompt": "In the rain"})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "video_not_ready")


async def test_pictures_come_as_url_data_uri_asset_or_file(api: httpx.AsyncClient, house: FullHouse) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    url = "https://pictures.example/a.png"
    await made(api, image=uri, last_frame=url, reference_images=[url, uri])
    wish = house.last(rpc.GenerateVideoRequest).wish
    assert (wish.last_frame, wish.reference_images[0]) == (url, url)
    assert wish.image in house.assets
    assert wish.reference_images[1] in house.assets
    for bad in ("data:image/png,xx", "data:image/png;base64,!!", "data:image/png;base64,AAAA"):
        answer = await api.post(GENERATIONS, json={"model": "x", "prompt": "A pier", "image": bad})
        assert (answer.status_code, answer.json()["field"]) == (422, "image")
    form = await api.post(
        "/v1/videos",
        data={"prompt": "A pier", "seconds": "8", "audio": "true", "seed": "7", "provider": "runway"},
        files={"input_reference": ("a.png", PNG, "image/png")},
    )
    assert form.status_code == 200, form.text
    wish = house.last(rpc.GenerateVideoRequest).wish
    assert (wish.seconds, wish.audio, wish.seed, wish.provider, wish.model) == (8, True, 7, "runway", "sora-2")
    assert wish.image in house.assets
    named = await api.post("/v1/videos", json={"prompt": "A pier", "input_reference": {"image_url": url}})
    assert named.status_code == 200, named.text
    assert house.last(rpc.GenerateVideoRequest).wish.image == url


async def test_the_same_key_and_wish_are_one_film(api: httpx.AsyncClient) -> None:
    wish, key = {"prompt": "A pier", "seconds": "4"}, {"Idempotency-Key": "film-1"}
    first, again = [(await api.post("/v1/videos", json=wish, headers=key)).json() for _ in range(2)]
    assert first["id"] == again["id"]
    other = await api.post("/v1/videos", json=wish | {"seconds": "8"}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")


async def test_models_of_the_catalogue(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/v1/models")).json()
    names = {one["id"]: one for one in listed["data"]}
    assert {"local", "runway/gen4.5", "sora-2", "kling-1.0"} <= set(names)
    assert len(names) == len(listed["data"]), "ids are unique"
    assert names["local"]["kind"] == "video"
    for name, one in names.items():
        assert (await api.get(f"/v1/models/{name}")).json() == one
    assert (await api.get("/v1/models/sora-2")).json()["successors"][-1] == "local/local"
    gone = await api.get("/v1/models/who-knows")
    assert (gone.status_code, gone.json()["error"]["message"]) == (404, "Model not found")


async def test_an_edit_is_a_remix_whose_film_is_in_the_body(api: httpx.AsyncClient, house: FullHouse) -> None:
    name = (await made(api))["id"]
    video = name.replace("gen_", "video_")
    early = await api.post("/v1/videos/edits", json={"prompt": "In the rain", "video": {"id": video}})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "video_not_ready")
    finish(house, name)
    for send in (
        {"json": {"prompt": "In the rain", "video": {"id": video}}},
        {"json": {"prompt": "In the rain", "video": name}},
        {"files": {"prompt": (None, "In the rain"), "video[id]": (None, video)}},
    ):
        answer = await api.post("/v1/videos/edits", **send)
        assert (answer.status_code, answer.json().get("remixed_from_video_id")) == (200, video), answer.text
        assert house.last(rpc.GenerateVideoRequest).wish.prompt == "In the rain"
    for wrong, field in (
        ({"prompt": "x"}, "video"),
        ({"video": video}, "prompt"),
        ({"prompt": "x", "video": 5}, "video"),
    ):
        bad = await api.post("/v1/videos/edits", json=wrong)
        assert (bad.status_code, bad.json()["error"]["param"].partition(".")[0]) == (422, field)
    gone = await api.post("/v1/videos/edits", json={"prompt": "x", "video": {"id": "video_ffffffffffff"}})
    assert (gone.status_code, gone.json()["error"]["message"]) == (404, "Video not found")


async def test_rows_of_installed_providers_are_models_too(api: httpx.AsyncClient, house: FullHouse) -> None:
    row = Model(
        id="pika-2", vendor="pika", kind="video", prices={"seconds": 50_000_000}, seconds=(5, 12), film=Film(seed=True)
    )
    house.rows_json = rows_json([row])
    house.vendors.append(rpc.FilmVendor(name="pika", key=rpc.KEY_OWNER_OPERATOR))
    assert (await api.get("/v1/models/pika/pika-2")).json()["owned_by"] == "pika"
    assert "pika/pika-2" in {one["id"] for one in (await api.get("/v1/models")).json()["data"]}
    found = next(one for one in (await api.get("/v1/providers")).json() if one["name"] == "pika")
    assert (found["models"], found["has_key"], found["key_status"]) == (["pika-2"], True, "active")
    assert (found["features"]["supports_seed"], found["features"]["max_duration"]) == (True, 12)
    wish = {"model": "pika-2", "prompt": "A pier", "duration": 12}
    assert (await api.post("/v1/usage/estimate", json=wish)).json()["estimated_cost"] == 0.6
    longer = await api.post("/v1/usage/estimate", json=wish | {"duration": 13})
    assert (longer.status_code, longer.json()["field"]) == (422, "duration")
    priced = (await api.get("/v1/usage/pricing")).json()["pricing"]
    assert ("pika", "pika-2", 0.05) in {(one["provider"], one["model"], one["per_second"]) for one in priced}
