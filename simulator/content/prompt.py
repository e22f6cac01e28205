"""Reading a prompt: its language, its words and names, the JSON it carries and the ids and numbers it asks for."""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import dataclass
from functools import cached_property

from simulator.content.words import LEXICONS, Lexicon
from simulator.jsons import Json, as_dict, as_list, as_str

_COUNT = re.compile(r"(?<![\w.])(\d{1,2})\s*(?:-\s*)?(?:(?!main\b)\w+\s+)?(episode|scene|character|line)s?\b", re.I)
_RANGE = re.compile(r"(?<![\w.])(\d{1,2})\s*(?:to|or|-|–)\s*\d{1,2}\s+(episode|scene|character|line)s?\b", re.I)
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_WORD_COUNT = re.compile(r"\b(" + "|".join(_NUMBER_WORDS) + r")\s+(episode|scene|character|line)s?\b", re.I)

_PLACE_WORDS = frozenset(["in", "at", "from", "to", "of", "near", "on", "the", "a", "an"])


@dataclass(frozen=True)
class Prompt:
    """What a client asked in words: `system` holds instructions, `user` the request itself."""

    system: str
    user: str

    @cached_property
    def text(self) -> str:
        """All words of the request."""
        return f"{self.system}\n{self.user}"

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of all words: the seed of everything that is left to choice."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).digest()

    def dice(self) -> random.Random:
        """Return a fresh generator: the same prompt always gives the same answer."""
        return random.Random(self.digest)

    @cached_property
    def data(self) -> tuple[Json, ...]:
        """The JSON objects that the user's message carries, in order."""
        return tuple(_objects(self.user))

    @cached_property
    def premise(self) -> str:
        """The idea in the user's own words: the JSON's `premise` and the like, else its titles, else all prose."""
        for names in (("premise", "feedback", "idea"), ("title", "description")):
            if found := [t for d in self.data for t in _texts(d, names)]:
                return " ".join(found)
        return self.user

    @cached_property
    def language(self) -> str:
        """ISO 639-1 code by script: `zh`, `ko` or `en`."""
        hangul = sum("가" <= c <= "힣" for c in self.premise)
        han = sum("一" <= c <= "鿿" for c in self.premise)
        if hangul + han < 2:
            return "en"
        return "ko" if hangul >= han else "zh"

    @property
    def lexicon(self) -> Lexicon:
        """The material of the prompt's language."""
        return LEXICONS[self.language]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Content words of the premise in order, without repeats; at least two."""
        if self.language == "en":
            seen = (
                w for w in re.findall(r"[A-Za-z][A-Za-z'-]{3,}", self.premise) if w.lower() not in self.lexicon.stop
            )
            plain = (w.lower().removesuffix("'s").strip("'-") for w in seen)
            words = list(dict.fromkeys(w for w in plain if w.title() not in self.names))
        elif self.language == "ko":
            words = list(dict.fromkeys(re.findall(r"[가-힣]{2,}", self.premise)))
        else:
            runs = re.findall(r"[一-鿿]{2,}", self.premise)
            words = list(dict.fromkeys(run[i : i + 2] for run in runs for i in range(0, len(run) - 1, 2)))
        fallback = {"en": ["promise", "secret"], "zh": ["约定", "秘密"], "ko": ["약속", "비밀"]}[self.language]
        return tuple([*words[:40], *fallback][: max(2, min(40, len(words)))])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Proper names of the premise: capitalised words that do not begin a sentence, in order."""
        found = re.findall(r"\b([a-z]+)[,;]? ([A-Z][a-z]{2,})\b", self.premise)
        people = (name for before, name in found if before not in _PLACE_WORDS)
        return tuple(dict.fromkeys(n for n in people if n.lower() not in LEXICONS["en"].stop))

    @cached_property
    def cast(self) -> tuple[tuple[str, str], ...]:
        """(id, name) of the characters that the prompt brings along, from its JSON or from `char_...` tokens."""
        people: dict[str, str] = {}
        for d in self.data:
            for item in _lists(d, ("characters", "cast")):
                entry = as_dict(item)
                identity = as_str(entry.get("id")) or as_str(entry.get("character_id"))
                if identity:
                    people[identity] = as_str(entry.get("name")) or identity
        if not people:
            tokens = re.findall(r"\bchar[_-][A-Za-z0-9_-]+", self.user)
            people = {t: re.sub(r"^char[_-]", "", t).replace("_", " ").title() for t in tokens}
        return tuple(people.items())

    @cached_property
    def episode_id(self) -> str:
        """Id of the one episode that the prompt is about, or an empty string."""
        for d in self.data:
            identity = as_str(d.get("episode_id")) or as_str(as_dict(d.get("episode")).get("id"))
            if identity:
                return identity
        tokens = re.findall(r"\bep(?:isode)?[_-]?\d+\b(?!_s)", self.user)
        return tokens[0] if tokens and len(set(tokens)) == 1 else ""

    def count(self, noun: str) -> int | None:
        """Return the number that the prompt names before `noun` (singular), e.g. 3 for `3 episodes`; the user's word wins."""
        for part in (self.user, self.system):
            # Of a range such as `4 to 6 characters` the low end: it keeps productions small.
            for number, word in _RANGE.findall(part) + _COUNT.findall(part):
                if word.lower() == noun:
                    return max(1, min(int(number), 24))
            for number, word in _WORD_COUNT.findall(part):
                if word.lower() == noun:
                    return _NUMBER_WORDS[number.lower()]
        for d in self.data:
            wished = d.get(f"{noun}_count", d.get(f"{noun}s"))
            if isinstance(wished, int) and not isinstance(wished, bool):
                return max(1, min(wished, 24))
        return None

    @cached_property
    def wants_empty_scenes(self) -> bool:
        """Whether the prompt asks to leave the episodes' scenes for later."""
        return bool(re.search(r"scenes?\W{0,4}[^.\n]{0,40}(?:\bempty\b|\[\])", self.text, re.I))


def _objects(text: str) -> list[Json]:
    """Return every JSON object found in `text`, outermost ones only."""
    decoder, found, at = json.JSONDecoder(), list[Json](), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(value, dict) and value:
            found.append(as_dict(value))
    return found


def _texts(value: object, names: tuple[str, ...]) -> list[str]:
    """Return the strings of an object and of its nested objects under the given names."""
    source = as_dict(value)
    own = [as_str(source.get(n)) for n in names if as_str(source.get(n))]
    return own + [t for v in source.values() if isinstance(v, dict) for t in _texts(v, names)]


def _lists(value: object, names: tuple[str, ...]) -> list[object]:
    """Return the items of the lists of an object and of its nested objects under the given names."""
    source = as_dict(value)
    own = [item for n in names for item in as_list(source.get(n))]
    return own + [i for v in source.values() if isinstance(v, dict) for i in _lists(v, names)]
