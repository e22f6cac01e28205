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
from kit.providers.catalogue import Film, Mode, Model, load
from kit.providers.fitting import RATIOS, FilmWish, FittedFilm, film_price, fit, legal_seconds, legal_sizes, pixels

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
        fits = fits and (not case.seconds or got.seconds in case.seconds)
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
