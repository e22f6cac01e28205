"""Prompts say what every picture of the house needs, and say it the same each time."""

from __future__ import annotations

import pytest

from kit.media.specs import CharacterSpec, LineSpec
from services.imaging import prompts

MINA = CharacterSpec("c_mina", "Mina", "A detective, 24, short black hair, red coat.", "female", main=True)
REX = CharacterSpec("c_rex", "Rex", "An old golden retriever with a blue scarf.", "male")


@pytest.mark.parametrize(
    "text",
    [
        prompts.portrait(MINA, cast=[MINA, REX], style="anime"),
        prompts.cover("Night Ferry", "A ferry vanishes.", [MINA], style="anime"),
        prompts.storyboard("A pier at night", "rain", [MINA, REX], [], style="anime"),
    ],
    ids=["portrait", "cover", "storyboard"],
)
def test_every_prompt_asks_for_the_format_the_species_and_the_style(text: str) -> None:
    assert "9:16" in text
    assert "1080x1920" in text
    assert "Safe area" in text
    assert "An animal stays an animal" in text
    assert "anime" in text


def test_a_portrait_is_front_half_body_and_unlike_the_others() -> None:
    text = prompts.portrait(MINA, cast=[MINA, REX], style="anime", wish="holding   a lantern")
    assert "front view, half body" in text
    assert "red coat" in text
    assert "holding a lantern" in text
    assert "different in face, hair and clothes from Rex" in text
    assert "from Mina" not in text


def test_a_cover_carries_the_title_exactly_once_and_no_ban_on_text() -> None:
    text = prompts.cover("여름의 끝", "A summer ends.", [MINA], style="anime")
    assert text.count("여름의 끝") == 1
    assert "No text, captions" not in text


def test_a_storyboard_numbers_its_references_after_the_guide() -> None:
    lines = [
        LineSpec("c_rex", "Woof", "neutral"),
        LineSpec("c_mina", "No!", "afraid"),
        LineSpec("c_mina", "Ah", "happy"),
    ]
    text = prompts.storyboard(
        "A pier", "", [MINA, REX], lines, style="anime", references=["c_rex", "c_mina"], guide=True
    )
    assert "Reference picture 1 only sets the 9:16 canvas" in text
    assert "Reference picture 2 is Rex" in text
    assert "Reference picture 3 is Mina" in text
    assert "Mina looks afraid" in text
    assert "Rex looks" not in text
    plain = prompts.storyboard("A pier", "", [MINA], [], style="anime", references=["c_mina"])
    assert "Reference picture 1 is Mina" in plain
    assert "canvas" not in plain


def test_an_unknown_style_is_taken_literally_and_a_prompt_has_an_end() -> None:
    assert "ukiyo-e style" in prompts.look("ukiyo-e")
    assert len(prompts.storyboard("x" * 50_000, "", [], [], style="anime")) == prompts.MAX_PROMPT
