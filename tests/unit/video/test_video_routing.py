"""Who makes a film: names of old, vendors with and without a key, `auto`, and the older contract's ways."""

from __future__ import annotations

import pytest

from kit.errors import InvalidInput
from kit.providers.catalogue import load
from kit.providers.fitting import FilmWish
from kit.providers.pricing import OwnPrices
from services.video.keyring import Keys
from services.video.routing import MAX_CHOICES, Asked, Preference, route
from sfd.usage.v1.usage_pb2 import Price

HOUSE = load()
LOCAL = {"local": ""}
ALL = {vendor: f"key-{vendor}" for vendor in HOUSE.vendors("video")} | LOCAL
WISH = FilmWish("A pier at night", seconds=5, ratio="16:9")


def first(asked: Asked, living: dict[str, str], wish: FilmWish = WISH) -> str:
    return route(HOUSE, asked, wish, living).choices[0].model.name


@pytest.mark.parametrize(
    ("name", "vendors", "taken"),
    [
        ("sora-2", ("openai", "runway"), "openai/sim-video-1"),
        ("sora-2", ("runway", "gemini"), "gemini/veo-3.1-fast"),
        ("sora-1", ("runway",), "runway/gen4.5"),
        ("sora-2-pro", ("luma",), "luma/ray-2"),
        ("runway-gen3", ("runway", "openai"), "runway/gen4.5"),
        ("kling-1.5", ("replicate",), "replicate/kwaivgi/kling-v2.5-turbo-pro"),
        ("kling-1.0", ("openai",), "local"),
        ("sora-2", (), "local"),
    ],
)
def test_a_name_of_old_is_the_first_successor_with_a_key_and_is_told(
    name: str, vendors: tuple[str, ...], taken: str
) -> None:
    living = LOCAL | {vendor: f"key-{vendor}" for vendor in vendors}
    found = route(HOUSE, Asked(name), WISH, living)
    assert found.choices[0].model.name == taken
    assert found.warning == f"{name} is retired; {taken} is used instead."
    assert found.choices[0].key_id == living[found.choices[0].model.vendor]


def test_a_named_vendor_keeps_a_name_of_old_to_itself() -> None:
    assert first(Asked("sora-2", "openai"), ALL) == "openai/sim-video-1"
    with pytest.raises(InvalidInput, match="No active API key found for provider: openai") as refused:
        route(HOUSE, Asked("sora-2", "openai"), WISH, LOCAL | {"runway": "k"})
    assert (refused.value.reason, refused.value.field) == ("no_active_key", "provider")


def test_a_model_is_taken_where_there_is_a_key_for_it() -> None:
    assert first(Asked("veo-3.1"), LOCAL | {"gemini": "k"}) == "gemini/veo-3.1"
    assert first(Asked("veo3.1"), LOCAL | {"fal": "k"}) == "fal/veo3.1"
    assert first(Asked("runway/gen4.5"), ALL) == "runway/gen4.5"
    with pytest.raises(InvalidInput, match="provider: luma"):
        route(HOUSE, Asked("ray-2"), WISH, LOCAL)


def test_what_nobody_knows() -> None:
    with pytest.raises(InvalidInput, match="known are: ") as refused:
        route(HOUSE, Asked("who-knows"), WISH, ALL)
    assert refused.value.reason == "unknown_model"
    found = route(HOUSE, Asked("who-knows", legacy=True), WISH, ALL)
    assert (found.choices[0].model.vendor, "not known" in found.warning) == ("openai", True)
    with pytest.raises(InvalidInput, match="No active API key found for provider: openai"):
        route(HOUSE, Asked("who-knows", legacy=True), WISH, LOCAL)
    with pytest.raises(InvalidInput, match="no provider 'pika'"):
        route(HOUSE, Asked("x", "pika"), WISH, ALL)
    with pytest.raises(InvalidInput, match="No active API key found for provider: pika"):
        route(HOUSE, Asked("x", "pika", legacy=True), WISH, ALL)


@pytest.mark.parametrize(
    ("name", "longest"),
    [("sora-2", 10), ("runway-gen4", 10), ("kling-1.0", 10), ("who-knows", 10), ("openai/sim-video-1", 12)],
)
def test_the_older_contract_refuses_what_is_too_long(name: str, longest: int) -> None:
    asked = Asked(name, legacy=True)
    assert route(HOUSE, asked, FilmWish("A pier", seconds=longest), ALL).choices
    with pytest.raises(InvalidInput, match=f"1 to {longest} seconds") as refused:
        route(HOUSE, asked, FilmWish("A pier", seconds=longest + 1), ALL)
    assert refused.value.field == "duration"


