"""Fitting by examples: what is used instead, what is told, what is refused by name, and what it costs."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from kit.errors import InvalidInput
from kit.providers.catalogue import Film, Model, PriceCase
from kit.providers.fitting import FilmWish, film_price, film_prices, fit, legal_seconds, legal_sizes, ratio_of

HOUSE = Model(
    id="m1",
    vendor="acme",
    kind="video",
    prices={"seconds": 100},
    seconds=(4, 6, 8),
    sizes=("1280x720", "720x1280", "1920x1080", "1080x1920"),
    max_references=3,
    film=Film(
        modes=("text", "image", "last_frame", "references", "video"),
        seconds_at={"1920x1080": (8,), "1080x1920": (8,)},
        seconds_in={"references": (8,)},
        sizes_in={"references": ("1280x720",), "video": ()},
        audio="optional",
        fps=(24, 30),
        max_prompt=20,
        cases=(
            PriceCase({"seconds": 400}, audio=True, sizes=("1920x1080", "1080x1920")),
            PriceCase({"seconds": 200}, audio=True),
            PriceCase({"films": 50, "input_images": 7}, modes=("references",)),
        ),
    ),
)


@pytest.mark.parametrize(
    ("wish", "seconds", "size", "told"),
    [
        (FilmWish("p"), 4, "1280x720", {}),
        (FilmWish("p", seconds=6), 6, "1280x720", {}),
        (FilmWish("p", seconds=5), 6, "1280x720", {"duration": (5, 6)}),
        (FilmWish("p", seconds=60), 8, "1280x720", {"duration": (60, 8)}),
        (FilmWish("p", seconds=0.5), 4, "1280x720", {"duration": (0.5, 4)}),
        (FilmWish("p", seconds=4, size="1920x1080"), 8, "1920x1080", {"duration": (4, 8)}),
        (FilmWish("p", seconds=4, ratio="9:16"), 4, "720x1280", {}),
        (FilmWish("p", seconds=4, ratio="32:18"), 4, "1280x720", {}),
        (FilmWish("p", seconds=4, ratio="7:4"), 4, "1280x720", {"aspect_ratio": ("7:4", "16:9")}),
        (FilmWish("p", seconds=4, ratio="1:1"), 4, "1280x720", {"aspect_ratio": ("1:1", "16:9")}),
        (FilmWish("p", seconds=8, size="1024x1792"), 8, "1080x1920", {"size": ("1024x1792", "1080x1920")}),
        (FilmWish("p", seconds=4, size="0720x1280"), 4, "720x1280", {"size": ("0720x1280", "720x1280")}),
        (FilmWish("p", seconds=4, size="1280x720", ratio="9:16"), 4, "1280x720", {"aspect_ratio": ("9:16", "16:9")}),
        (FilmWish("p", seconds=4, references=2), 8, "1280x720", {"duration": (4, 8)}),
        (
            FilmWish("p", seconds=8, references=2, image=True),
            8,
            "1280x720",
            {"image": ("a first frame", "a reference picture")},
        ),
        (FilmWish("p", seconds=8, size="720x1280", video=True), 8, "", {"size": ("720x1280", None)}),
        (FilmWish("p", seconds=4, seed=7, fps=25), 4, "1280x720", {"seed": (7, None), "fps": (25, 24)}),
        (FilmWish("p", seconds=4, negative_prompt="fog"), 4, "1280x720", {"negative_prompt": ("fog", None)}),
    ],
)
def test_nearest_legal_values_are_used_and_told(
    wish: FilmWish, seconds: int, size: str, told: dict[str, tuple[object, object]]
) -> None:
    wish = replace(wish, seconds=wish.seconds or 4)
    got = fit(HOUSE, wish)
    assert (got.seconds, got.size) == (seconds, size)
    assert {one.field: (one.asked, one.used) for one in got.adjustments} == told


def test_what_a_model_cannot_read_apart_is_told_in_the_prompt() -> None:
    got = fit(HOUSE, FilmWish("a pier", negative_prompt="fog"))
    assert (got.prompt, got.negative_prompt) == ("a pier\nAvoid: fog", "")
    assert got.request() == {
        "prompt": "a pier\nAvoid: fog",
        "seconds": 6,
        "size": "1280x720",
        "mode": "text",
        "audio": True,
    }


@pytest.mark.parametrize(
    ("wish", "name", "reason", "words"),
    [
        (FilmWish(" "), "prompt", "missing", "prompt"),
        (FilmWish("p" * 21), "prompt", "too_long", "at most 20 characters; this is 21"),
        (FilmWish("p" * 15, negative_prompt="fog"), "negative_prompt", "too_long", "at most 20"),
        (FilmWish("p", seconds=0), "duration", "bad_duration", "more than 0"),
        (FilmWish("p", seconds=math.nan), "duration", "bad_duration", "more than 0"),
        (FilmWish("p", seconds=1e300), "duration", "bad_duration", "3600"),
        (FilmWish("p", size="big"), "size", "bad_size", "720x1280"),
        (FilmWish("p", size="9" * 5000 + "x1"), "size", "bad_size", "720x1280"),
        (FilmWish("p", ratio="16/9"), "aspect_ratio", "bad_ratio", "9:16"),
        (FilmWish("p", size="1280x720", ratio="16/9"), "aspect_ratio", "bad_ratio", "9:16"),
        (FilmWish("p", ratio="1:2:3"), "aspect_ratio", "bad_ratio", "9:16"),
        (FilmWish("p", seed=-1), "seed", "bad_seed", "0 to 4294967295"),
        (FilmWish("p", last_frame=True), "last_frame", "image_needed", "first one"),
        (FilmWish("p", references=4), "reference_images", "too_many_references", "at most 3"),
        (FilmWish("p", references=3, image=True), "reference_images", "too_many_references", "at most 3"),
        (FilmWish("p", references=-1), "reference_images", "bad_references", "fewer"),
        (FilmWish("p", references=1, image=True, last_frame=True), "last_frame", "mode_not_supported", "not from both"),
        (FilmWish("p", video=True, image=True), "image", "mode_not_supported", "not from both"),
        (FilmWish("p", video=True, image=True, last_frame=True), "last_frame", "mode_not_supported", "not from both"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(wish: FilmWish, name: str, reason: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fit(HOUSE, wish)
    assert (caught.value.field, caught.value.reason) == (name, reason)
    assert words in str(caught.value)


def test_a_refusal_says_what_the_model_takes() -> None:
    silent = replace(HOUSE, film=Film(modes=("image", "last_frame")))
    with pytest.raises(InvalidInput, match="acme/m1 makes no film from words alone") as caught:
        fit(silent, FilmWish("p"))
    assert "It takes: a first frame, a first and a last frame." in str(caught.value)
    with pytest.raises(InvalidInput, match="without sound"):
        fit(silent, FilmWish("p", image=True, audio=True))
    loud = replace(HOUSE, film=Film(audio="always"))
    assert [(one.field, one.used) for one in fit(loud, FilmWish("p", audio=False)).adjustments] == [("audio", True)]


def test_an_emoji_is_two_where_the_vendor_counts_so() -> None:
    strict = replace(HOUSE, film=Film(max_prompt=4, prompt_unit="utf16"))
    assert fit(strict, FilmWish("🎬🎬")).prompt == "🎬🎬"
    with pytest.raises(InvalidInput, match="UTF-16 code units; this is 5"):
        fit(strict, FilmWish("🎬🎬a"))


def test_a_size_without_a_length_in_a_mode_is_not_legal_in_it() -> None:
    odd = replace(HOUSE, film=Film(seconds_at={"1280x720": (4,), "1920x1080": (8,)}, seconds_in={"text": (8,)}))
    assert "1280x720" not in legal_sizes(odd, "text")
    assert legal_seconds(odd, "text", "1920x1080") == (8,)
    got = fit(odd, FilmWish("p", size="1280x720", seconds=8))
    assert (got.size, got.seconds) == ("1920x1080", 8)
    broken = replace(HOUSE, sizes=("1280x720",), film=odd.film)
    with pytest.raises(InvalidInput) as caught:
        fit(broken, FilmWish("p"))
    assert caught.value.field == "size"


@pytest.mark.parametrize(
    ("wish", "price"),
    [
        (FilmWish("p", seconds=8, size="1920x1080"), 8 * 400),
        (FilmWish("p", seconds=8, size="1920x1080", audio=False), 8 * 100),
        (FilmWish("p", seconds=4), 4 * 200),
        (FilmWish("p", seconds=4, audio=False), 4 * 100),
        (FilmWish("p", references=2, audio=False), 50 + 2 * 7),
    ],
)
def test_the_first_case_that_fits_is_the_price(wish: FilmWish, price: int) -> None:
    assert film_price(HOUSE, fit(HOUSE, wish), pictures=wish.references) == price


def test_tokens_of_a_film_are_its_pixels_rounded_up() -> None:
    tokens = replace(HOUSE, prices={"film_tokens": 3}, film=Film())
    got = fit(tokens, FilmWish("p", seconds=4, size="1280x720"))
    assert film_prices(tokens, got) == {"film_tokens": 3}
    assert film_price(tokens, got) == math.ceil(3 * 4 * 1280 * 720 * 24 / 1024)
    assert film_price(replace(tokens, prices={}), got) == 0
    odd = replace(tokens, prices={"film_tokens": 1}, seconds=(1,), sizes=("853x479",))
    assert film_price(odd, fit(odd, FilmWish("p"))) == 9577, "853 x 479 x 24 / 1024 is 9576.2"


def test_a_size_has_the_usual_ratio_nearest_to_it() -> None:
    assert [ratio_of(size) for size in ("1280x720", "832x1104", "960x960", "1584x672", "720x1680")] == [
        "16:9",
        "3:4",
        "1:1",
        "21:9",
        "9:21",
    ]
