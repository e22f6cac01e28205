"""The plain HTTP client of adapters: sent once, bounded in time and size, and nothing guessed from an odd answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.providers.base import NotAccepted, OutcomeUnknown, VendorAway
from services.video.providers.rest import Reply, Rest
from simulator.testing import RunningSimulator
from tests.unit.video.hosts import ODD_BODIES, Host, says

HEADERS = {"authorization": "Bearer key-1"}


def rest_at(host: Host) -> Rest:
    return Rest("https://vendor.example/v1/", 5, host.client())


async def test_an_answer_is_returned_whatever_it_says() -> None:
    for status in (200, 404, 500):
        host = says(status, {"a": {"b": 7}}, **{"retry-after": "9"})
        rest = rest_at(host)
        for reply in (await rest.submit("/x", {"q": 1}, HEADERS), await rest.read("/x", HEADERS, {"q": "1"})):
            assert (reply.status, reply.ok, reply.headers["retry-after"]) == (status, status == 200, "9")
            assert (reply.at("a", "b"), reply.text("a", "b"), reply.text("a"), reply.at("a", "b", "c")) == (
                7,
                "7",
                "",
                None,
            )
        assert [(request.method, str(request.url)) for request in host.asked] == [
            ("POST", "https://vendor.example/v1/x"),
            ("GET", "https://vendor.example/v1/x?q=1"),
        ]
        assert host.body(0) == {"q": 1}
        await rest.close()


@pytest.mark.parametrize("body", ODD_BODIES[:-1])
async def test_what_is_no_object_is_told_apart(body: bytes) -> None:
    rest = rest_at(says(body=body))
    reply = await rest.read("/x", HEADERS)
    assert (reply.ok, reply.at("a"), reply.text("a")) == (False, None, "")
    await rest.close()


@pytest.mark.parametrize("value", [True, None, 1.5, [], {}])
def test_only_texts_and_whole_numbers_are_ids(value: Any) -> None:
    assert Reply(200, {"id": value}).text("id") == ""


def test_half_characters_go_no_further() -> None:
    assert Reply(200, {"id": "a\ud800b"}).text("id") == "a?b"
    assert Reply(200, {"n": 7, "t": "7", "b": True}).whole("n") == 7
    assert (Reply(200, {"t": "7"}).whole("t"), Reply(200, {"b": True}).whole("b"), Reply(200, None).whole("n")) == (
        None,
    ) * 3


@pytest.mark.parametrize(
    "error", [httpx2.ReadError, httpx2.ReadTimeout, httpx2.RemoteProtocolError, OSError, ValueError]
)
async def test_a_break_after_the_connection_proves_nothing(error: type[Exception]) -> None:
    def breaks(_: httpx2.Request) -> httpx2.Response:
        raise error("broken")

    host = Host(breaks)
    rest = rest_at(host)
    with pytest.raises(OutcomeUnknown):
        await rest.submit("/x", {}, HEADERS)
    assert len(host.asked) == 1
    with pytest.raises(VendorAway):
        await rest.read("/x", HEADERS)
    await rest.close()


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
async def test_a_connection_that_was_never_made_has_sent_nothing(error: type[Exception]) -> None:
    def breaks(_: httpx2.Request) -> httpx2.Response:
        raise error("broken")

    rest = rest_at(Host(breaks))
    with pytest.raises(NotAccepted) as raised:
        await rest.submit("/x", {}, HEADERS)
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    await rest.close()


async def test_an_answer_without_an_end_is_cut_off() -> None:
    rest = rest_at(says(body=b" " * (8 * 1024 * 1024 + 1)))
    with pytest.raises(OutcomeUnknown):
        await rest.submit("/x", {}, HEADERS)
    with pytest.raises(VendorAway):
        await rest.read("/x", HEADERS)
    await rest.close()


async def test_a_submit_has_a_deadline_and_is_not_sent_again(tmp_path: Path) -> None:
    with RunningSimulator(tmp_path) as vendors:
        vendors.fault("slow", seconds=20, when="after")
        rest = Rest(f"{vendors.url}/minimax", 0.5)
        body = {"model": "MiniMax-Hailuo-2.3", "prompt": "A pier", "duration": 6, "resolution": "768P"}
        with pytest.raises(OutcomeUnknown):
            await rest.submit("/v1/video_generation", body, HEADERS)
        await rest.close()
        requests = vendors.stats()["requests"]
        assert isinstance(requests, dict)
        assert requests["minimax.video.submit"] == 1
