"""Who can film a drama, and what is ordered: upright, from a storyboard, long enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import InvalidInput
from kit.providers.catalogue import Catalogue, Film, Mode, Model, load
from kit.providers.dramas import drama_film, drama_price, film_makers, filmer, holding, ordered_seconds, suits
from kit.providers.fitting import legal_seconds, legal_sizes, pixels, ratio_of

HOUSE = load()
ABLE = [model for model in HOUSE.models if suits(model)]
FOREIGN = [model for model in ABLE if model.vendor != "local"]


def row(name: str, modes: tuple[Mode, ...]) -> Model:
    return Model(id=name, vendor="v", kind="video", seconds=(5,), sizes=("1280x720",), film=Film(modes=modes))


def test_every_vendor_of_the_catalogue_films_dramas() -> None:
    assert set(film_makers(HOUSE)) == set(HOUSE.vendors("video"))
    for vendor in film_makers(HOUSE):
        assert suits(filmer(HOUSE, vendor).model)


@pytest.mark.parametrize("model", FOREIGN, ids=lambda model: model.name)
@pytest.mark.parametrize("wanted", [3, 8, 10, 15])
def test_what_is_ordered_is_upright_from_a_picture_and_long_enough(model: Model, wanted: int) -> None:
    film = drama_film(model, "A pier at night", wanted)
    assert film.mode == "image"
    assert film.size == "" or (ratio_of(film.size) == "9:16" and film.size in legal_sizes(model, "image"))
    legal = legal_seconds(model, "image", film.size)
    assert film.seconds in legal
    assert film.seconds >= wanted or film.seconds == max(legal)
    assert not [one for one in legal if wanted <= one < film.seconds], "no shorter one holds it"
    assert drama_price(model, wanted) > 0
    assert ordered_seconds(model, wanted) == film.seconds


@pytest.mark.parametrize("model", FOREIGN, ids=lambda model: model.name)
def test_of_upright_sizes_the_nearest_to_the_houses_own_is_taken(model: Model) -> None:
    film = drama_film(model, "A pier at night", 5)
    upright = [size for size in legal_sizes(model, "image") if ratio_of(size) == "9:16"]
    exact = [size for size in upright if pixels(size)[0] * 16 == pixels(size)[1] * 9]
    if exact:
        assert film.size in exact
        assert film.size == ("1080x1920" if "1080x1920" in exact else max(exact, key=lambda size: pixels(size)[0]))


@given(legal=st.lists(st.integers(1, 30), unique=True), wanted=st.integers(1, 40))
def test_the_shortest_that_holds_else_the_longest(legal: list[int], wanted: int) -> None:
    found = holding(legal, wanted)
    longer = [one for one in legal if one >= wanted]
    assert found == (min(longer) if longer else max(legal) if legal else wanted)


@pytest.mark.parametrize(("wanted", "expected"), [(3, 4), (4, 4), (10, 12), (15, 12)])
def test_a_length_fits_the_model(wanted: int, expected: int) -> None:
    assert ordered_seconds(HOUSE.resolve("video", "openai").model, wanted) == expected
    assert drama_price(HOUSE.resolve("video", "local").model, wanted) == 0


def test_a_model_that_cannot_is_not_taken_and_says_who_can() -> None:
    wide = row("wide", modes=("text", "image"))
    words = row("words", modes=("text",))
    tall = Model(id="tall", vendor="v", kind="video", seconds=(5,), sizes=("720x1280",), film=Film(modes=("image",)))
    house = Catalogue([wide, words, tall], [])
    assert [model.id for model in house.models if suits(model)] == ["tall"]
    assert filmer(house, "v").model is tall, "the first that can, where nobody names one"
    for vendor, name in (("v", "wide"), ("", "v/words")):
        with pytest.raises(InvalidInput, match=r"cannot film dramas.*These can: v/tall") as refused:
            filmer(house, vendor, name)
        assert (refused.value.reason, refused.value.field) == ("no_drama_model", "model")
    with pytest.raises(InvalidInput) as unknown:
        filmer(house, "x")
    assert unknown.value.reason == "unknown_vendor"
    with pytest.raises(InvalidInput, match="words alone"):
        drama_film(tall, "A pier", 5, frame=False)
    assert drama_film(tall, "A pier", 5).size == "720x1280"
