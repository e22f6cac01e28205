"""Portraits and posters, their type, and the files behind it."""

from __future__ import annotations

import io
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from kit.media import fonts
from kit.media.illustration import (
    Look,
    actors,
    cover,
    draw_cover,
    draw_portrait,
    draw_storyboard,
    looks_for,
    portrait,
    scene_layers,
)
from kit.media.illustration.actors import Actor, Frame
from kit.media.illustration.cover import genre_of
from kit.media.illustration.lettering import Type, set_type, wrap
from kit.media.illustration.light import Light
from kit.media.illustration.portrait import role_of
from kit.media.illustration.raster import decode_png, encode_png
from kit.media.illustration.staging import Mark
from kit.media.specs import CharacterSpec, LineSpec, SceneSpec

CAST = (
    CharacterSpec(
        "c1", "Mara", "Mara Voss, 28, the heiress who came back, long black hair, red coat", "female", main=True
    ),
    CharacterSpec("c2", "Elias", "Elias is a lawyer with two names, bearded", "male", main=True),
    CharacterSpec("c3", "Jun", "a lawyer", "male"),
)


def test_portraits_are_repeatable_of_the_asked_size_and_differ_between_people() -> None:
    first = draw_portrait(CAST[0], cast=CAST, width=270, height=480)
    assert first == draw_portrait(CAST[0], cast=CAST, width=270, height=480)
    assert first != draw_portrait(CAST[0], cast=CAST, seed=9, width=270, height=480)
    one, two = (
        np.array(Image.open(io.BytesIO(data)))
        for data in (first, draw_portrait(CAST[1], cast=CAST, width=270, height=480))
    )
    assert one.shape == two.shape == (480, 270, 3)
    assert np.abs(one.astype(int) - two.astype(int)).mean() > 8


@pytest.mark.parametrize("title", ["The Wrong Brother's Ring", "时间修理匠与失落的记忆", "비밀의 궁궐", "A"])
def test_covers_take_one_to_three_people_and_any_script(title: str) -> None:
    for count in (0, 1, 3):
        data = draw_cover(title, "She came back. 他回来了。", CAST[:count], width=216, height=384)
        assert Image.open(io.BytesIO(data)).size == (216, 384)
    assert data == draw_cover(title, "She came back. 他回来了。", CAST, width=216, height=384)


def test_a_character_has_the_same_parts_in_every_kind_of_picture() -> None:
    drawn: list[Look] = []
    inside = actors.draw_actor

    def spy(mark: Mark, frame: Frame, light: Light) -> Actor:
        if mark.character.id == "c3":
            drawn.append(mark.look)
        return inside(mark, frame, light)

    scene = SceneSpec("s1", "office", "", CAST[1:], (LineSpec("c3", "Yes."), LineSpec("c2", "No.")))
    with (
        patch.object(portrait, "draw_actor", spy),
        patch.object(cover, "draw_actor", spy),
        patch("kit.media.illustration.compose.draw_actor", spy),
    ):
        draw_portrait(CAST[2], cast=CAST, width=270, height=480)
        draw_cover("Title", "", (CAST[2],), everybody=CAST, width=270, height=480)
        draw_storyboard(scene, cast=CAST, width=270, height=480)
        scene_layers(scene, cast=CAST, width=270, height=480)
    assert len(drawn) == 4
    assert set(drawn) == {looks_for(CAST)["c3"]}


def test_role_captions_leave_out_name_age_and_looks() -> None:
    assert role_of(CAST[0]) == "The heiress who came back"
    assert role_of(CharacterSpec("x", "李梅", "李梅，28岁，归来的千金，黑色长发", "female")) == "归来的千金"
    assert (
        role_of(CharacterSpec("x", "Ivy", "a red-haired singer in a green evening gown, freckles", "female"))
        == "A singer"
    )
    assert role_of(CharacterSpec("x", "Bo", "red coat", "male")) == "Red coat"
    assert len(role_of(CharacterSpec("x", "Bo", "a man " + "very " * 60 + "tired"))) < 100
    assert role_of(CharacterSpec("x", "Bo", "")) == ""


def test_genres_follow_the_words() -> None:
    assert genre_of("Revenge of the heiress") == "revenge"
    assert genre_of("星际迷途") == "space"
    assert genre_of("첫사랑") == "romance"
    assert genre_of("Nothing in particular") == "drama"


def test_type_shrinks_to_its_lines_and_breaks_chinese_anywhere() -> None:
    font = fonts.font_for("时间", "title", 40)
    lines = wrap("时间修理匠与失落的记忆，她回来了", font, 200, 0)
    assert len(lines) > 1
    assert all(not line.startswith("，") for line in lines)
    small = set_type(
        "A very long title that never seems to come to any end at all",
        Type("title", 90, 20, ("#ffffff",) * 2, lines=2),
        300,
    )
    assert small.shape[1] == 300
    assert small[..., 3].max() > 200
    assert set_type("", Type("title", 90, 20, ("#ffffff",) * 2), 300).shape[0] == 0


def test_fonts_can_write_what_they_are_chosen_for(tmp_path: Path) -> None:
    for family in fonts.FAMILIES:
        assert fonts.font_path(family).is_file()
    with pytest.raises(KeyError):
        fonts.font_path("Comic Sans")
    assert [fonts.script_of(text) for text in ("Ring", "戒指", "반지", "ゆび")] == ["latin", "zh", "ko", "ja"]
    assert "CJK SC" in str(fonts.font_for("戒指", "title").getname()[0])
    assert "CJK KR" in str(fonts.font_for("반지", "caption").getname()[0])
    assert "Anton" in str(fonts.font_for("RING", "poster").getname()[0])
    folder = fonts.fonts_dir(tmp_path)
    assert fonts.fonts_dir(tmp_path) == folder
    assert len(list(folder.iterdir())) == len(fonts.FAMILIES)
    assert {path.suffix for path in folder.iterdir()} <= {".ttf", ".ttc", ".otf"}


@pytest.mark.parametrize("channels", [3, 4])
def test_the_png_writer_loses_nothing(channels: int) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (37, 53, channels), dtype=np.uint8)
    assert (decode_png(encode_png(picture)) == picture).all()
