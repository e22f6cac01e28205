"""Dramas over REST: the three ways to create, read, change, remove."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from kit import errors
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway.fakes import House

MINIMAL: dict[str, Any] = {
    "id": "drama_demo",
    "title": "Night Ferry",
    "description": "…",
    "premise": "…",
    "characters": [
        {
            "id": "char_mina",
            "name": "Mina",
            "description": "…",
            "gender": "female",
            "voice_description": "low, dry, unhurried",
            "main": True,
        }
    ],
    "episodes": [
        {
            "id": "ep01",
            "title": "Boarding",
            "description": "…",
            "scenes": [
                {
                    "id": "ep01_s01",
                    "description": "…",
                    "assets": [
                        {
                            "id": "ep01_s01_storyboard",
                            "kind": "image",
                            "depends_on": ["char_mina"],
                            "prompt": "…",
                        },
                        {
                            "id": "ep01_s01_clip",
                            "kind": "video",
                            "depends_on": ["ep01_s01_storyboard"],
                            "prompt": "…",
                            "duration": 10,
                        },
                    ],
                }
            ],
        }
    ],
}


async def test_a_premise_is_accepted(api: httpx.AsyncClient, house: House) -> None:
    answer = await api.post("/dramas", json={"premise": "A courier carries a letter."})
    assert answer.status_code == 202
    body = answer.json()
    run = next(iter(house.runs.values()))
    drama, job = body["dramaId"], body["jobId"]
    assert job == run.public_id
    assert body == {
        "dramaId": drama,
        "jobId": job,
        "drama_id": drama,
        "job_id": job,
        "status": "pending",
        "message": f"Drama generation job queued. Check status at: /dramas/{drama}/jobs/{job}",
    }
    assert answer.headers["x-request-id"]
    assert "x-sfd-ignored" not in answer.headers


async def test_extras_and_makers_reach_the_story(api: httpx.AsyncClient, house: House) -> None:
    house.warnings.append("gpt-5 is retired; gpt-6 — 하나 — writes instead\r\nX: y")
    body = {
        "premise": "x",
        "id": "my.drama-1",
        "model": "gpt-5",
        "episodes": 3,
        "language": "ko",
        "seed": 7,
        "scenes": True,
        "auditions": True,
        "style": "noir",
        "provider": "gemini",
        "cast": {"filmer": "local", "filmer_model": "m", "colour": 1},
        "owner_id": 5,
    }
    answer = await api.post("/dramas", json=body, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 202, answer.text
    assert answer.headers["x-sfd-ignored"] == "owner_id, cast.colour"
    assert "\\u" in answer.headers["x-sfd-warning"]
    assert "x" not in {key for key in answer.headers if len(key) == 1}
    asked = house.last(story_service_pb2.GenerateDramaRequest)
    options = asked.options
    assert (asked.drama_id, asked.premise, len(asked.request_id)) == ("my.drama-1", "x", 64)
    assert (options.episodes, options.language, options.seed, options.style) == (3, "ko", 7, "noir")
    assert options.scenes
    assert options.auditions
    cast = options.cast
    assert (cast.writer, cast.writer_model, cast.painter) == ("gemini", "gpt-5", "gemini")
    assert (cast.filmer, cast.filmer_model) == ("local", "m")


async def test_the_idempotency_key_is_bound_to_its_route(api: httpx.AsyncClient, house: House) -> None:
    seen = []
    for path, key in (("/dramas", "k"), ("/dramas", "k"), ("/dramas", "other")):
        await api.post(path, json={"premise": "x"}, headers={"Idempotency-Key": key})
        seen.append(house.last(story_service_pb2.GenerateDramaRequest).request_id)
    house.dramas["d"] = drama_pb2.Drama(id="d")
    await api.post("/dramas/d/improve", json={"feedback": "x"}, headers={"Idempotency-Key": "k"})
    seen.append(house.last(story_service_pb2.ImproveDramaRequest).request_id)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
    await api.post("/dramas", json={"premise": "x"})
    assert house.last(story_service_pb2.GenerateDramaRequest).request_id == ""


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
async def test_a_bad_idempotency_key_is_refused(api: httpx.AsyncClient, key: str) -> None:
    answer = await api.post("/dramas", json={"premise": "x"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["reason"] == "bad_idempotency_key"


async def test_the_same_key_for_another_body_is_422(api: httpx.AsyncClient, house: House) -> None:
    house.failures["GenerateDrama"] = errors.AlreadyExists("Used for something else.", reason="request_id_reused")
    answer = await api.post("/dramas", json={"premise": "x"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422


async def test_a_whole_drama_is_stored_with_every_default(api: httpx.AsyncClient, house: House) -> None:
    answer = await api.post("/dramas", json={"drama": MINIMAL})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert list(body) == [
        "id",
        "title",
        "description",
        "premise",
        "url",
        "characters",
        "episodes",
        "assets",
        "metadata",
    ]
    assert body["url"] is None
    assert body["metadata"] is None
    assert body["assets"] == []
    assert body["characters"][0] == {
        **MINIMAL["characters"][0],
        "url": None,
        "premise_url": None,
        "assets": [],
        "metadata": None,
    }
    scene = body["episodes"][0]["scenes"][0]
    assert (scene["image_url"], scene["video_url"], scene["metadata"]) == (None, None, None)
    assert [(a["kind"], a["duration"], a["url"], a["metadata"]) for a in scene["assets"]] == [
        ("image", None, None, None),
        ("video", 10, None, None),
    ]
    assert answer.headers["etag"] == '"drama_demo-1"'
    again = await api.get("/dramas/drama_demo")
    assert again.json() == body
    assert again.headers["etag"] == answer.headers["etag"]


async def test_metadata_comes_back_as_it_was(api: httpx.AsyncClient) -> None:
    metadata = {"b": 1.0, "a": [None, True, 9223372036854775807, "물", {"x": {}}], "": "e", "big": 1e300, "small": -0.5}
    drama = {**MINIMAL, "metadata": metadata}
    drama["characters"] = [{**MINIMAL["characters"][0], "metadata": {"type": "x", "n": 2}}]
    body = (await api.post("/dramas", json={"drama": drama})).json()
    assert json.dumps(body["metadata"]) == json.dumps(metadata)
    assert body["characters"][0]["metadata"] == {"type": "x", "n": 2}
    empty = (await api.post("/dramas", json={"drama": {**MINIMAL, "metadata": {}}})).json()
    assert empty["metadata"] == {}


async def test_unknown_and_server_owned_fields_are_named_and_ignored(api: httpx.AsyncClient, house: House) -> None:
    drama = {**MINIMAL, "revision": 99, "etag": "x", "characters": [{**MINIMAL["characters"][0], "a\r\nb": 1}]}
    answer = await api.post("/dramas", json={"drama": drama, "owner": 1})
    assert answer.status_code == 201
    assert answer.headers["x-sfd-ignored"] == "owner, drama.revision, drama.etag, drama.characters[0].a??b"
    assert house.dramas["drama_demo"].revision == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "a b"}, "drama.id"),
        ({"title": None}, "drama.title"),
        ({"title": 5}, "drama.title"),
        ({"characters": [{"id": "x"}]}, "drama.characters[0].name"),
        ({"characters": None}, "drama.characters"),
        ({"metadata": []}, "drama.metadata"),
        ({"assets": [{"id": "a", "kind": "audio", "prompt": ""}]}, "drama.assets[0].kind"),
        ({"assets": [{"id": "a", "kind": "video", "prompt": "", "duration": -0.0}]}, "drama.assets[0].duration"),
        ({"assets": [{"id": "a", "kind": "video", "prompt": "", "duration": 1e308}]}, "drama.assets[0].duration"),
        ({"episodes": [{}] * 1001}, "drama.episodes"),
        ({"description": "x" * 50_001}, "drama.description"),
    ],
)
async def test_a_wrong_drama_is_422_with_the_field(api: httpx.AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await api.post("/dramas", json={"drama": {**MINIMAL, **change}})
    assert answer.status_code == 422
    body = answer.json()
    assert body["field"] == field
    assert body["detail"][0]["loc"][0] == "body"
    assert {"type", "loc", "msg", "input"} <= set(body["detail"][0])


async def test_a_refusal_of_the_house_names_its_field(api: httpx.AsyncClient, house: House) -> None:
    house.failures["PutDrama"] = errors.InvalidInput("Twice.", reason="duplicate_id", field="drama.characters[1].id")
    answer = await api.post("/dramas", json={"drama": MINIMAL})
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail == [
        {
            "type": "duplicate_id",
            "loc": ["body", "drama", "characters", 1, "id"],
            "msg": "Twice.",
            "input": None,
        }
    ]


async def test_create_only_and_if_match_on_create(api: httpx.AsyncClient) -> None:
    assert (await api.post("/dramas", json={"drama": MINIMAL}, headers={"If-None-Match": "*"})).status_code == 201
    assert (await api.post("/dramas", json={"drama": MINIMAL}, headers={"If-None-Match": "*"})).status_code == 409
    assert (await api.post("/dramas", json={"drama": MINIMAL}, headers={"If-Match": '"old"'})).status_code == 412
    assert (await api.post("/dramas", json={"drama": MINIMAL})).status_code == 201


async def test_pages_go_to_the_end(api: httpx.AsyncClient) -> None:
    for number in range(5):
        await api.post("/dramas", json={"drama": {**MINIMAL, "id": f"d{number}", "url": "http://x/y.png"}})
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        body = (await api.get("/dramas", params=query)).json()
        assert set(body) == {"dramas", "cursor"}
        seen += [one["id"] for one in body["dramas"]]
        cursor = body["cursor"]
        if cursor is None:
            break
    assert seen == ["d4", "d3", "d2", "d1", "d0"]
    assert set(body["dramas"][0]) == {"id", "title", "description", "premise", "url", "metadata"}


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "a", "1e3", "1" * 30, "9" * 5000])
async def test_a_limit_out_of_range_is_422(api: httpx.AsyncClient, limit: str) -> None:
    answer = await api.get("/dramas", params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "limit"]


@pytest.mark.parametrize("cursor", ["not-ours", "a\x00b", "ü", "x" * 2000])
async def test_a_bad_cursor_is_400(api: httpx.AsyncClient, cursor: str) -> None:
    answer = await api.get("/dramas", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["reason"] == "bad_cursor"


async def test_patch_applies_only_what_was_sent(api: httpx.AsyncClient, house: House) -> None:
    await api.post("/dramas", json={"drama": {**MINIMAL, "url": "http://x/y", "metadata": {"a": 1}}})
    answer = await api.patch("/dramas/drama_demo", json={"title": "New", "url": None, "colour": 1})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["title"], body["url"], body["metadata"], body["premise"]) == ("New", None, {"a": 1}, "…")
    assert answer.headers["x-sfd-ignored"] == "colour"
    assert list(house.last(drama_service_pb2.UpdateDramaRequest).update_mask.paths) == ["title", "url"]
    cleared = (await api.patch("/dramas/drama_demo", json={"metadata": None, "description": None})).json()
    assert cleared["metadata"] is None
    assert cleared["description"] == ""
    calls = len(house.asked)
    same = await api.patch("/dramas/drama_demo", json={})
    assert same.json() == cleared
    assert not [one for one in house.asked[calls:] if isinstance(one, drama_service_pb2.UpdateDramaRequest)]


async def test_if_match_guards_a_change(api: httpx.AsyncClient) -> None:
    tag = (await api.post("/dramas", json={"drama": MINIMAL})).headers["etag"]
    first = await api.patch("/dramas/drama_demo", json={"title": "A"}, headers={"If-Match": tag})
    assert first.status_code == 200
    for stale in (tag, f'"x", {tag}', f"W/{first.headers['etag']}"):
        answer = await api.patch("/dramas/drama_demo", json={"title": "B"}, headers={"If-Match": stale})
        assert answer.status_code == 412, stale
    both = f'"x", {first.headers["etag"]}'
    assert (await api.patch("/dramas/drama_demo", json={"title": "C"}, headers={"If-Match": both})).status_code == 200
    bad = await api.patch("/dramas/drama_demo", json={"title": "D"}, headers={"If-Match": "nonsense"})
    assert bad.status_code == 400
    assert (await api.delete("/dramas/drama_demo", headers={"If-Match": tag})).status_code == 412


async def test_a_removal_under_a_condition_is_compared_and_repeated_by_the_record(
    api: httpx.AsyncClient, house: House
) -> None:
    tag = (await api.post("/dramas", json={"drama": MINIMAL})).headers["etag"]
    told = {"If-Match": tag, "Idempotency-Key": "k"}
    assert (await api.delete("/dramas/drama_demo", headers=told)).status_code == 200
    await api.delete("/dramas/drama_demo", headers=told)
    calls = [one for one in house.asked if isinstance(one, drama_service_pb2.DeleteDramaRequest)]
    assert [(one.if_etag, len(one.request_id)) for one in calls] == [(tag.strip('"'), 64)] * 2
    assert calls[0] == calls[1]


async def test_delete_and_every_404(api: httpx.AsyncClient) -> None:
    await api.post("/dramas", json={"drama": MINIMAL})
    gone = await api.delete("/dramas/drama_demo")
    assert (gone.status_code, gone.json()) == (200, {"success": True})
    again = await api.delete("/dramas/drama_demo")
    assert (again.status_code, again.json()) == (200, {"success": True})
    assert (await api.delete("/dramas/drama_demo", headers={"If-Match": '"seen"'})).status_code == 404
    for method, path, body in (
        ("GET", "/dramas/drama_demo", None),
        ("PATCH", "/dramas/drama_demo", {"title": "x"}),
        ("PATCH", "/dramas/drama_demo", {}),
        ("POST", "/dramas/drama_demo/improve", {"feedback": "x"}),
        ("POST", "/dramas/drama_demo/critique", None),
        ("POST", "/dramas/drama_demo/critic", {}),
        ("POST", "/dramas/drama_demo/execute", {}),
        ("POST", "/dramas/drama_demo/resume", None),
        ("GET", "/dramas/drama_demo/events", None),
        ("GET", "/dramas/drama_demo/submissions", None),
        ("POST", "/dramas/drama_demo/characters/c/audition", None),
        ("GET", "/dramas/drama_demo/characters/c/audition", None),
    ):
        answer = await api.request(method, path, json=body) if body is not None else await api.request(method, path)
        assert answer.status_code == 404, path
        told = answer.json()
        assert told["detail"] == {"error": "Drama not found", "message": "Drama drama_demo not found"}, path
        assert (told["error"], told["message"]) == ("Drama not found", "Drama drama_demo not found")
        assert told["request_id"] == answer.headers["x-request-id"]


async def test_a_body_of_too_many_values_is_refused_unread(api: httpx.AsyncClient, house: House) -> None:
    body = b'{"drama": [' + b"[]," * 500_000 + b"[]]}"
    answer = await api.post("/dramas", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["reason"]) == (413, "too_many_values")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert house.asked == []


async def test_the_cover(api: httpx.AsyncClient) -> None:
    answer = await api.get("/dramas/none/cover_photo")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Drama not found")
    await api.post("/dramas", json={"drama": MINIMAL})
    answer = await api.get("/dramas/drama_demo/cover_photo")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Cover photo not generated yet")
    await api.patch("/dramas/drama_demo", json={"url": "http://x/cover.png"})
    answer = await api.get("/dramas/drama_demo/cover_photo")
    assert (answer.status_code, answer.json()) == (200, {"url": "http://x/cover.png"})


async def test_neither_premise_nor_drama(api: httpx.AsyncClient) -> None:
    answer = await api.post("/dramas", json={"title": "x"})
    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("premise", ["", "  \n\t", None, 5, "x" * 1_000_000])
async def test_a_wrong_premise_is_422(api: httpx.AsyncClient, premise: object) -> None:
    answer = await api.post("/dramas", json={"premise": premise})
    assert answer.status_code == 422
    assert answer.json()["field"] == "premise"


@pytest.mark.parametrize("premise", ["{{7*7}} '; DROP TABLE dramas;--", "a\u202eb\u200bc", "👩‍👩‍👧 물\r\nX: y"])
async def test_a_strange_premise_is_passed_on_unchanged(api: httpx.AsyncClient, house: House, premise: str) -> None:
    assert (await api.post("/dramas", json={"premise": premise})).status_code == 202
    assert house.last(story_service_pb2.GenerateDramaRequest).premise == premise
