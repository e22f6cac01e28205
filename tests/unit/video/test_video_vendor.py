"""The film maker's adapter with the real SDK: submit, poll, fetch, look-up, cancel."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from openai.types import Video, VideoCreateError
from PIL import Image

from kit.providers.base import (
    Accepted,
    Call,
    Finished,
    KeyRefused,
    NotAccepted,
    NotSeen,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from services.video.providers.openai import OpenAIFilmer, open_filmer, pace, refusal
from simulator.testing import RunningSimulator


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[OpenAIFilmer]:
    vendors.reset()
    made = OpenAIFilmer(base_url=vendors.openai_base, api_key="sk-test-filmers", seconds=30)
    yield made
    await made.close()


def frame() -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((720, 1280)).save(buffer, "PNG")
    return buffer.getvalue()


def order(prompt: str = "A pier at night", *, with_frame: bool = False, model: str = "sim-video-1") -> Call:
    request = {"prompt": prompt, "seconds": "12", "size": "720x1280"}
    return Call("0199-submission", model, request, {"image": frame()} if with_frame else {})


async def finished(filmer: OpenAIFilmer, operation_id: str) -> Finished | Refused:
    async with asyncio.timeout(20):
        while isinstance(status := await filmer.poll(operation_id), Pending):
            await asyncio.sleep(status.after or 0.05)
    return status


@pytest.mark.parametrize("with_frame", [False, True])
async def test_a_film_is_bought_once_followed_and_fetched(
    with_frame: bool, filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    accepted = await filmer.submit(order(with_frame=with_frame))
    assert isinstance(accepted, Accepted)
    assert isinstance(await finished(filmer, accepted.operation_id), Finished)
    film = await filmer.fetch(accepted.operation_id)
    assert film.content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert (entry["operation"], entry["submission"]) == (accepted.operation_id, "0199-submission")
    assert entry["price_nano_usd"] == 1_200_000_000


async def test_polling_honours_the_hosts_pace(filmer: OpenAIFilmer, vendors: RunningSimulator) -> None:
    vendors.fault("stall", seconds=30)
    accepted = await filmer.submit(order())
    assert isinstance(accepted, Accepted)
    status = await filmer.poll(accepted.operation_id)
    assert isinstance(status, Pending)
    assert status.after is not None
    assert 0 <= (status.progress or 0) < 1


@pytest.mark.parametrize(
    ("fault", "expected", "reason", "retryable", "billed"),
    [
        ({"type": "status", "status": 400}, NotAccepted, "vendor_refused", False, 0),
        ({"type": "status", "status": 429, "retry_after": 7}, NotAccepted, "vendor_busy", True, 0),
        ({"type": "status", "status": 503}, NotAccepted, "vendor_overloaded", True, 0),
        ({"type": "status", "status": 502, "accepted": True}, OutcomeUnknown, "outcome_unknown", False, 1),
        ({"type": "cut_before"}, OutcomeUnknown, "outcome_unknown", False, 0),
        ({"type": "cut_after"}, OutcomeUnknown, "outcome_unknown", False, 1),
        ({"type": "half_body"}, OutcomeUnknown, "outcome_unknown", False, 1),
        ({"type": "malformed", "variant": "body"}, OutcomeUnknown, "outcome_unknown", False, 1),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
async def test_what_an_answer_to_a_submit_proves(
    fault: dict[str, Any],
    expected: type[NotAccepted | OutcomeUnknown],
    reason: str,
    retryable: bool,
    billed: int,
    filmer: OpenAIFilmer,
    vendors: RunningSimulator,
) -> None:
    vendors.fault(fault["type"], **{k: v for k, v in fault.items() if k != "type"})
    with pytest.raises(expected) as raised:
        await filmer.submit(order())
    assert (raised.value.reason, raised.value.retryable) == (reason, retryable)
    assert len(vendors.ledger()) == billed
    requests = vendors.stats()["requests"]
    assert isinstance(requests, dict)
    assert requests["openai.video.submit"] == 1


async def test_a_lost_film_is_found_by_its_prompt_and_model(filmer: OpenAIFilmer, vendors: RunningSimulator) -> None:
    since = time.time() - 1
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order("ours"))
    await filmer.submit(order("not ours"))
    found = await filmer.lookup(order("ours"), since)
    assert found == Accepted(str(vendors.ledger()[0]["operation"]))
    # Another prompt, another model, an older film: none of them is ours, but ours may still turn up.
    strangers = [
        (order("nobody's"), since),
        (replace(order("ours"), model="sim-video-replay"), since),
        (order("ours"), time.time() + 60),
    ]
    for call, after in strangers:
        with pytest.raises(NotSeen) as raised:
            await filmer.lookup(call, after)
        assert raised.value.seconds == 60


async def test_two_films_that_could_be_ours_are_a_persons_question(filmer: OpenAIFilmer) -> None:
    since = time.time() - 1
    for _ in range(2):
        await filmer.submit(order("twins"))
    assert await filmer.lookup(order("twins"), since) is None


async def test_a_host_that_lists_nothing_cannot_tell(filmer: OpenAIFilmer, vendors: RunningSimulator) -> None:
    await filmer.submit(order(model="sim-video-blind"))
    with pytest.raises(NotSeen):
        await filmer.lookup(order(model="sim-video-blind"), time.time() - 5)
    vendors.fault("status", match={"op": "list"}, status=404)
    assert await filmer.lookup(order(), 0) is None
    vendors.fault("status", match={"op": "list"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.lookup(order(), 0)


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_read_that_fails_loses_nothing(status: int, filmer: OpenAIFilmer, vendors: RunningSimulator) -> None:
    accepted = await filmer.submit(order())
    assert isinstance(accepted, Accepted)
    vendors.fault("status", match={"op": "read"}, status=status)
    with pytest.raises(VendorAway):
        await filmer.poll(accepted.operation_id)
    assert isinstance(await finished(filmer, accepted.operation_id), Finished)
    vendors.fault("status", match={"op": "content"}, status=status)
    with pytest.raises(VendorAway):
        await filmer.fetch(accepted.operation_id)
    vendors.fault("half_body", match={"op": "content"})
    with pytest.raises(VendorAway):
        await filmer.fetch(accepted.operation_id)
    assert (await filmer.fetch(accepted.operation_id)).body


async def test_a_film_that_is_not_ready_is_waited_for_and_one_that_is_gone_is_gone(
    filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("stall", seconds=30)
    accepted = await filmer.submit(order())
    assert isinstance(accepted, Accepted)
    with pytest.raises(VendorAway):
        await filmer.fetch(accepted.operation_id)
    vendors.fault("expired_content")
    lost = await filmer.submit(order("expired"))
    assert isinstance(lost, Accepted)
    await finished(filmer, lost.operation_id)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(lost.operation_id)
    assert raised.value.reason == "product_gone"
    gone = await filmer.poll("video_nobody")
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"), [("refusal", "model_refused", False), ("fail_job", "vendor_failed", True)]
)
async def test_how_a_film_can_end_without_a_film(
    fault: str, reason: str, retryable: bool, filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault)
    accepted = await filmer.submit(order())
    assert isinstance(accepted, Accepted)
    ended = await finished(filmer, accepted.operation_id)
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable) == (reason, retryable)


async def test_cancelling_is_an_attempt_that_never_raises(filmer: OpenAIFilmer) -> None:
    accepted = await filmer.submit(order())
    assert isinstance(accepted, Accepted)
    await finished(filmer, accepted.operation_id)
    await filmer.cancel(accepted.operation_id)
    assert isinstance(await filmer.poll(accepted.operation_id), Refused)
    await filmer.cancel("video_nobody")
    away = OpenAIFilmer(base_url="http://127.0.0.1:9/v1", api_key="sk-nobody-there", seconds=1)
    await away.cancel("video_1")
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order())
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    with pytest.raises(VendorAway):
        await away.poll("video_1")
    await away.close()


def test_the_pace_is_read_with_care() -> None:
    assert pace("1500") == 1.5
    assert [pace(text) for text in (None, "", "soon", "-1", "1e12", "nan")] == [None] * 6


def test_an_unknown_models_failure_is_not_charged() -> None:
    video = Video(
        id="video_1",
        object="video",
        status="failed",
        model="sora-9",
        created_at=0,
        progress=0,
        seconds="4",
        size="720x1280",
        error=VideoCreateError(code="x", message="y"),
    )
    assert refusal(video).charged is False


async def test_a_fitted_film_with_a_first_frame_is_sent_with_it(
    filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    request = {"prompt": "A pier", "seconds": 4, "size": "720x1280", "mode": "image", "audio": True}
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(Call("s-1", "sim-video-1", request, {"image": b"no picture at all"}))
    assert "image file" in raised.value.message  # the host has read what we sent
    await filmer.submit(Call("s-2", "sim-video-1", request, {"image": frame()}))
    (entry,) = vendors.ledger()
    assert entry["units"] == {"seconds": 4, "size": "720x1280"}


@pytest.mark.parametrize(("mode", "files"), [("image", {}), ("last_frame", {"image": b"x"}), ("video", {})])
async def test_what_this_protocol_cannot_film_is_not_sent(
    mode: str, files: dict[str, bytes], filmer: OpenAIFilmer, vendors: RunningSimulator
) -> None:
    request = {"prompt": "A pier", "seconds": 4, "size": "720x1280", "mode": mode, "audio": True}
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(Call("s-1", "sim-video-1", request, files))
    assert raised.value.reason == "mode_not_supported"
    assert vendors.stats()["requests"] == {}


@pytest.mark.parametrize(("key", "reason"), [("sk-bad-one", "invalid_key"), ("sk-quota-gone", "quota_exceeded")])
async def test_a_key_that_does_not_work_is_told_without_paying(
    key: str, reason: str, vendors: RunningSimulator
) -> None:
    vendors.reset()
    filmer = open_filmer({"api_key": key}, vendors.openai_base, 10)
    with pytest.raises(KeyRefused) as raised:
        await filmer.check_key()
    assert raised.value.reason == reason
    assert key not in str(raised.value)
    await filmer.close()
    assert vendors.ledger() == []


async def test_a_good_key_and_a_host_that_cannot_be_asked(filmer: OpenAIFilmer, vendors: RunningSimulator) -> None:
    await filmer.check_key()
    vendors.fault("status", match={"op": "list"}, status=404)
    await filmer.check_key()  # a host without a list has models
    for status in (429, 500):
        vendors.fault("status", match={"op": "list"}, status=status)
        with pytest.raises(VendorAway):
            await filmer.check_key()
