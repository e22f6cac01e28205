"""What a premise gives: people, places, things, time and conflict, whichever language it is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kit.wording import Language, detect_language
from services.story.local.text import LANGUAGES, clean, closed, sentences


@dataclass
class Person:
    """Someone the premise mentions. `name` is empty when only a role is given; `species` is empty for people.

    `relation` is set for a relative or friend of the subject: `sister`, `妹妹`, `여동생`.
    """

    name: str = ""
    role: str = ""
    gender: str = ""
    species: str = ""
    negative: bool = False
    relation: str = ""


@dataclass
class Anchor:
    """What the story of a premise turns on: its subject, its event and the things it is about.

    `event` is the premise's statement with `{L}` for the subject (and `{P}` for a second one, or for the relative it
    tells of); empty when no verb was found. `described` is an unnamed subject in the premise's words. `matters` are
    things as a line says them, `matter_long` the first of them with what the premise tells of it.
    """

    lead: Person | None = None
    second: Person | None = None
    event: str = ""
    described: str = ""
    matters: list[str] = field(default_factory=list)
    matter_long: str = ""


@dataclass
class Facts:
    """All that was read in a premise. `core` is its statement, without orders to the writer, in whole sentences."""

    language: Language
    premise: str
    core: str
    people: list[Person] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    things: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    episodes: int | None = None
    anchor: Anchor = field(default_factory=Anchor)

    @property
    def names(self) -> list[str]:
        """The names of people in the premise, in order of appearance."""
        return [p.name for p in self.people if p.name]


NUMBER_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
HAN_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "兩": 2}
NATIVE_KOREAN = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10}
MAX_EPISODES = 60

_ORDERS = re.compile(
    r"(?i)\b(?:please )?(?:make|write|create|generate|give me|produce|i want|i'd like|tell)\b[^.!?:]{0,60}?"
    r"\b(?:drama|story|series|show|film|movie|script)s?\b(?: (?:about|of|in which|where|with|for))?:? ?"
)
_EPISODES = [
    re.compile(r"(?i)\b(\d{1,3}|" + "|".join(NUMBER_WORDS) + r")[\s-]*(?:short |more )?(?:episodes?|parts?\b|eps\b)"),
    re.compile(r"([一二两兩三四五六七八九十]{1,3}|\d{1,3})\s*集"),
    re.compile(r"(\d{1,3}|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*(?:화|회|부작|개의? 에피소드|편)(?![가-힣]{2})"),
]
_EPISODE_PHRASES = [
    re.compile(
        r"(?i)[,;–—-]?\s*(?:\b(?:in|over|across|with|for|told in)\s+)?\b(?:\d{1,3}|"
        + "|".join(NUMBER_WORDS)
        + r")[\s-]*(?:short )?episodes?\b(?: (?:drama|series|story))?(?: about)?[:.]?"
    ),
    re.compile(
        r"[，,、]?(?:共|一共|总共|分|分为)?(?:[一二两三四五六七八九十]{1,3}|\d{1,3})\s*集(?:的?(?:短剧|剧|故事|电视剧|微短剧))?[：:，,]?"
    ),
    re.compile(
        r"[,]?\s*(?:총\s*)?(?:\d{1,3}|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*(?:화|회|부작|편)(?:짜리|로|으로|의)?(?:\s*(?:드라마|이야기))?(?=[\s.,:]|$)[:,]?"
    ),
    re.compile(
        r"^(?:请|帮我|给我)?(?:写|创作|制作|生成|来)(?:一个|一部|一段|个|部)?[^，。：]{0,12}(?:短剧|故事|剧本|剧)[：:，,]?(?:关于|讲述)?"
    ),
    re.compile(
        r"(?:에 대한|에 관한)?\s*(?:드라마|이야기|단편)[를을]?\s*(?:만들어|써|작성해)\s*(?:줘|주세요|주십시오)[.!]?"
    ),
]


def read_number(word: str) -> int | None:
    """Return the value of `12`, `three`, `十二` or `다섯`, or None."""
    low = word.lower()
    if low.isascii() and low.isdigit():
        return int(low)
    if low in NUMBER_WORDS:
        return NUMBER_WORDS[low]
    if low in NATIVE_KOREAN:
        return NATIVE_KOREAN[low]
    if word and all(c in HAN_DIGITS for c in word):
        if "十" in word:
            tens, _, ones = word.partition("十")
            return HAN_DIGITS.get(tens, 1) * 10 + HAN_DIGITS.get(ones, 0)
        return HAN_DIGITS[word[-1]]
    return None


def episode_count(text: str) -> int | None:
    """Return how many episodes `text` asks for (1 to 60), or None when it names no number."""
    for pattern in _EPISODES:
        found = pattern.search(text)
        if found:
            number = read_number(found.group(1))
            if number:
                return min(number, MAX_EPISODES)
    return None


def statement(text: str, language: Language, limit: int = 320) -> str:
    """Return the story told in `text`: no orders to the writer, whole sentences, at most about `limit` characters."""
    for pattern in _EPISODE_PHRASES:
        text = pattern.sub("", text)
    text = _ORDERS.sub("", text).strip(" ,;:，、；：-–—.。")
    if len(re.findall(r"[^\W\d_]", text)) < 2:
        return ""
    kept: list[str] = []
    for sentence in sentences(text):
        if kept and sum(map(len, kept)) + len(sentence) > limit:
            break
        kept.append(sentence)
    story = ("" if language == "zh" else " ").join(kept)
    if len(story) > limit * 2:
        cut = story[:limit]
        story = (
            cut[: max(cut.rfind(" "), cut.rfind("，") + 1)]
            if max(cut.rfind(" "), cut.rfind("，")) > limit // 2
            else cut
        )
        return story.rstrip(" ,，") + "…"
    return closed(story, language)


def read_premise(premise: str, language: str | None = None) -> Facts:
    """Return the facts of `premise`. `language` (en, zh, ko) overrides what its letters say; other values are ignored."""
    from services.story.local import anchor_en, anchor_ko, anchor_zh, extract_en, extract_ko, extract_zh

    text = clean(premise)[:4000]
    lang = next((one for one in LANGUAGES if one == language), detect_language(text))
    facts = Facts(lang, text, statement(text, detect_language(text)), episodes=episode_count(text))
    reader = {"en": extract_en.read, "zh": extract_zh.read, "ko": extract_ko.read}[detect_language(text)]
    reader(facts)
    if detect_language(text) == lang:
        {"en": anchor_en.read, "zh": anchor_zh.read, "ko": anchor_ko.read}[lang](facts)
    return facts
