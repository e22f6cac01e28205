"""Dramatic shapes: what kind of story a premise asks for, and the fixed facts of one story (its plan)."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from kit.wording import Language
from services.story.local.data import words
from services.story.local.grammar import Beat, find, parse_beats, render
from services.story.local.text import LANGUAGES

INTANGIBLE = frozenset(
    words(
        "heart soul memory debt fortune algorithm formula code throne inheritance money gold song melody will lottery piano car boat "
        "记忆 算法 心脏 遗产 债务 密码 曲子 钢琴 기억 알고리즘 심장 유산 빚 노래 암호 피아노"
    )
)
"""Things that no hand can hold up to the light."""
PAIRED = ("secret", "secret2", "threat", "climax", "ending")
FIELDS = ("goal", "stake", "incite", *PAIRED, "clue", "title")


@dataclass(frozen=True)
class Shape:
    """One kind of story. `fields` holds its variants; paired fields are `narration // spoken line`."""

    name: str
    words: re.Pattern[str]
    antagonists: tuple[str, ...]
    witnesses: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Plan:
    """The fixed facts of one story: its shape and the variant of every field, still with slots."""

    shape: Shape
    chosen: Mapping[str, str]

    def slots(self, base: Mapping[str, str], rng: random.Random, language: Language) -> dict[str, str]:
        """Return `base` with every field of the plan rendered; a paired field adds `<field>_line`."""
        slots = dict(base)
        for name in FIELDS:
            if name in ("clue", "title"):
                continue
            told, _, said = self.chosen[name].partition(" // ")
            text = render(told, slots, rng, language)
            # Narrations that are whole sentences keep their capital; clauses are written to stand inside a sentence.
            slots[name] = text if told[:1] == "{" or told[:1].isupper() else text[:1].lower() + text[1:]
            if name in PAIRED:
                slots[f"{name}_line"] = render(said, slots, rng, language)
        return slots


def table(language: Language, part: str) -> str:
    """Return the text table `part` (shapes, beats, hooks) of `language`."""
    module = import_module(f"services.story.local.data.{language}_{part}")
    text: str = module.TABLE
    return text


class AgeWords(Protocol):
    """The part of a language's word lists that tells an age and what does not belong in it."""

    UNFIT: Mapping[str, str]
    ANCIENT: str
    OLD: str


def parts_of(language: Language) -> AgeWords:
    """Return the words of age of `language`."""
    words: AgeWords = cast(AgeWords, import_module(f"services.story.local.data.{language}_parts"))
    return words


@cache
def shapes(language: Language) -> dict[str, Shape]:
    """Return the shapes of `language` by name, in order of priority; the last one is the fallback."""
    joint = "" if language == "zh" else " "
    found: dict[str, Shape] = {}
    for block in re.split(r"\n\s*\n", table(language, "shapes").strip()):
        rows = re.sub(r"\n +", lambda _: joint, block).split("\n")
        name, calls = rows[0][2:].strip(), rows[1][2:].strip()
        values: dict[str, tuple[str, ...]] = {}
        for row in rows[2:]:
            key, _, text = row.partition(":")
            marks = r"\s*\|\|\s*" if key in PAIRED else r",\s*|，|、" if key == "clue" else r"\s+\|\s+"
            values[key.strip()] = tuple(re.split(marks, text.strip()))
        pattern = re.compile(rf"\b(?:{calls})" if language == "en" else calls, re.IGNORECASE)
        found[name] = Shape(name, pattern, values.pop("A"), values.pop("W"), values)
    return found


@cache
def beats(language: Language) -> tuple[Beat, ...]:
    """Return every beat of `language`, hooks included."""
    joint = "" if language == "zh" else " "
    return parse_beats(table(language, "beats"), joint) + parse_beats(table(language, "hooks"), joint)


def choose_shape(text: str, language: Language, *, animal: bool = False) -> Shape:
    """Return the shape whose words `text` uses most (earlier shapes win ties; `animal` leads favour animals)."""
    kinds = shapes(language)
    scores = {name: len({m.group().lower() for m in s.words.finditer(text)}) for name, s in kinds.items()}
    scores["animals"] = scores["animals"] + 5 if animal else 0
    scores["forbidden_love"] *= 2  # love is the story wherever it is named
    best = max(scores, key=lambda name: scores[name])
    return kinds[best] if scores[best] else kinds["mystery"]


