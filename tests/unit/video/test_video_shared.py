"""Reading finished films: bounded, counted, asked for anew; and the small rules that adapters share."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import httpx2
import pytest

from kit.providers.base import Accepted, Answer, Call, NotAccepted, NotSeen, VendorAway
from services.video.providers import products
from services.video.providers.products import Results
from services.video.providers.shared import film_of, is_policy, made_since, references, refusal, the_one
from tests.unit.video.filmers import picture

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(2000)


async def read(answer: Callable[[httpx2.Request], httpx2.Response]) -> tuple[Answer, list[str]]:
    asked: list[str] = []
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    results = Results(http)

    async def url() -> str:
        asked.append(f"https://cdn.test/{len(asked)}")
        return asked[-1]

    try:
        return await results.film(url), asked
    finally:
        await results.close()


async def test_a_film_is_read_in_three_tries_each_at_a_fresh_url() -> None:
    statuses = iter([503, 403, 200])
    film, asked = await read(lambda request: httpx2.Response(next(statuses), content=FILM))
    assert (film.body, film.content_type, film.units) == (FILM, "video/mp4", {"bytes": len(FILM)})
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("answers", "expected", "reason"),
    [
        ([404, 404, 404], NotAccepted, "product_gone"),
        ([410, 500, 403], NotAccepted, "product_gone"),
        ([404, 404, 500], VendorAway, "vendor_away"),
        ([500, 502, 429], VendorAway, "vendor_away"),
        ([404, 404, 0], VendorAway, "vendor_away"),
    ],
)
async def test_only_an_expired_fresh_url_proves_that_a_film_is_gone(
    answers: list[int], expected: type[NotAccepted | VendorAway], reason: str
) -> None:
    left = iter(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        status = next(left)
        if not status:
            raise httpx2.ReadTimeout("slow", request=request)
        return httpx2.Response(status)

    with pytest.raises(expected) as raised:
        await read(answer)
    assert raised.value.reason == reason
    assert next(left, None) is None


async def test_an_empty_or_an_endless_film_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VendorAway):
        await read(lambda request: httpx2.Response(200))
    monkeypatch.setattr(products, "MAX_FILM", 1000)
    with pytest.raises(NotAccepted) as raised:
        await read(lambda request: httpx2.Response(200, content=FILM))
    assert raised.value.reason == "too_large"


async def test_no_key_goes_to_the_delivery_host() -> None:
    seen: list[httpx2.Headers] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers)
        moved = request.url.host == "cdn.test"
        return (
            httpx2.Response(302, headers={"location": "https://edge.test/f"})
            if moved
            else httpx2.Response(200, content=FILM)
        )

    await read(answer)
    assert len(seen) == 2
    assert not any(name in headers for headers in seen for name in ("authorization", "x-api-key", "cookie"))


def test_a_spent_account_is_told_by_its_words_and_the_key_is_hidden() -> None:
    error = refusal(400, {}, "key-1 does not have enough credits", "key-1")
    assert (error.reason, str(error)) == ("vendor_quota", "*** does not have enough credits")
    assert refusal(429, {"retry-after": "7"}, "slow down", "key-1").reason == "vendor_busy"
    assert is_policy("It did not pass our Moderation")
    assert not is_policy("The machine broke")


def test_one_lost_call_is_ours_and_two_are_a_question() -> None:
    assert the_one("acme", {"a"}, {"b", "c"}) == Accepted("a")
    assert the_one("acme", set(), {"b"}) == Accepted("b")
    assert the_one("acme", set(), {"b", "c"}) is None
    with pytest.raises(NotSeen):
        the_one("acme", set(), set())


def test_times_of_vendors_are_read_with_care() -> None:
    at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    assert made_since("2026-11-01T00:00:00.5Z", at.timestamp())
    assert made_since("2026-11-01T00:00:00", at.timestamp())
    assert not made_since("2026-10-31T23:59:58", at.timestamp())
    assert made_since(at, at.timestamp())
    assert not made_since("2026-10-31T23:59:58Z", at.timestamp())
    assert made_since("yesterday", at.timestamp())
    assert made_since(None, at.timestamp())


def test_pictures_come_in_their_order() -> None:
    names = ["reference_10", "reference_2", "image", "reference_0"]
    call = Call("s", "m", {}, dict.fromkeys(names, picture()))
    assert references(call) == ["image", "reference_0", "reference_2", "reference_10"]
    with pytest.raises(NotAccepted):
        film_of("runway", "gen9")
