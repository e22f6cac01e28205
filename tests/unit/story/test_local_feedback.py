"""Feedback is really applied, and the critique names what is really there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openai.lib._pydantic import to_strict_json_schema

from services.story.local import critique, ends_on_hook, improve, write_drama
from services.story.models import DramaLite, EpisodeLite, EpisodeScenes, check_drama, missing_voice_qualities

PREMISES = [p["premise"] for p in json.loads((Path(__file__).parent / "premises.json").read_text(encoding="utf-8"))]


def text_of(drama: DramaLite) -> str:
    return "\n".join([drama.title, drama.description, *(f"{e.title}\n{e.description}" for e in drama.episodes)])


def ids(drama: DramaLite) -> list[str]:
    return [c.id for c in drama.characters] + [e.id for e in drama.episodes]


@pytest.mark.parametrize(
    ("premise", "feedback", "present", "absent"),
    [
        (0, "Rename Jonas to Silas", "Silas", "Jonas"),
        (4, "把苏雪改名为苏霜", "苏霜", "苏雪"),
        (9, "도윤의 이름을 태오로 바꿔 주세요", "태오와 함께", "도윤"),
        (0, "Please add a red umbrella.", "red umbrella", "None"),
        (5, "加入一把油纸伞", "油纸伞", "None"),
        (0, "Give it a happy ending", "ends well", "None"),
        (8, "슬픈 결말로", "너무 늦었다", "None"),
        (1, "I miss the smell of the sea", "smell of the sea", "None"),
        (0, "Add a rival named Petra Lund", "Petra Lund", "None"),
        (0, "Make it a ghost story and rename Jonas to Silas", "Silas", "Jonas"),
    ],
)
def test_feedback_shows_in_the_text(premise: int, feedback: str, present: str, absent: str) -> None:
    before = write_drama(PREMISES[premise])
    after = improve(before, PREMISES[premise], feedback)
    assert present in text_of(after)
    assert absent not in text_of(after)
    assert set(ids(before)) <= set(ids(after))
    assert check_drama(after) == []
    assert all(ends_on_hook(e.description) for e in after.episodes[:-1])
    assert after == improve(before, PREMISES[premise], feedback)
    assert before == write_drama(PREMISES[premise])


@pytest.mark.parametrize(
    ("feedback", "count"), [("make it 5 episodes", 5), ("one more episode", 4), ("fewer episodes", 2), ("增加两集", 5)]
)
def test_length_follows_feedback(feedback: str, count: int) -> None:
    before = write_drama(PREMISES[0])
    after = improve(before, PREMISES[0], feedback)
    assert len(before.episodes) == 3
    assert len(after.episodes) == count
    assert len({e.id for e in after.episodes}) == count
    assert all(ends_on_hook(e.description, "en") for e in after.episodes[:-1])


def test_a_new_person_joins_the_cast() -> None:
    after = improve(write_drama(PREMISES[0]), PREMISES[0], "Add a rival named Petra Lund")
    petra = next(c for c in after.characters if c.name == "Petra Lund")
    assert missing_voice_qualities(petra.voice_description) == []
    assert not petra.main


@pytest.mark.parametrize("premise", [0, 4, 8])
def test_critique_finds_planted_faults(premise: int) -> None:
    drama = write_drama(PREMISES[premise])
    sound = critique(drama, PREMISES[premise])
    drama.episodes[0].description = {0: "Mira sleeps.", 4: "林悦睡了。", 8: "한지우는 잔다."}[premise]
    drama.characters[0].voice_description = "?"
    faulty = critique(drama, PREMISES[premise])
    assert faulty.count("\n") > sound.count("\n")
    assert "ep01" in faulty
    assert drama.characters[0].name in faulty
    assert "tone" in faulty


@pytest.mark.parametrize("feedback", ["", "?", "😀😀", "{}<>", "a" * 5000, "改名为", "rename to"])
def test_odd_feedback_never_raises(feedback: str) -> None:
    assert check_drama(improve(write_drama(PREMISES[1]), PREMISES[1], feedback)) == []
    assert critique(DramaLite(title="", description="", characters=[], episodes=[]), feedback)


def test_models_are_strict_schemas() -> None:
    for model in (DramaLite, EpisodeScenes):
        schema = json.dumps(to_strict_json_schema(model))
        assert '"default"' not in schema
        assert '"additionalProperties": true' not in schema


def test_checks_name_what_is_wrong() -> None:
    drama = write_drama(PREMISES[0])
    drama.characters[1].id = drama.characters[0].id
    drama.characters[2].voice_description = "A low voice"
    drama.episodes[0].id = "bad id"
    for c in drama.characters:
        c.main = False
    found = "\n".join(check_drama(drama))
    for word in ("used twice", "does not match", "0 main", "does not name"):
        assert word in found
    assert check_drama(
        DramaLite(
            title="t",
            description="d",
            characters=drama.characters[3:],
            episodes=[EpisodeLite(id="e", title="t", description="d")],
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "A low, husky voice with a slow pace, a slight Irish accent, guarded grief, and clipped sentences.",
        "嗓音沙哑低沉，语速缓慢，带北方口音，情感克制，说话方式简短。",
        "허스키한 저음, 느린 속도, 부산 사투리, 절제된 감정, 짧은 말투.",
    ],
)
def test_six_qualities_in_three_languages(text: str) -> None:
    assert missing_voice_qualities(text) == []
    assert len(missing_voice_qualities("x")) == 6