def test_an_accounts_own_price_is_what_is_held_and_what_auto_goes_by() -> None:
    def second(vendor: str, model: str, usd: float) -> Price:
        return Price(vendor=vendor, model=model, unit="seconds", nano_usd=round(usd * 10**9))

    wish = FilmWish("A pier", seconds=5, ratio="16:9")
    plain = route(HOUSE, Asked("runway/gen4.5"), wish, ALL).choices[0]
    own = OwnPrices([second("runway", "gen4.5", 0.011), second("openai", "sim-video-1", 9.0)])
    mine = route(HOUSE, Asked("runway/gen4.5"), wish, ALL, own).choices[0]
    assert (plain.price, mine.price) == (600_000_000, 55_000_000)
    assert mine.film == plain.film, "a price changes nothing of the film"
    living = LOCAL | {"runway": "r", "openai": "o"}
    cheapest = route(HOUSE, Asked("", "auto", "cost"), FilmWish("A pier", seconds=8, ratio="16:9"), living).choices
    dear = OwnPrices([second(one.model.vendor, one.model.id, 50.0) for one in cheapest[:1]])
    turned = route(HOUSE, Asked("", "auto", "cost"), FilmWish("A pier", seconds=8, ratio="16:9"), living, dear).choices
    assert turned[0].model.name != cheapest[0].model.name
    free = OwnPrices([second("runway", "gen4.5", 0.0)])
    assert route(HOUSE, Asked("runway/gen4.5"), wish, ALL, free).choices[0].price == 0


@pytest.mark.parametrize("preference", ["cost", "latency", "quality"])
def test_auto_asks_several_vendors_each_once_the_best_first(preference: Preference) -> None:
    wish = FilmWish("A pier", seconds=8, ratio="9:16", audio=True)
    found = route(HOUSE, Asked("", "auto", preference), wish, ALL).choices
    vendors = [one.model.vendor for one in found]
    assert 2 <= len(vendors) == len(set(vendors)) <= MAX_CHOICES
    assert "local" not in vendors
    assert all(one.film.audio for one in found)
    if preference == "quality":
        ranks = [one.model.film.quality for one in found if one.model.film]
        assert ranks == sorted(ranks, reverse=True)
    else:
        changes = [len(one.film.adjustments) for one in found]
        assert changes == sorted(changes)
    if preference == "cost":
        plain = [one.price for one in found if len(one.film.adjustments) == len(found[0].film.adjustments)]
        assert plain == sorted(plain)


def test_auto_leaves_out_who_cannot_and_films_here_when_nobody_can() -> None:
    wish = FilmWish("A pier", seconds=8, references=3)
    for choice in route(HOUSE, Asked("", "auto"), wish, ALL).choices:
        assert choice.film.mode == "references"
    assert first(Asked("", "auto"), LOCAL) == "local"
    with pytest.raises(InvalidInput):
        route(HOUSE, Asked("", "auto"), FilmWish("A pier", references=31), ALL)


def test_a_picture_that_the_local_film_maker_does_not_use_is_told() -> None:
    told = route(HOUSE, Asked("local"), FilmWish("A pier", image=True), LOCAL).choices[0].film.adjustments
    assert [one.field for one in told] == ["image"]


class Ring:
    async def open(self, account_id: str, key_id: str) -> str:
        return f"secret of {account_id}/{key_id}"

    async def living(self, account_id: str) -> list[tuple[str, str]]:
        return [("7", "runway"), ("8", "runway"), ("9", "luma")] if account_id == "mine" else []


async def test_an_accounts_own_key_goes_before_the_operators() -> None:
    keys = Keys({"runway": "operator's", "fal": "operator's", "openai": ""}, Ring())
    assert await keys.living("mine") == {"local": "", "runway": "7", "luma": "9", "fal": "env:video"}
    assert await keys.living("other") == {"local": "", "runway": "env:video", "fal": "env:video"}
    assert await keys.open("mine", "runway", "7") == "secret of mine/7"
    assert await keys.open("other", "fal", "env:video") == "operator's"
