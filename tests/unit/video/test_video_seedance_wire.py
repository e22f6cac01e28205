"""What Seedance is sent, and what its answers mean when they are odd."""

from __future__ import annotations

from typing import Any

import pytest

from kit.providers.base import Accepted, Finished, NotAccepted, OutcomeUnknown, Pending, Refused, VendorAway
from services.video.providers.seedance import BASE_URL, CHINA_URL, SeedanceFilmer
from services.video.providers.seedance_wire import label, mark
from tests.unit.video.filmers import ROWS, order, row
from tests.unit.video.hosts import ODD_BODIES, says

MODELS = [model for model in ROWS if model.vendor == "seedance"]
KEY = "ark-test-00000001"
TWO = row("seedance", "seedance-2.0")
OPERATION = "seedance-2.0:text:720x1280:sound:cgt-1"


async def test_what_is_sent() -> None:
    host = says(body={"id": "cgt-1"})
    filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=host.client())
    call = order(
        TWO, image=True, last_frame=True, size="720x1280", seconds=7, audio=False, callback="https://us.example/h"
    )
    assert await filmer.submit(call) == Accepted("seedance-2.0:last_frame:720x1280:silent:cgt-1")
    (request,) = host.asked
    assert str(request.url) == f"{BASE_URL}/contents/generations/tasks"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    body = host.body()
    text, first, last = body.pop("content")
    assert text == {"type": "text", "text": "A pier at night"}
    assert (first["role"], last["role"]) == ("first_frame", "last_frame")
    assert first["image_url"]["url"].startswith("data:image/png;base64,")
    assert body == {
        "model": "dreamina-seedance-2-0-260128",
        "resolution": "720p",
        "ratio": "9:16",
        "duration": 7,
        "watermark": False,
        "generate_audio": False,
        "seed": mark(call),
        "callback_url": "https://us.example/h",
    }
    await filmer.submit(order(TWO, video=True, references=1))
    kinds = [(part["type"], part.get("role")) for part in host.body()["content"]]
    assert kinds == [("text", None), ("image_url", "reference_image"), ("video_url", "reference_video")]
    await filmer.close()
    for base_url, name in ((BASE_URL, TWO.film and TWO.film.wire), (CHINA_URL, "doubao-seedance-2-0-260128")):
        there = SeedanceFilmer(base_url=base_url, api_key=KEY, seconds=5, http=host.client())
        await there.submit(order(TWO))
        assert host.body()["model"] == name
        await there.close()


def test_the_word_for_every_size() -> None:
    words = {size: label(size) for model in MODELS for size in model.sizes}
    assert {"864x496": "480p", "1470x630": "720p", "2206x946": "1080p", "3840x2160": "4k"}.items() <= words.items()
    assert set(words.values()) == {"480p", "720p", "1080p", "4k"}
    assert label("") == "720p"


async def test_a_host_that_is_not_there_has_taken_nothing() -> None:
    away = SeedanceFilmer(base_url="http://127.0.0.1:9", api_key=KEY, seconds=5)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order(TWO))
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    for read in (away.poll(OPERATION), away.fetch(OPERATION), away.lookup(order(TWO), 0), away.check_key()):
        with pytest.raises(VendorAway):
            await read
    await away.cancel(OPERATION)
    await away.close()


async def test_waiting_has_many_words() -> None:
    for word in ("queued", "running", "somewhere", ""):
        filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=says(body={"status": word}).client())
        assert await filmer.poll(OPERATION) == Pending()
        await filmer.close()


@pytest.mark.parametrize(
    "usage",
    [
        {},
        None,
        {"completion_tokens": 0},
        {"completion_tokens": "many"},
        {"completion_tokens": True},
        {"completion_tokens": 10**30},
    ],
)
async def test_a_count_that_cannot_be_read_leaves_the_cost_open(usage: Any) -> None:
    host = says(body={"status": "succeeded", "usage": usage})
    filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=host.client())
    assert await filmer.poll(OPERATION) == Finished()
    await filmer.close()


@pytest.mark.parametrize("body", ODD_BODIES)
async def test_answers_that_cannot_be_read_prove_nothing(body: bytes) -> None:
    filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=says(body=body).client())
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(TWO))
    with pytest.raises(VendorAway):
        await filmer.fetch(OPERATION)
    with pytest.raises(VendorAway):
        await filmer.lookup(order(TWO), 0)
    await filmer.cancel(OPERATION)
    await filmer.close()


async def test_a_lost_film_is_found_behind_a_page_of_others() -> None:
    call = order(TWO)
    wanted = {"id": "cgt-ours", "model": TWO.film and TWO.film.wire, "seed": mark(call), "created_at": 1000}
    other = {**wanted, "id": "cgt-other", "seed": 5}

    def page(request: Any) -> Any:
        second = request.url.params["page_num"] == "2"
        return says(body={"items": [wanted] if second else [other] * 100}).reply(request)

    host = says()
    host.reply = page
    filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=host.client())
    assert await filmer.lookup(call, 900) == Accepted("seedance-2.0:text:1280x720:sound:cgt-ours")
    assert len(host.asked) == 2
    await filmer.close()


async def test_no_key_is_in_what_is_told(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    told = {"error": {"code": "InvalidParameter", "message": f"The key {KEY} is odd."}, "status": "failed"}
    for status in (200, 400, 401, 429, 500, 503):
        filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=says(status, told).client())
        with pytest.raises((NotAccepted, OutcomeUnknown)) as raised:
            await filmer.submit(order(TWO))
        assert KEY not in str(raised.value)
        if status == 200:
            ended = await filmer.poll(OPERATION)
            assert isinstance(ended, Refused)
            assert ended.message == "The key *** is odd."
        await filmer.cancel(OPERATION)
        await filmer.close()
    assert KEY not in caplog.text + "".join(capsys.readouterr())


async def test_a_redirect_takes_the_key_nowhere() -> None:
    host = says(307, b"", location="https://elsewhere.example/")
    filmer = SeedanceFilmer(base_url=BASE_URL, api_key=KEY, seconds=5, http=host.client())
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(TWO))
    with pytest.raises(VendorAway):
        await filmer.poll(OPERATION)
    assert {request.url.host for request in host.asked} == {"ark.ap-southeast.bytepluses.com"}
    assert len(host.asked) == 2
    await filmer.close()
