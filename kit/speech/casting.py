"""Which voice plays whom: the same description always gets the same voice, and a cast gets voices that differ."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from kit.media.specs import CharacterSpec
from kit.speech.shapes import Engine, Voice

Gender = Literal["male", "female", "any"]


@dataclass(frozen=True)
class Timbre:
    """One recorded voice: who speaks and what marks it. `languages` are those it speaks best, in order."""

    id: str
    gender: Gender
    languages: tuple[str, ...]
    marks: frozenset[str]


def _timbre(name: str, gender: Gender, languages: str, marks: str) -> Timbre:
    return Timbre(name, gender, tuple(languages.split()), frozenset(marks.split()))


TIMBRES = (
    _timbre("af_heart", "female", "en ko", "warm young american tender"),
    _timbre("af_bella", "female", "en ko", "bright energetic american low strong"),
    _timbre("af_nicole", "female", "en", "soft breathy slow american quiet"),
    _timbre("af_sarah", "female", "en ko", "clear calm american mature"),
    _timbre("bf_emma", "female", "en", "british calm mature clear"),
    _timbre("bf_isabella", "female", "en", "british soft young bright"),
    _timbre("am_michael", "male", "en ko", "warm calm american mature"),
    _timbre("am_fenrir", "male", "en", "low strong rough american mature"),
    _timbre("am_puck", "male", "en ko", "bright young energetic american high"),
    _timbre("bm_george", "male", "en", "british calm mature low"),
    _timbre("bm_fable", "male", "en", "british bright young warm"),
    _timbre("zf_xiaobei", "female", "zh ko", "bright young energetic high"),
    _timbre("zf_xiaoxiao", "female", "zh ko", "warm calm mature clear tender"),
    _timbre("zf_xiaoyi", "female", "zh", "soft young tender quiet"),
    _timbre("zm_yunjian", "male", "zh", "low strong mature rough energetic"),
    _timbre("zm_yunxi", "male", "zh ko", "young bright warm"),
    _timbre("zm_yunyang", "male", "zh", "calm mature clear"),
    _timbre("jm_kumo", "male", "ko", "low calm mature clear warm strong"),
)
"""The voices in `voices/`; the marks are our own hearing of them in one word each."""

MARKS: dict[str, str] = {
    "warm": "warm kind gentle friendly honeyed 温暖 温和 亲切 温厚 따뜻 다정 온화",
    "soft": "soft gentle whisper delicate velvety 柔 轻声 细腻 부드러 속삭",
    "breathy": "breathy whisper airy husky 气声 沙哑 숨 허스키",
    "quiet": "quiet shy timid hushed 小声 安静 害羞 조용 수줍",
    "bright": "bright cheerful lively sparkling playful sunny 明亮 开朗 活泼 清脆 俏皮 밝 명랑 발랄 경쾌",
    "energetic": "energetic fiery passionate dynamic intense 热情 激昂 有力 활기 열정 격정",
    "strong": "strong commanding powerful firm authoritative bold cold 坚定 威严 霸气 冷酷 강 단호 위엄 차가",
    "rough": "rough gravelly raspy hoarse gruff husky 粗 沙哑 沧桑 거친 쉰 허스키",
    "calm": "calm steady measured composed even 平静 沉稳 冷静 从容 차분 침착 안정",
    "clear": "clear crisp articulate precise 清晰 清楚 清亮 또렷 맑 명료",
    "tender": "tender loving caring sweet vulnerable 温柔 甜 柔情 사랑 달콤 여린",
    "low": "low deep bass baritone resonant 低沉 浑厚 低音 磁性 낮 저음 굵 중저음",
    "high": "high high-pitched shrill soprano light 高音 尖 高亢 높 고음 가는",
    "slow": "slow unhurried deliberate drawling languid 慢 缓 느린 느릿 천천",
    "fast": "fast quick rapid brisk hurried 快 急促 빠른 빠르 급한",
    "young": "young youthful teen teenage boyish girlish twenties 年轻 少年 少女 青年 젊 청년 소녀 소년 십대 20대",
    "mature": "mature middle-aged adult forties fifties 成熟 中年 성숙 중년 40대 50대",
    "old": "old elderly aged grandmother grandfather seventies 老 年迈 奶奶 爷爷 노인 할머니 할아버지 늙",
    "child": "child childlike kid little-girl little-boy 孩子 儿童 童 小孩 아이 어린이 꼬마",
    "british": "british english-accent london oxford posh 英式 英国 영국",
    "american": "american california southern-drawl 美式 美国 미국",
}
"""What each mark is called in descriptions (English, Chinese, Korean); ASCII words match whole words, others anywhere."""

FEMALE = "female woman girl lady mother sister wife queen princess she her daughter heroine 女 妈 姐 妹 妻 여 엄마 누나 언니 딸 아내"
MALE = "male man boy gentleman father brother husband king prince he his son hero 男 爸 哥 弟 丈夫 남 아빠 형 오빠 아들"
_PITCH = {"low": 0.95, "high": 1.05, "child": 1.12, "old": 0.96, "young": 1.01}
_SPEED = {"slow": 0.92, "fast": 1.09, "old": 0.94, "energetic": 1.03, "calm": 0.98}
_HIBARI_PITCH = {"male": 0.74, "female": 1.0, "any": 0.88}
_STEPS = (1.0, 0.95, 1.05, 0.91, 1.09, 0.97, 1.03, 0.88, 1.12)


def _hits(words: str, text: str, tokens: frozenset[str]) -> bool:
    return any((w in tokens) if w.isascii() else (w in text) for w in words.split())


def _tokens(text: str) -> frozenset[str]:
    plain = "".join(c if c.isalnum() or c == "-" else " " for c in text)
    return frozenset(plain.split()) | frozenset(plain.replace("-", " ").split())


def marks_of(character: CharacterSpec) -> frozenset[str]:
    """The marks that a character's voice description asks for; age words are also taken from its looks."""
    said = character.voice_description.casefold()
    looks = character.description.casefold()
    found = {mark for mark, words in MARKS.items() if _hits(words, said, _tokens(said))}
    found |= {m for m in ("young", "mature", "old", "child") if _hits(MARKS[m], looks, _tokens(looks))}
    return frozenset(found)


