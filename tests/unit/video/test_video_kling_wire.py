"""What Kling is sent, how its keys sign, and what its answers mean when they are odd."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import jwt
import pytest

from kit.providers.base import Accepted, Call, Finished, KeyRefused, NotAccepted, OutcomeUnknown, Pending, VendorAway
from services.video.providers.kling import BASE_URL, KlingFilmer
from services.video.providers.kling_auth import KlingKey
from tests.unit.video.filmers import SUBMISSION, order, picture, row
from tests.unit.video.hosts import ODD_BODIES, Host, says

ACCESS, SECRET = "access-0123456789abcdefghij", "secret-0123456789abcdefghijklmnop"
KEY = "kling-api-key-000001"
BACK = "https://us.example/h"
OPERATION = "classic:text2video:kling-v3:1"
CREATED = {"code": 0, "data": {"task_id": "7", "id": "8"}}


def filmer_at(host: Host, key: str = KEY) -> KlingFilmer:
    return KlingFilmer(base_url=BASE_URL, api_key=key, seconds=5, http=host.client())


async def sent(call: Call, operation_id: str, path: str) -> Any:
    """The body of a submit; checks where it goes and what becomes of the answer."""
    host = says(body=CREATED)
    filmer = filmer_at(host)
    assert await filmer.submit(call) == Accepted(operation_id)
    await filmer.close()
    (request,) = host.asked
    assert str(request.url) == f"{BASE_URL}{path}"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    return host.body()


async def test_classic_words() -> None:
    call = order(row("kling", "kling-v3"), seconds=7, ratio="9:16", negative_prompt="blur", callback=BACK)
    assert await sent(call, "classic:text2video:kling-v3:7", "/v1/videos/text2video") == {
        "model_name": "kling-v3",
        "prompt": "A pier at night",
        "negative_prompt": "blur",
        "mode": "std",
        "duration": "7",
        "aspect_ratio": "9:16",
        "sound": "on",
        "external_task_id": SUBMISSION,
        "callback_url": BACK,
    }


async def test_classic_frames_travel_as_plain_base64() -> None:
    call = order(row("kling", "kling-v2-5-turbo"), image=True, last_frame=True, seconds=10)
    frame = base64.b64encode(picture()).decode()
    assert await sent(call, "classic:image2video:kling-v2-5-turbo:7", "/v1/videos/image2video") == {
        "model_name": "kling-v2-5-turbo",
        "prompt": "A pier at night",
        "mode": "pro",
        "duration": "10",
        "image": frame,
        "image_tail": frame,
        "external_task_id": SUBMISSION,
    }
    body = await sent(replace(call, files={}), "classic:image2video:kling-v2-5-turbo:7", "/v1/videos/image2video")
    assert (body["image"], body["image_tail"]) == (call.urls["image"], call.urls["last_frame"])


async def test_a_tier_is_a_row_and_one_model_on_the_wire() -> None:
    body = await sent(order(row("kling", "kling-v3-4k")), "classic:text2video:kling-v3-4k:7", "/v1/videos/text2video")
    assert (body["model_name"], body["mode"]) == ("kling-v3", "4k")


@pytest.mark.parametrize(
    ("wish", "kinds", "prompt"),
    [
        ({}, None, "A pier"),
        ({"image": True}, ["first_frame"], "A pier"),
        ({"image": True, "last_frame": True}, ["first_frame", "end_frame"], "A pier"),
        ({"references": 2}, [None, None], "A pier\n<<<image_1>>> <<<image_2>>>"),
    ],
)
async def test_omni_takes_all_pictures_in_one_list(wish: dict[str, Any], kinds: Any, prompt: str) -> None:
    call = order(row("kling", "kling-v3-omni"), "A pier", **wish)
    body = await sent(call, "classic:omni-video:kling-v3-omni:7", "/v1/videos/omni-video")
    pictures = body.get("image_list")
    assert (pictures and [one.get("type") for one in pictures]) == kinds
    assert body["prompt"] == prompt
    assert ("aspect_ratio" in body) is bool(call.request["size"])


async def test_pictures_that_the_prompt_names_are_not_named_again() -> None:
    call = order(row("kling", "kling-v3-omni"), "<<<image_1>>> runs", references=2)
    body = await sent(call, "classic:omni-video:kling-v3-omni:7", "/v1/videos/omni-video")
    assert body["prompt"] == "<<<image_1>>> runs"


async def test_newer_words_and_frames() -> None:
    call = order(row("kling", "kling-3.0-turbo-1080p"), seconds=7, ratio="9:16", callback=BACK)
    body = await sent(call, "tasks:kling-3.0-turbo:kling-3.0-turbo-1080p:8", "/text-to-video/kling-3.0-turbo")
    assert body == {
        "prompt": "A pier at night",
        "settings": {"resolution": "1080p", "duration": 7, "aspect_ratio": "9:16"},
        "options": {"external_task_id": SUBMISSION, "callback_url": BACK},
    }
    call = order(row("kling", "kling-4.0"), image=True, last_frame=True, seconds=20, callback=BACK)
    body = await sent(call, "tasks:kling-4.0:kling-4.0:8", "/image-to-video/kling-4.0")
    # 4.0 takes neither an id of ours nor a callback.
    assert body == {
        "contents": [
            {"type": "prompt", "text": "A pier at night"},
            {"type": "first_frame", "url": call.urls["image"]},
            {"type": "last_frame", "url": call.urls["last_frame"]},
        ],
        "settings": {"resolution": "720p", "duration": 20},
    }


def test_a_pair_signs_tokens_that_are_kept_for_25_minutes() -> None:
    now = [1_800_000_000.0]
    key = KlingKey(f"{ACCESS}:{SECRET}", lambda: now[0])
    first = key.headers()
    token = first["authorization"].removeprefix("Bearer ")
    options: Any = {"verify_exp": False, "verify_nbf": False}
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options=options)
    assert claims == {"iss": ACCESS, "exp": 1_800_001_800, "nbf": 1_799_999_995}
    now[0] += 1499
    assert key.headers() == first
    now[0] += 2
    second = key.headers()
    assert second != first
    key.renew()
    now[0] += 1
    assert key.headers() != second
    now[0] -= 100_000
    assert key.headers() != second, "a clock that was set back makes a new token"
    with pytest.raises(NotAccepted):
        key.bearer()
    assert key.hide(f"{ACCESS} {SECRET} x") == "*** *** x"


def test_an_api_key_is_sent_as_it_is() -> None:
    key = KlingKey(KEY)
    assert key.headers() == key.bearer() == {"authorization": f"Bearer {KEY}"}
    assert (key.signs, key.hide(f"the key {KEY}")) == (False, "the key ***")


@pytest.mark.parametrize("body", ODD_BODIES)
async def test_answers_that_cannot_be_read_prove_nothing(body: bytes) -> None:
    filmer = filmer_at(says(body=body))
    for model in ("kling-v3", "kling-3.0-turbo"):
        with pytest.raises(OutcomeUnknown):
            await filmer.submit(order(row("kling", model)))
    for operation_id in (OPERATION, "tasks:kling-4.0:kling-4.0:1", "nonsense"):
        with pytest.raises(VendorAway):
            await filmer.poll(operation_id)
        with pytest.raises(VendorAway):
            await filmer.fetch(operation_id)
    with pytest.raises(VendorAway):
        await filmer.lookup(order(row("kling", "kling-v3")), 0)
    with pytest.raises(VendorAway):
        await filmer.check_key()
    await filmer.close()


@pytest.mark.parametrize("data", [None, {}, "7"])
async def test_tasks_that_are_no_list_are_not_taken_for_none(data: Any) -> None:
    filmer = filmer_at(says(body={"code": 0, "data": data}))
    with pytest.raises(VendorAway):
        await filmer.poll("tasks:kling-4.0:kling-4.0:1")
    await filmer.close()


@pytest.mark.parametrize("data", [{}, {"task_id": ""}, {"task_id": None}, {"task_id": True}, []])
async def test_an_acceptance_without_an_id_proves_nothing(data: Any) -> None:
    filmer = filmer_at(says(body={"code": 0, "data": data}))
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(row("kling", "kling-v3")))
    await filmer.close()


async def test_an_id_may_be_a_number() -> None:
    filmer = filmer_at(says(body={"code": 0, "data": {"task_id": 77}}))
    assert await filmer.submit(order(row("kling", "kling-v3"))) == Accepted("classic:text2video:kling-v3:77")
    await filmer.close()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"task_status": "submitted"}, Pending()),
        ({"task_status": "somewhere"}, Pending()),
        ({}, Pending()),
        ({"task_status": "succeed"}, Finished()),
        ({"task_status": "succeed", "final_unit_deduction": 3}, Finished({"units": "3"})),
    ],
)
async def test_the_words_of_a_task(body: Any, expected: Any) -> None:
    filmer = filmer_at(says(body={"code": 0, "data": body}))
    assert await filmer.poll(OPERATION) == expected
    await filmer.close()


@pytest.mark.parametrize(
    ("packs", "spent"),
    [
        ([], False),
        (None, False),
        ([{"remaining_quantity": 5.0, "status": "online"}], False),
        ([{"remaining_quantity": 5.0, "status": "expired"}], True),
        ([{"remaining_quantity": 0.0, "status": "runOut"}, {"remaining_quantity": 1}], False),
        (["odd"], True),
    ],
)
async def test_packs_that_are_used_up(packs: Any, spent: bool) -> None:
    filmer = filmer_at(says(body={"code": 0, "data": {"resource_pack_subscribe_infos": packs}}))
    if spent:
        with pytest.raises(KeyRefused) as raised:
            await filmer.check_key()
        assert raised.value.reason == "quota_exceeded"
    else:
        await filmer.check_key()
    await filmer.close()


async def test_no_part_of_a_key_is_in_what_is_told(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    told = f"{ACCESS} and {SECRET} are odd"
    for status, code in ((200, 1201), (400, 1200), (401, 1000), (429, 1302), (500, 5000), (503, 5001), (418, 9)):
        filmer = filmer_at(says(status, {"code": code, "message": told}), f"{ACCESS}:{SECRET}")
        with pytest.raises((NotAccepted, OutcomeUnknown)) as raised:
            await filmer.submit(order(row("kling", "kling-v3")))
        with pytest.raises(VendorAway):
            await filmer.fetch(OPERATION)
        assert not {ACCESS, SECRET} & set(str(raised.value).split())
        await filmer.close()
    assert not any(part in caplog.text + "".join(capsys.readouterr()) for part in (ACCESS, SECRET))


async def test_a_redirect_takes_the_key_nowhere() -> None:
    host = says(302, b"", location="https://elsewhere.example/")
    filmer = filmer_at(host)
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(row("kling", "kling-v3")))
    assert len(host.asked) == 1
    await filmer.close()
