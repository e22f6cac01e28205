"""Reading finished films: the key's host, redirects, expired URLs, limits, three tries."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from kit.providers.base import NotAccepted, VendorAway
from services.video.providers import products

OWN = "https://api.example.com/v1"
KEY = {"authorization": "Bearer secret"}
FILM = b"\x00\x00\x00\x18ftypisom" + b"film" * 9


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_PAUSE", 0.0)


class Web:
    """Answers by URL and remembers what was asked, with whether the key came along."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
        self.asked: list[tuple[str, bool]] = []
        self._answer = answer

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append((str(request.url), "secret" in str(request.headers.raw)))
        return self._answer(request)

    async def film(self, *urls: str) -> bytes:
        left = list(urls)

        async def ask() -> str:
            return left.pop(0) if len(left) > 1 else left[0]

        async with httpx2.AsyncClient(transport=httpx2.MockTransport(self)) as http:
            return (await products.film(http, ask, own=OWN, headers=KEY)).body


def to(location: str) -> httpx2.Response:
    return httpx2.Response(302, headers={"location": location})


async def test_a_redirect_to_another_host_does_not_get_the_key() -> None:
    steps = {"/v1/f": to("/v1/g"), "/v1/g": to("https://cdn.example.com/f"), "/f": httpx2.Response(200, content=FILM)}
    web = Web(lambda request: steps[request.url.path])
    assert await web.film(f"{OWN}/f") == FILM
    assert web.asked == [(f"{OWN}/f", True), (f"{OWN}/g", True), ("https://cdn.example.com/f", False)]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com.evil.example/f",
        "https://evil.example/api.example.com",
        "https://api.example.com:8443/f",
        "https://api.example.com@evil.example/f",
    ],
)
async def test_a_host_that_only_looks_like_the_vendors_does_not_get_the_key(url: str) -> None:
    web = Web(lambda request: httpx2.Response(200, content=FILM))
    assert await web.film(url) == FILM
    assert [key for _, key in web.asked] == [False]


@pytest.mark.parametrize("url", ["http://api.example.com/f", "ftp://api.example.com/f", "file:///etc/passwd", "", "x"])
async def test_what_is_no_https_url_is_not_read(url: str) -> None:
    web = Web(lambda request: httpx2.Response(200, content=FILM))
    with pytest.raises(VendorAway):
        await web.film(url)
    assert web.asked == []


async def test_an_expired_url_is_asked_for_again() -> None:
    web = Web(lambda request: httpx2.Response(200, content=FILM) if "new" in str(request.url) else httpx2.Response(403))
    assert await web.film(f"{OWN}/old", f"{OWN}/new") == FILM


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_film_whose_newest_url_has_expired_is_gone(status: int) -> None:
    web = Web(lambda request: httpx2.Response(status))
    with pytest.raises(NotAccepted) as raised:
        await web.film(f"{OWN}/old")
    assert raised.value.reason == "product_gone"
    assert len(web.asked) == 3


@pytest.mark.parametrize("status", [200, 429, 500, 502])
async def test_three_bad_answers_are_a_matter_of_time(status: int) -> None:
    web = Web(lambda request: httpx2.Response(status, content=b""))
    with pytest.raises(VendorAway):
        await web.film(f"{OWN}/f")
    assert len(web.asked) == 3


async def test_endless_redirects_and_films_without_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    web = Web(lambda request: to(f"{OWN}/f"))
    with pytest.raises(VendorAway):
        await web.film(f"{OWN}/f")
    assert len(web.asked) == 3 * 4
    monkeypatch.setattr(products, "MAX_FILM", len(FILM) - 1)
    with pytest.raises(NotAccepted) as raised:
        await Web(lambda request: httpx2.Response(200, content=FILM)).film(f"{OWN}/f")
    assert raised.value.reason == "too_large"
