"""The faces of Kling, MiniMax and ModelArk, called as their references say, without our adapters."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from simulator.testing import RunningSimulator
from tests.unit.video.filmers import picture
from tests.unit.video.hosts import ears

ACCESS = "contract-access-0123456789abcdef"
PLAIN = base64.b64encode(picture()).decode()
URI = f"data:image/png;base64,{PLAIN}"
TASKS = "/seedance/api/v3/contents/generations/tasks"


@pytest.fixture
def http(sim: RunningSimulator) -> Iterator[httpx.Client]:
    headers = {"authorization": "Bearer contract-key-1"}
    with httpx.Client(base_url=sim.url, headers=headers, timeout=20, trust_env=False) as client:
        yield client


def signed(**changed: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": ACCESS, "exp": now + 1800, "nbf": now - 5, **changed}
    return {"authorization": f"Bearer {jwt.encode(claims, f'{ACCESS}-secret', algorithm='HS256')}"}


def until(http: httpx.Client, path: str, done: Any) -> Any:
    """Reads until `done` says so."""
    for _ in range(400):
        body = http.get(path).json()
        if done(body):
            return body
        time.sleep(0.05)
    raise AssertionError("the film did not end")


def kling(**changed: Any) -> dict[str, Any]:
    return {"model_name": "kling-v3", "prompt": "A pier", "mode": "std", "duration": "5", **changed}


def test_kling_signs_with_short_lived_tokens(http: httpx.Client) -> None:
    url = "/kling/v1/videos/text2video"
    assert http.post(url, json=kling(), headers=signed()).json()["code"] == 0
    old, now = int(time.time()) - 60, int(time.time())
    for headers, code in (
        (signed(exp=old), 1004),
        (signed(nbf=now + 600), 1003),
        (signed(iss="somebody-else-0123456789abcdef01"), 1002),
        ({"authorization": "Bearer a.b.c"}, 1002),
        ({"authorization": ""}, 1001),
    ):
        answer = http.post(url, json=kling(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    newer = {"prompt": "A pier", "settings": {"resolution": "720p", "duration": 5}}
    assert http.post("/kling/text-to-video/kling-3.0-turbo", json=newer, headers=signed()).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("text2video", kling(duration=5)),
        ("text2video", kling(duration="16")),
        ("text2video", kling(model_name="kling-v1-6")),
        ("text2video", kling(model_name="kling-v2-6", mode="std")),
        ("text2video", kling(aspect_ratio="21:9")),
        ("text2video", kling(prompt="x" * 2501)),
        ("text2video", kling(image=PLAIN)),
        ("text2video", kling(model_name="kling-v2-5-turbo", mode="pro", sound="on")),
        ("text2video", kling(callback_url="https://us.example/h")),
        ("image2video", kling()),
        ("image2video", kling(image=URI)),
        ("image2video", kling(image_tail=PLAIN)),
        ("omni-video", kling()),
        ("omni-video", kling(model_name="kling-v3-omni", mode="pro", image_list=[{"image_url": PLAIN}])),
    ],
)
def test_kling_refuses_what_its_reference_does_not_know(
    path: str, body: dict[str, Any], http: httpx.Client, sim: RunningSimulator
) -> None:
    answer = http.post(f"/kling/v1/videos/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert sim.ledger() == []


def test_kling_knows_a_task_by_either_id_and_a_reference_once(http: httpx.Client) -> None:
    url = "/kling/v1/videos/image2video"
    made = http.post(url, json=kling(image=PLAIN, external_task_id="ours")).json()["data"]
    assert http.post(url, json=kling(image=PLAIN, external_task_id="ours")).json()["code"] == 1201
    ended = until(http, f"{url}/ours", lambda body: body["data"]["task_status"] == "succeed")["data"]
    assert ended["task_id"] == made["task_id"]
    assert http.get(f"/kling/v1/videos/text2video/{made['task_id']}").json()["code"] == 1203
    film = ended["task_result"]["videos"][0]
    assert httpx.get(film["url"], trust_env=False).headers["content-type"] == "video/mp4"
    assert http.get(film["url"]).status_code == 400, "a key beside the signature"


@pytest.mark.parametrize(
    ("model", "route", "changed"),
    [
        ("kling-3.0-turbo", "text-to-video", {"settings": {"resolution": "4k", "duration": 5}}),
        ("kling-3.0-turbo", "text-to-video", {"settings": {"resolution": "720p", "duration": "5"}}),
        ("kling-3.0-turbo", "text-to-video", {"prompt": ""}),
        ("kling-4.0", "text-to-video", {"options": {"external_task_id": "ours"}}),
        ("kling-4.0", "text-to-video", {"options": {"callback_url": "http://127.0.0.1:9/h"}}),
        ("kling-4.0", "image-to-video", {"contents": [{"type": "first_frame", "url": PLAIN}]}),
        ("kling-3.0-turbo", "image-to-video", {"contents": [{"type": "last_frame", "url": "https://a.example/b"}]}),
    ],
)
def test_klings_newer_protocol_refuses(
    model: str, route: str, changed: dict[str, Any], http: httpx.Client, sim: RunningSimulator
) -> None:
    body = {"prompt": "A pier", "settings": {"resolution": "720p", "duration": 5}, **changed}
    assert http.post(f"/kling/{route}/{model}", json=body).json()["code"] == 1201
    assert sim.ledger() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1", {"model": "MiniMax-Hailuo-2.3", "prompt": "A pier", "duration": 10, "resolution": "1080P"}),
        ("v1", {"model": "MiniMax-Hailuo-2.3-Fast", "prompt": "A pier", "duration": 6, "resolution": "768P"}),
        ("v1", {"model": "MiniMax-Hailuo-2.3", "prompt": "x" * 2001, "duration": 6, "resolution": "768P"}),
        ("v1", {"model": "S2V-01", "prompt": "A pier"}),
        ("v2", {"model": "MiniMax-H3", "content": [], "resolution": "768P", "duration": 5}),
        ("v2", {"model": "MiniMax-H3", "content": [{"type": "text", "text": "A"}], "resolution": "2K", "duration": 3}),
    ],
)
def test_minimax_refuses_in_base_resp(
    path: str, body: dict[str, Any], http: httpx.Client, sim: RunningSimulator
) -> None:
    answer = http.post(f"/minimax/{path}/video_generation", json=body)
    assert answer.json()["base_resp"]["status_code"] == 2013
    assert answer.status_code == (200 if path == "v1" else 400)
    assert sim.ledger() == []


def test_minimax_says_unknown_keys_on_200_in_v1_and_on_401_in_v2(http: httpx.Client) -> None:
    bad = {"authorization": "Bearer bad"}
    for path, status in (("v1/query/video_generation", 200), ("v2/query/video_generation/1", 401)):
        answer = http.get(f"/minimax/{path}", headers=bad)
        assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (status, 2049)


def test_minimax_charges_for_more_than_five_pictures(http: httpx.Client, sim: RunningSimulator) -> None:
    picture_part = {"type": "image_url", "image_url": {"url": URI}, "role": "reference_image"}
    for many in (5, 6):
        content = [{"type": "text", "text": "A pier"}, *[picture_part] * many]
        body = {"model": "MiniMax-H3", "content": content, "resolution": "768P", "duration": 5, "ratio": "9:16"}
        assert http.post("/minimax/v2/video_generation", json=body).json()["base_resp"]["status_code"] == 0
    assert [entry["price_nano_usd"] for entry in sim.ledger()] == [400_000_000, 440_000_000]


def test_minimax_takes_a_callback_only_after_its_challenge(http: httpx.Client) -> None:
    body = {"model": "MiniMax-Hailuo-2.3", "prompt": "A pier", "duration": 6, "resolution": "768P"}
    with ears() as hooks:
        hooks.deaf = True
        answer = http.post("/minimax/v1/video_generation", json={**body, "callback_url": hooks.url})
        assert answer.json()["base_resp"]["status_code"] == 2013
        hooks.deaf = False
        made = http.post("/minimax/v1/video_generation", json={**body, "callback_url": hooks.url}).json()
        assert hooks.done.wait(20)
        assert (hooks.heard[-1]["task_id"], hooks.heard[-1]["status"]) == (made["task_id"], "Success")


def ark(**changed: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": "A pier"}]
    base = {
        "model": "seedance-1-5-pro-251215",
        "content": content,
        "resolution": "720p",
        "ratio": "9:16",
        "duration": 5,
    }
    return {**base, **changed}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"model": "doubao-seedance-9"}, "InvalidEndpointOrModel.NotFound"),
        ({"resolution": "4k"}, "InvalidParameter"),
        ({"ratio": "2:1"}, "InvalidParameter"),
        ({"duration": 13}, "InvalidParameter"),
        ({"seed": 2**32}, "InvalidParameter"),
        ({"service_tier": "flex"}, "InvalidParameter"),
        ({"content": []}, "InvalidParameter"),
        ({"callback_url": "https://us.example/h"}, "InvalidParameter"),
    ],
)
def test_modelark_refuses(changed: dict[str, Any], code: str, http: httpx.Client, sim: RunningSimulator) -> None:
    answer = http.post(TASKS, json=ark(**changed))
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["code"] == code
    assert sim.ledger() == []


def test_modelark_counts_tokens_shows_no_prompt_and_lists_the_newest_first(
    http: httpx.Client, sim: RunningSimulator
) -> None:
    first = http.post(TASKS, json=ark(seed=11)).json()["id"]
    second = http.post(TASKS, json=ark(generate_audio=False)).json()["id"]
    task = until(http, f"{TASKS}/{first}", lambda body: body["status"] == "succeeded")
    assert (task["seed"], task["usage"]["completion_tokens"]) == (11, 108_000)
    assert "A pier" not in str(task)
    listed = http.get(TASKS, params={"page_num": 1, "page_size": 1}).json()
    assert (listed["total"], [item["id"] for item in listed["items"]]) == (2, [second])
    assert [entry["price_nano_usd"] for entry in sim.ledger()] == [259_200_000, 129_600_000]


def test_tasks_outlive_the_process(http: httpx.Client, sim: RunningSimulator) -> None:
    ours = http.post(TASKS, json=ark(seed=11)).json()["id"]
    theirs = http.post("/kling/v1/videos/text2video", json=kling(external_task_id="ours")).json()["data"]["task_id"]
    sim.kill()
    sim.start()
    assert until(http, f"{TASKS}/{ours}", lambda body: body["status"] == "succeeded")["seed"] == 11
    assert http.get("/kling/v1/videos/text2video/ours").json()["data"]["task_id"] == theirs
    other = {"authorization": "Bearer contract-key-2"}
    assert http.get(f"{TASKS}/{ours}", headers=other).status_code == 404
