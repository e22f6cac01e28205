"""What MiniMax is sent, and what its answers mean when they are odd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kit.providers.base import Accepted, Call, Finished, NotAccepted, OutcomeUnknown, Pending, Refused, VendorAway
from services.video.providers.minimax import BASE_URL, MiniMaxFilmer
from services.video.providers.shared import data_uri
from tests.unit.video.filmers import order, picture, row
from tests.unit.video.hosts import ODD_BODIES, Host, says

KEY = "minimax-test-00000001"
BACK = "https://us.example/h"
H3 = "v2:MiniMax-H3:1"
HAILUO = "v1:MiniMax-Hailuo-2.3:1"
PICTURE = data_uri(picture())


def filmer_at(host: Host) -> MiniMaxFilmer:
    return MiniMaxFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=host.client())


async def sent(call: Call, path: str) -> Any:
    """The body of a submit; checks where it goes."""
    host = says(body={"task_id": 106, "base_resp": {"status_code": 0, "status_msg": "success"}})
    filmer = filmer_at(host)
    assert await filmer.submit(call) == Accepted(f"{path[1:3]}:{call.model}:106")
    await filmer.close()
    (request,) = host.asked
    assert str(request.url) == f"{BASE_URL}{path}"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    return host.body()


async def test_hailuo_takes_frames_as_data_uris() -> None:
    call = order(row("minimax", "MiniMax-Hailuo-02-1080p"), image=True, last_frame=True, callback=BACK)
    assert await sent(call, "/v1/video_generation") == {
        "model": "MiniMax-Hailuo-02",
        "prompt": "A pier at night",
        "duration": 6,
        "resolution": "1080P",
        "first_frame_image": PICTURE,
        "last_frame_image": PICTURE,
        "callback_url": BACK,
    }
    call = order(row("minimax", "MiniMax-Hailuo-2.3"), seconds=10)
    assert await sent(call, "/v1/video_generation") == {
        "model": "MiniMax-Hailuo-2.3",
        "prompt": "A pier at night",
        "duration": 10,
        "resolution": "768P",
    }


async def test_a_subject_is_a_picture_of_a_character() -> None:
    assert await sent(order(row("minimax", "S2V-01"), references=1), "/v1/video_generation") == {
        "model": "S2V-01",
        "prompt": "A pier at night",
        "subject_reference": [{"type": "character", "image": [PICTURE]}],
    }


@pytest.mark.parametrize(
    ("wish", "roles", "ratio"),
    [
        ({"ratio": "9:16"}, [], "9:16"),
        ({"image": True}, ["first_frame"], None),
        ({"image": True, "last_frame": True}, ["first_frame", "last_frame"], None),
        ({"references": 2, "ratio": "21:9"}, ["reference_image"] * 2, "21:9"),
    ],
)
async def test_h3_takes_contents_with_roles(wish: dict[str, Any], roles: list[str], ratio: str | None) -> None:
    call = order(row("minimax", "MiniMax-H3-2K"), seconds=7, **wish)
    body = await sent(call, "/v2/video_generation")
    text, *pictures = body.pop("content")
    assert text == {"type": "text", "text": "A pier at night"}
    expected = [{"type": "image_url", "image_url": {"url": PICTURE}, "role": role} for role in roles]
    assert pictures == expected
    shape = {"ratio": ratio} if ratio else {}
    assert body == {"model": "MiniMax-H3", "resolution": "2K", "duration": 7, **shape}


async def test_a_url_does_where_there_are_no_bytes() -> None:
    call = order(row("minimax", "MiniMax-H3"), image=True)
    body = await sent(replace(call, files={}), "/v2/video_generation")
    assert body["content"][1]["image_url"]["url"] == call.urls["image"]


@pytest.mark.parametrize("body", ODD_BODIES[:-1])
async def test_answers_that_cannot_be_read_prove_nothing(body: bytes) -> None:
    filmer = filmer_at(says(body=body))
    for model in ("MiniMax-H3", "MiniMax-Hailuo-2.3"):
        with pytest.raises(OutcomeUnknown):
            await filmer.submit(order(row("minimax", model)))
    for operation_id in (H3, HAILUO, "nonsense"):
        with pytest.raises(VendorAway):
            await filmer.poll(operation_id)
        with pytest.raises(VendorAway):
            await filmer.fetch(operation_id)
    with pytest.raises(VendorAway):
        await filmer.check_key()
    await filmer.cancel(H3)
    await filmer.close()


@pytest.mark.parametrize("body", [{}, {"task_id": ""}, {"task_id": None}, {"task_id": True}, {"task_id": []}])
async def test_an_acceptance_without_an_id_proves_nothing(body: Any) -> None:
    filmer = filmer_at(says(body=body))
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(row("minimax", "MiniMax-H3")))
    await filmer.close()


@pytest.mark.parametrize(
    ("operation_id", "body", "expected"),
    [
        (HAILUO, {"status": "Preparing"}, Pending()),
        (HAILUO, {"status": "Queueing"}, Pending()),
        (HAILUO, {"status": "Processing", "base_resp": {"status_code": 0}}, Pending()),
        (HAILUO, {"status": "Somewhere"}, Pending()),
        (HAILUO, {"status": "Success", "file_id": 7}, Finished()),
        (H3, {"task": {"status": "queued"}}, Pending()),
        (H3, {"task": {"status": "running"}}, Pending()),
        (H3, {"task": None}, Pending()),
        (H3, {"task": {"status": "succeeded"}}, Finished()),
        (H3, {"task": {"status": "succeeded", "usage": {"total_seconds": "5"}}}, Finished()),
        (H3, {"task": {"status": "succeeded", "usage": {"total_seconds": 9}}}, Finished({"seconds": 9}, 720_000_000)),
        ("v2:MiniMax-H9:1", {"task": {"status": "succeeded", "usage": {"total_seconds": 9}}}, Finished({"seconds": 9})),
    ],
)
async def test_the_words_of_a_task(operation_id: str, body: Any, expected: Any) -> None:
    filmer = filmer_at(says(body=body))
    assert await filmer.poll(operation_id) == expected
    await filmer.close()


async def test_no_key_is_in_what_is_told(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    told = f"The key {KEY} is odd."
    for status, code in ((200, 2013), (200, 1000), (400, 2013), (401, 2049), (429, 1002), (500, 1000), (503, 1000)):
        body = {"base_resp": {"status_code": code, "status_msg": told}, "status": "Fail"}
        filmer = filmer_at(says(status, body))
        with pytest.raises((NotAccepted, OutcomeUnknown)) as raised:
            await filmer.submit(order(row("minimax", "MiniMax-H3")))
        assert KEY not in str(raised.value)
        await filmer.close()
    filmer = filmer_at(says(body={"base_resp": {"status_code": 1000, "status_msg": told}, "status": "Fail"}))
    ended = await filmer.poll(HAILUO)
    assert isinstance(ended, Refused)
    assert ended.message == "The key *** is odd."
    await filmer.close()
    assert KEY not in caplog.text + "".join(capsys.readouterr())


async def test_a_redirect_takes_the_key_nowhere() -> None:
    host = says(301, b"", location="https://elsewhere.example/")
    filmer = filmer_at(host)
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(row("minimax", "MiniMax-H3")))
    assert len(host.asked) == 1
    await filmer.close()


async def test_a_host_that_is_not_there_has_taken_nothing() -> None:
    away = MiniMaxFilmer(base_url="http://127.0.0.1:9", api_key=KEY, seconds=5)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order(row("minimax", "MiniMax-H3")))
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    await away.cancel(H3)
    await away.close()