def gender_of(character: CharacterSpec) -> Gender:
    """`male` or `female` by the gender field, then by the words of both descriptions; `any` when neither tells."""
    for text in (character.gender, character.voice_description, character.description):
        low = text.casefold()
        female, male = (_hits(words, low, _tokens(low)) for words in (FEMALE, MALE))
        if female != male:
            return "female" if female else "male"
    return "any"


def _draw(character: CharacterSpec, salt: str) -> int:
    """A number that only the described voice decides (the looks too, when no voice is described)."""
    who = character.voice_description or f"{character.name}|{character.description}"
    digest = hashlib.sha256(f"{salt}|{character.gender}|{who}".casefold().encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _score(timbre: Timbre, language: str, gender: Gender, marks: frozenset[str]) -> float:
    score = 2.0 * len(timbre.marks & marks)
    if gender not in ("any", timbre.gender):
        score -= 100.0
    if language in timbre.languages:
        score += 20.0 - 2.0 * timbre.languages.index(language)
    if "british" in marks and "british" not in timbre.marks:
        score -= 6.0
    if language == "en" and "british" in timbre.marks and "british" not in marks:
        score -= 3.0
    return score


def _factor(marks: frozenset[str], table: dict[str, float]) -> float:
    product = 1.0
    for mark in sorted(marks & table.keys()):
        product *= table[mark]
    return min(1.16, max(0.86, product))


def choose_voice(
    character: CharacterSpec, language: str, taken: Collection[str] = (), engine: Engine = "kokoro"
) -> Voice:
    """The voice that fits a character's description best, none of the ids in `taken`.

    The same character, language and `taken` always give the same voice. When every voice of the gender is taken, one is used
    again at another pitch, under an id with `@2`, `@3` ...
    """
    marks, gender = marks_of(character), gender_of(character)
    pitch, speed = _factor(marks, _PITCH), _factor(marks, _SPEED)
    if engine == "hibari":
        names, pitch = ["heart"], pitch * _HIBARI_PITCH[gender]
    else:
        fitting = [t for t in TIMBRES if _score(t, language, gender, marks) > 0] or list(TIMBRES)
        fitting.sort(key=lambda t: (-_score(t, language, gender, marks), _draw(character, t.id)))
        names = [t.id for t in fitting]
    for again in range(1, len(taken) + 2):
        bend = _STEPS[(again - 1) % len(_STEPS)]
        for name in names:
            voice_id = name if again == 1 else f"{name}@{again}"
            if voice_id not in taken:
                return Voice(voice_id, engine, round(speed, 3), round(pitch * bend, 3))
    raise AssertionError("a free voice id exists among len(taken) + 1 candidates")


def cast_voices(cast: Sequence[CharacterSpec], language: str, engine: Engine = "kokoro") -> dict[str, Voice]:
    """One voice per character id, all different. Main characters choose first, then the order of the cast decides."""
    voices: dict[str, Voice] = {}
    for character in sorted(cast, key=lambda c: not c.main):
        voices[character.id] = choose_voice(character, language, {v.id for v in voices.values()}, engine)
    return voices