def make_plan(
    shape: Shape, things: list[str], rng: random.Random, banned: re.Pattern[str] | None = None, *, avoid: str = ""
) -> Plan:
    """Return a plan of `shape` with variants drawn by `rng`; the premise's own first thing is the clue.

    Variants with `banned` words, and those that the text `avoid` already tells, are left out while others remain.
    """
    chosen: dict[str, str] = {}
    for name in FIELDS:
        options = fitting(shape.fields[name], banned)
        fresh = tuple(o for o in options if not (avoid and find(o.partition(" // ")[0], avoid)))
        chosen[name] = rng.choice(fresh or options)
    carried = [t for t in things if t.split()[-1] not in INTANGIBLE]
    if carried:
        chosen["clue"] = carried[0]
    return Plan(shape, chosen)


def recover_plan(
    text: str,
    fallback: Shape,
    things: list[str],
    rng: random.Random,
    language: Language,
    banned: re.Pattern[str] | None = None,
) -> Plan:
    """Return the plan that the drama `text` was told by, as far as its words show it; the rest is drawn by `rng`.

    So scenes fit the outline whatever seed wrote it, and also after a rename.
    """
    best, best_hits = fallback, dict[str, str]()
    for shape in shapes(language).values():
        hits: dict[str, str] = {}
        for name in ("incite", "secret", "secret2", "climax", "ending", "threat", "goal", "stake"):
            for variant in shape.fields[name]:
                if name not in hits and find(variant.partition(" // ")[0], text):
                    hits[name] = variant
        if len(hits) > len(best_hits):
            best, best_hits = shape, hits
    plan = make_plan(best, things, rng, banned)
    low = text.lower()
    clue = max(
        [*(t for t in things if t.split()[-1] not in INTANGIBLE), *best.fields["clue"]],
        key=lambda c: low.count(c.lower()),
    )
    return Plan(best, {**plan.chosen, **best_hits, **({"clue": clue} if clue.lower() in low else {})})


def unfit(premise: str, language: Language, *, animal: bool = False) -> re.Pattern[str] | None:
    """Return the words that do not belong in a story told by `premise` (its age, a lead with paws), or None."""
    lists, every = parts_of(language), [parts_of(one) for one in LANGUAGES]
    age = ["old", "ancient"] if any(re.search(one.ANCIENT, premise, re.IGNORECASE) for one in every) else []
    age = age or (["old"] if any(re.search(one.OLD, premise, re.IGNORECASE) for one in every) else [])
    outs = [lists.UNFIT[k] for k in [*age, *(["animal"] if animal else [])]]
    return re.compile("|".join(outs), re.IGNORECASE) if outs else None


def fitting(options: tuple[str, ...], banned: re.Pattern[str] | None) -> tuple[str, ...]:
    """Return the options without banned words, or all of them when none is left."""
    return tuple(o for o in options if banned is None or not banned.search(o)) or options


class Deck:
    """Deals beats of a phase without repeating one before all were dealt."""

    def __init__(self, language: Language, rng: random.Random, banned: re.Pattern[str] | None = None) -> None:
        self._language, self._rng, self._banned = language, rng, banned
        self._left: dict[str, list[Beat]] = {}

    def deal(self, phase: str, about: str = "") -> Beat:
        """Return the next beat of `phase`, and of those left the first whose summary holds `about`, or whose key begins so, if one does."""
        if not self._left.get(phase):
            pool = pool_of(phase, self._language, self._banned)
            self._left[phase] = self._rng.sample(pool, len(pool))
        left = self._left[phase]
        fit = [n for n, beat in enumerate(left) if about and (about in beat.summary or beat.key.startswith(about))]
        return left.pop(fit[0] if fit else -1)


def pool_of(phase: str, language: Language, banned: re.Pattern[str] | None) -> list[Beat]:
    """Return the beats of `phase` that fit the story, or all of the phase when none does."""
    pool = [b for b in beats(language) if b.phase == phase]
    return [
        b
        for b in pool
        if banned is None or not banned.search(" ".join([b.summary, b.action, *(t for _, _, t in b.lines)]))
    ] or pool
