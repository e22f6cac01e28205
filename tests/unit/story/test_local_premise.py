"""The premise's own subject, event and places carry the drama; scenes talk, and none ends as another does."""

from __future__ import annotations

import itertools
import re
from functools import cache

import pytest

from kit.wording import Language
from services.story.local import write_drama, write_scenes
from services.story.local.data.regions import EN, region_of
from services.story.local.facts import read_premise
from services.story.local.text import grams
from services.story.local.turns import ending_kind, speech_seconds
from services.story.models import DramaLite

FERRY = "A night-shift nurse in Busan finds her missing sister among the passengers of a ferry that sank ten years ago."
UNNAMED: list[tuple[Language, str, str, str, str]] = [
    ("en", FERRY, "night-shift nurse", "female", "ferry"),
    (
        "en",
        "A taxi driver in Lagos discovers that every passenger he picks up after midnight has already died.",
        "taxi driver",
        "male",
        "passengers",
    ),
    (
        "en",
        "In Mexico City, a retired wrestler must teach his estranged daughter to fight before the man who crippled him "
        "comes back.",
        "retired wrestler",
        "male",
        "",
    ),
    (
        "en",
        "A chef who lost her sense of taste opens a restaurant in Paris with the letters of her first customer.",
        "chef",
        "female",
        "letters",
    ),
    ("zh", "上海一名夜班护士在十年前沉没的渡轮乘客名单里发现了失踪的妹妹。", "夜班护士", "female", "渡轮"),
    ("zh", "一只流浪橘猫每天清晨都会带一名失忆的画家去同一座旧桥。", "流浪橘猫", "", "旧桥"),
    (
        "ko",
        "부산의 야간 병동 간호사가 10년 전 침몰한 여객선의 승객 명단에서 실종된 여동생을 발견한다.",
        "야간 병동 간호사",
        "",
        "여객선",
    ),
    (
        "ko",
        "화성 기지의 젊은 조종사는 지구에서 온 마지막 신호가 자신의 목소리라는 것을 발견한다.",
        "젊은 조종사",
        "",
        "신호",
    ),
]
each_unnamed = pytest.mark.parametrize(("lang", "premise", "role", "gender", "matter"), UNNAMED)


@cache
def drama_of(premise: str, seed: int = 0) -> DramaLite:
    drama = write_drama(premise, seed=seed)
    for episode in drama.episodes:
        episode.scenes = write_scenes(drama, premise, episode.id, seed=seed)
    return drama


def text_of(drama: DramaLite) -> str:
    told = [drama.title, drama.description]
    for e in drama.episodes:
        told += [e.title, e.description, *(s.description for s in e.scenes)]
        told += [d.text for s in e.scenes for d in s.dialogue]
    return "\n".join(told)


@each_unnamed
def test_an_unnamed_subject_leads(lang: Language, premise: str, role: str, gender: str, matter: str) -> None:
    drama = drama_of(premise)
    lead = drama.characters[0]
    assert lead.main
    assert role in re.split("[;。.]", lead.description)[0]
    assert not gender or lead.gender == gender
    name = lead.name.split()[0] if lang == "en" else lead.name
    assert name in drama.description
    assert all(name in e.description for e in drama.episodes)
    spoken = [d.text.lower() for e in drama.episodes for s in e.scenes for d in s.dialogue]
    assert not matter or sum(matter in line for line in spoken) >= 2
    assert not matter or matter in drama.episodes[0].description + drama.episodes[1].description


def test_the_event_is_what_happens_first_and_the_relative_plays() -> None:
    drama = drama_of(FERRY)
    lead, sister = drama.characters[:2]
    assert f"{lead.name} finds her missing sister {sister.name} among the passengers" in drama.episodes[0].description
    assert f"{lead.name}'s missing sister" in sister.description
    assert sister.main
    assert sister.gender == "female"
    assert "nurse uniform" in lead.description
    assert drama.title != write_drama("A potter hides a map.").title


@pytest.mark.parametrize(
    ("place", "name"),
    [("Seoul", "Seo-yeon"), ("Tokyo", "Haruka"), ("Lagos", "Adaeze"), ("Mumbai", "Ananya"), ("Mexico City", "Ximena")],
)
def test_names_fit_the_place(place: str, name: str) -> None:
    premise = f"A young florist in {place} hides a stolen letter."
    region = region_of(premise, "en")
    assert region is not None
    assert name in region.female
    known = {*region.female, *region.male, *region.surnames}
    assert all(c.name.split()[-1] in known for c in write_drama(premise).characters)
    assert len(EN) >= 25


@each_unnamed
@pytest.mark.parametrize("seed", [0, 1])
def test_scenes_talk_long_enough_and_end_differently(
    lang: Language, premise: str, role: str, gender: str, matter: str, seed: int
) -> None:
    for e in drama_of(premise, seed).episodes:
        assert 3 <= len(e.scenes) <= 5
        for s in e.scenes:
            assert 3 <= len(s.dialogue) <= 4
            seconds = sum(speech_seconds(d.text, lang) for d in s.dialogue)
            assert 5.5 <= seconds <= 9.5, [d.text for d in s.dialogue]
            assert len({d.character_id for d in s.dialogue}) > 1
        ends = [s.dialogue[-1].text for s in e.scenes]
        assert len(set(ends)) == len(ends)
        kinds = [ending_kind(s.dialogue[-1]) for s in e.scenes]
        assert len(set(kinds)) >= len(kinds) - 1, ends


@each_unnamed
def test_no_place_is_named_twice_in_a_sentence(
    lang: Language, premise: str, role: str, gender: str, matter: str
) -> None:
    places = read_premise(premise).places
    for e in drama_of(premise).episodes:
        for text in (e.description, *(s.description for s in e.scenes)):
            for sentence in re.split(r"[.。!?？！]", text):
                assert all(sentence.count(p) < 2 for p in places), sentence


@each_unnamed
def test_every_member_is_somebody_of_their_own(
    lang: Language, premise: str, role: str, gender: str, matter: str
) -> None:
    told = [c.description for c in drama_of(premise).characters]
    assert len(set(told)) == len(told)
    assert not any(re.search("Under it all|骨子里|속으로는", t) for t in told)


@pytest.mark.parametrize("lang", ["en", "zh", "ko"])
def test_two_dramas_share_little_with_their_scenes(lang: Language) -> None:
    told = [grams(text_of(drama_of(p)), lang) for one, p, *_ in UNNAMED if one == lang]
    assert all(len(a & b) / min(len(a), len(b)) < 0.30 for a, b in itertools.combinations(told, 2))


@each_unnamed
def test_every_scene_names_something(lang: Language, premise: str, role: str, gender: str, matter: str) -> None:
    drama, facts = drama_of(premise), read_premise(premise)
    names = [c.name for c in drama.characters]
    known = [n.lower().removeprefix("the ") for n in [*names, *facts.places, *facts.anchor.matters]]
    scenes = [" ".join(d.text for d in s.dialogue).lower() for e in drama.episodes for s in e.scenes]
    bare = [talk for talk in scenes if not any(name in talk for name in known)]
    assert len(bare) <= 1, bare
