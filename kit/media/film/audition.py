"""A character introduces itself, in its own voice: ten seconds by which a director knows whom to cast."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from kit.media.film.clip import Progress, render_clip
from kit.media.film.facts import ClipFacts
from kit.media.film.script import Speak
from kit.media.illustration.layers import SceneLayers
from kit.media.specs import CharacterSpec, LineSpec, SceneSpec
from kit.speech.casting import marks_of
from kit.speech.say import speak as speak_now
from kit.speech.shapes import Voice

SECONDS = 10.0
_MOST = {"en": 64, "zh": 22, "ko": 30}
"""Letters of the description that are spoken: about four seconds of speech."""

_HELLO = {"en": "My name is {name}.", "zh": "我叫{name}。", "ko": "제 이름은 {name}입니다."}
_I_AM = {"en": "I am {what}.", "zh": "我是{what}。", "ko": "저는 {what}입니다."}
_CLOSING = {
    "tender": {
        "en": "Stay a little longer. I have so much to tell you.",
        "zh": "再陪我一会儿吧，我还有很多话想说。",
        "ko": "조금만 더 있어 줘요. 할 말이 많아요.",
    },
    "happy": {
        "en": "Trust me, with me it never gets boring!",
        "zh": "相信我，有我在绝不会无聊！",
        "ko": "저만 믿으세요. 지루할 틈이 없을 거예요!",
    },
    "determined": {
        "en": "Remember my voice. You will hear it again.",
        "zh": "记住我的声音，你还会再听到的。",
        "ko": "제 목소리를 기억하세요. 다시 듣게 될 겁니다.",
    },
}
_MINE = re.compile(r"\b(his|her|their)\b", re.IGNORECASE)
_SCRIPT = {"zh": re.compile(r"[\u4e00-\u9fff]"), "ko": re.compile(r"[가-힣]"), "en": re.compile(r"[A-Za-z]")}


def _what(character: CharacterSpec, language: str) -> str:
    """The first clause of the description that says who somebody is in the language, short enough to be said; or nothing."""
    for clause in re.split(r"[.;,。；，、!?！？\n]", character.description):
        clause = clause.strip()
        if not _SCRIPT[language].search(clause) or len(clause) > _MOST[language]:
            continue
        if language == "en":
            if not re.match(r"(?i)(an?|the)\s", clause):
                continue
            return _MINE.sub("my", clause[0].lower() + clause[1:])
        return re.sub(r"^(她|他|我)?是|(입니다|이다)$", "", clause)
    return ""


def audition_scene(character: CharacterSpec, language: str) -> SceneSpec:
    """The scene of an audition: one actor before a quiet background, who says its name, who it is, and a line in its manner."""
    spoken = language if language in _HELLO else "en"
    marks = marks_of(character)
    mood = (
        "tender"
        if marks & {"soft", "tender", "quiet", "warm"}
        else "happy"
        if marks & {"bright", "fast", "child"}
        else "determined"
    )
    what = _what(character, spoken)
    hello = _HELLO[spoken].format(name=character.name)
    if what:
        hello += (" " if spoken != "zh" else "") + _I_AM[spoken].format(what=what)
    lines = (LineSpec(character.id, hello, "neutral"), LineSpec(character.id, _CLOSING[mood][spoken], mood))
    seed = zlib.crc32(f"{character.id}|{character.name}|{character.description}".encode())
    described = f"{character.name} in a quiet studio, looking at us"
    return SceneSpec(f"audition-{character.id}", described, described, (character,), lines, spoken, seed=seed)


def render_audition(
    character: CharacterSpec,
    portrait_layers: SceneLayers,
    voice: Voice,
    language: str,
    out: Path,
    *,
    progress: Progress | None = None,
    speak: Speak = speak_now,
) -> ClipFacts:
    """Render ten seconds of a character introducing itself to `out`. Raises as `render_clip` does."""
    scene = audition_scene(character, language)
    return render_clip(
        scene, portrait_layers, {character.id: voice}, out, duration=SECONDS, progress=progress, speak=speak
    )
