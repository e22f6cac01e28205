"""Fitting: whatever is wished of whichever model, the result is legal and every change is told, or the field is named."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import InvalidInput
from kit.providers.catalogue import Film, Mode, Model, PriceCase, load
from kit.providers.fitting import (
    RATIOS,
    FilmWish,
    FittedFilm,
    film_price,
    film_prices,
    fit,
    legal_seconds,
    legal_sizes,
    pixels,
    ratio_of,
)

FILMS = [model for model in load().models if model.kind == "video"]
UNITS = {"seconds", "films", "film_tokens", "input_images"}
FIELDS = {"prompt", "negative_prompt", "size", "aspect_ratio", "duration", "audio", "seed", "fps", "image"}
REFUSABLE = (FIELDS - {"fps"}) | {"last_frame", "reference_images", "video"}
LEGAL_SIZES = sorted({size for model in FILMS for size in model.sizes})

sizes = st.one_of(
    st.just(""),
    st.sampled_from(LEGAL_SIZES),
    st.builds("{}x{}".format, st.integers(1, 16_384), st.integers(1, 16_384)),
    st.text("0123456789x -١", max_size=12),
    st.just("9" * 5000 + "x1"),
)
ratios = st.one_of(
    st.just(""),
    st.sampled_from(sorted(RATIOS)),
    st.builds("{}:{}".format, st.integers(1, 100), st.integers(1, 100)),
    st.text("0123456789:/ ", max_size=8),
    st.just("9" * 5000 + ":1"),
)
words = st.one_of(
    st.text(max_size=12),
    st.builds(
        lambda n, c: c * n, st.sampled_from([1, 500, 501, 1000, 1001, 2500, 2501, 33_000]), st.sampled_from("a🎬")
    ),
)
sound_ways: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.sampled_from([{}, {"image": True}, {"image": True, "last_frame": True}, {"video": True}]),
    st.builds(lambda n, image: {"references": n, "image": image}, st.integers(1, 9), st.booleans()),
)
any_ways: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"image": st.booleans(), "last_frame": st.booleans(), "video": st.booleans(), "references": st.integers(-1, 40)}
)
prompts = st.sampled_from(["A pier at night", "🎬" * 450])
lengths = st.one_of(st.none(), st.floats(0.1, 40), st.integers(1, 30).map(float))
sound_sizes = st.one_of(
    st.just(""), st.sampled_from(LEGAL_SIZES), st.builds("{}x{}".format, st.integers(1, 9999), st.integers(1, 9999))
)
sound_ratios = st.one_of(
    st.just(""), st.sampled_from(sorted(RATIOS)), st.builds("{}:{}".format, st.integers(1, 100), st.integers(1, 100))
)
switches = st.sampled_from([None, True, False])


def wishes_of(
    ways: st.SearchStrategy[dict[str, Any]],
    *,
    prompt: st.SearchStrategy[str],
    seconds: st.SearchStrategy[float | None],
    size: st.SearchStrategy[str],
    ratio: st.SearchStrategy[str],
    seed: st.SearchStrategy[int],
) -> st.SearchStrategy[FilmWish]:
    plain = st.builds(
        FilmWish,
        prompt=prompt,
        seconds=seconds,
        size=size,
        ratio=ratio,
        audio=switches,
        negative_prompt=st.one_of(st.just(""), prompt),
        seed=st.one_of(st.none(), seed),
        fps=st.one_of(st.none(), st.integers(1, 120)),
    )
    return st.builds(lambda wish, way: replace(wish, **way), plain, ways)


wishes = st.one_of(
    wishes_of(
        sound_ways,
        prompt=prompts,
        seconds=lengths,
        size=sound_sizes,
        ratio=sound_ratios,
        seed=st.integers(0, 2**32 - 1),
    ),
    wishes_of(
        any_ways,
        prompt=words,
        seconds=st.one_of(lengths, st.floats(allow_nan=True, allow_infinity=True)),
        size=sizes,
        ratio=ratios,
        seed=st.integers(),
    ),
)
"""Anything that a request can hold, and more."""
plain_wishes = st.builds(
    FilmWish,
    prompt=st.just("A pier at night"),
    seconds=st.one_of(st.none(), st.floats(0.5, 40)),
    size=sizes.filter(lambda size: size in ("", *LEGAL_SIZES)),
    ratio=st.sampled_from(["", *RATIOS]),
    audio=st.sampled_from([None, False]),
    image=st.booleans(),
)
"""Wishes that hold no bad value: nothing but a way of making can be refused of them."""


def fitted(model: Model, wish: FilmWish) -> FittedFilm | InvalidInput:
    try:
        return fit(model, wish)
    except InvalidInput as error:
        return error


def units_of(text: str, model: Model) -> int:
    film = model.film or Film()
    return len(text.encode("utf-16-le")) // 2 if film.prompt_unit == "utf16" else len(text)


def legal(model: Model, wish: FilmWish, got: FittedFilm) -> list[str]:
    """What of a request the model would refuse, read from the row alone and without the code under test."""
    film, wrong = model.film or Film(), []
    if got.mode not in film.modes:
        wrong.append("mode")
    for allowed in (model.seconds, film.seconds_at.get(got.size, ()), film.seconds_in.get(got.mode, ())):
        if allowed and got.seconds not in allowed:
            wrong.append("seconds")
    if type(got.seconds) is not int or got.seconds < 1:
        wrong.append("seconds")
    allowed_sizes = film.sizes_in.get(got.mode, model.sizes)
    if (got.size not in allowed_sizes) if allowed_sizes else got.size != "":
        wrong.append("size")
    if got.audio is not {"always": True, "never": False}.get(film.audio, got.audio):
        wrong.append("audio")
    if got.negative_prompt and not film.negative_prompt:
        wrong.append("negative_prompt")
    if film.max_prompt and max(units_of(got.prompt, model), units_of(got.negative_prompt, model)) > film.max_prompt:
        wrong.append("prompt")
    if not got.prompt.strip():
        wrong.append("prompt")
    if got.seed is not None and not (film.seed and 0 <= got.seed < 2**32):
        wrong.append("seed")
    if got.fps is not None and got.fps not in film.fps:
        wrong.append("fps")
    pictures = wish.references + (wish.image if got.mode == "references" else 0)
    if pictures > model.max_references or (wish.references and got.mode not in ("references", "video")):
        wrong.append("references")
    if wish.last_frame and got.mode != "last_frame":
        wrong.append("last_frame")
    if wish.image and got.mode not in ("image", "last_frame", "references"):
        wrong.append("image")
    return wrong


def changes(wish: FilmWish, got: FittedFilm) -> set[str]:
    """The fields in which the request is not what was wished."""
    changed = set()
    if wish.negative_prompt != got.negative_prompt or wish.prompt != got.prompt:
        changed.add("negative_prompt")
    if wish.size and wish.size != got.size:
        changed.add("size")
    if wish.ratio:
        across, down = (int(part) for part in wish.ratio.split(":"))
        if not got.size:
            changed.add("aspect_ratio")
        else:
            width, height = (int(side) for side in got.size.split("x"))
            usual = any(Fraction(*sides) == Fraction(across, down) for sides in RATIOS.values())
            off = abs(math.log(width * down / (height * across)))
            if Fraction(width, height) != Fraction(across, down) and not (usual and off <= 0.03):
                changed.add("aspect_ratio")
    if wish.seconds is not None and wish.seconds != got.seconds:
        changed.add("duration")
    if wish.audio is not None and wish.audio != got.audio:
        changed.add("audio")
    if wish.seed != got.seed:
        changed.add("seed")
    if wish.fps != got.fps:
        changed.add("fps")
    if wish.image and got.mode == "references":
        changed.add("image")
    return changed


def costs(model: Model, got: FittedFilm, pictures: int) -> int:
    """The price by the row alone, in whole nano-USD: Fractions, so that no rounding hides."""
    film, prices = model.film or Film(), model.prices
    for case in reversed(film.cases):
        fits = case.audio is None or case.audio == got.audio
        fits = fits and (not case.sizes or got.size in case.sizes) and (not case.modes or got.mode in case.modes)
        prices = case.prices if fits else prices
    width, height = (int(side) for side in (got.size or "1280x720").split("x"))
    units = {
        "seconds": Fraction(got.seconds),
        "films": Fraction(1),
        "film_tokens": Fraction(got.seconds * width * height * 24, 1024),
        "input_images": Fraction(pictures),
    }
    return math.ceil(sum((price * units[unit] for unit, price in prices.items()), Fraction(0)))


@settings(max_examples=400, deadline=None)
@given(wish=wishes, pictures=st.integers(0, 30))
def test_a_wish_is_fitted_legally_and_every_change_told_or_its_field_named(wish: FilmWish, pictures: int) -> None:
    for model in FILMS:
        got = fitted(model, wish)
        if isinstance(got, InvalidInput):
            assert got.field in REFUSABLE, model.name
            assert str(got), model.name
            if got.reason in ("mode_not_supported", "too_many_references", "too_long", "no_audio"):
                assert model.name in str(got) or "not from both" in str(got)
            continue
        assert legal(model, wish, got) == [], model.name
        told = [one.field for one in got.adjustments]
        assert len(told) == len(set(told)), model.name
        assert set(told) == changes(wish, got), model.name
        assert all(one.why and one.asked != one.used for one in got.adjustments), model.name
        price = film_price(model, got, pictures)
        assert type(price) is int
        assert 0 <= price < 2**53, model.name
        assert price == costs(model, got, pictures), model.name


@settings(max_examples=200, deadline=None)
@given(wish=plain_wishes)
def test_a_sound_wish_is_refused_only_for_its_way_of_making(wish: FilmWish) -> None:
    for model in FILMS:
        film = model.film or Film()
        if ("image" if wish.image else "text") in film.modes:
            got = fit(model, wish)
            assert legal(model, wish, got) == [], model.name
            assert {one.field for one in got.adjustments} == changes(wish, got), model.name
        else:
            with pytest.raises(InvalidInput) as caught:
                fit(model, wish)
            assert (caught.value.field, caught.value.reason) == ("image", "mode_not_supported"), model.name


@pytest.mark.parametrize("model", FILMS, ids=lambda model: f"{model.vendor}-{model.id}")
def test_what_a_row_lists_is_taken_as_it_is(model: Model) -> None:
    """Every mode, size and length of a row is fitted to itself: nothing that is legal is changed."""
    film = model.film or Film()
    given: dict[Mode, dict[str, Any]] = {
        "text": {},
        "image": {"image": True},
        "last_frame": {"image": True, "last_frame": True},
        "references": {"references": model.max_references},
        "video": {"video": True},
    }
    for mode in film.modes:
        for size in film.sizes_in.get(mode, model.sizes) or ("",):
            for seconds in legal_seconds(model, mode, size) or (7,):
                got = fit(model, FilmWish("p", seconds=seconds, size=size, **given[mode]))
                assert (got.mode, got.size, got.seconds, got.adjustments) == (mode, size, seconds, ())


@pytest.mark.parametrize("model", FILMS, ids=lambda model: f"{model.vendor}-{model.id}")
def test_a_row_is_sound(model: Model) -> None:
    film = model.film
    assert film is not None, "a film's row says what it takes"
    assert film.modes
    assert len(set(film.modes)) == len(film.modes)
    for mode in film.modes:
        listed = film.sizes_in.get(mode, model.sizes)
        assert legal_sizes(model, mode) == tuple(listed), "every size has a length in every mode"
        for size in listed:
            assert "x".join(map(str, pixels(size))) == size
    assert set(film.seconds_at) <= {size for mode in film.modes for size in legal_sizes(model, mode)}
    assert set(film.seconds_in) | set(film.sizes_in) <= set(film.modes)
    assert (model.max_references > 0) >= ("references" in film.modes)
    assert (film.prompt_unit == "utf16") <= (film.max_prompt > 0)
    known = {*model.sizes, *(size for sizes in film.sizes_in.values() for size in sizes)}
    for prices in (model.prices, *(case.prices for case in film.cases)):
        assert set(prices) <= UNITS
        assert all(type(price) is int and price >= 0 for price in prices.values())
        assert model.vendor == "local" or sum(prices.values()) > 0, "only the local model is free"
    for case in film.cases:
        assert set(case.sizes) <= known
        assert set(case.modes) <= set(film.modes)
        assert case.audio is None or film.audio == "optional"
    assert 1 <= film.quality <= 5
    assert model.typical_source


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
