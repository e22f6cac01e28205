"""Applies feedback to a drama: length, names, genre, tone, ending, new people and new things; the rest becomes a motif."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kit.wording import Language, detect_language
from services.story.local.cast import Member, dress, parts, seats_of
from services.story.local.data import revise as r
from services.story.local.facts import MAX_EPISODES, Facts, episode_count, read_premise
from services.story.local.grammar import render
from services.story.local.hooks import ends_on_hook
from services.story.local.matter import with_event
from services.story.local.outline import (
    clue_slots,
    compose_episodes,
    describe,
    drama_text,
    people_slots,
    phases,
    place_slots,
    settings,
)
from services.story.local.shapes import Deck, Plan, Shape, choose_shape, make_plan, recover_plan, shapes
from services.story.local.text import clean, polish, sentences
from services.story.models import DramaLite, EpisodeLite


@dataclass
class _Desk:
    """The drama on the desk and what is needed to change it."""

    drama: DramaLite
    facts: Facts
    shape: Shape
    plan: Plan
    rng: random.Random
    language: Language

    def slots(self, turn: int = 0) -> dict[str, str]:
        """Return every slot for a sentence of episode number `turn` (from 0)."""
        people = people_slots(seats_of(self.drama.characters, self.language), {}, self.language)
        base = {
            **people,
            **clue_slots(self.plan.chosen["clue"], self.facts),
            **place_slots(self.facts.places, turn, self.language),
        }
        return self.plan.slots({**base, "sub": settings(self.facts.premise, self.language)[0]}, self.rng, self.language)

    def say(self, template: str, turn: int = 0, **extra: str) -> str:
        """Return `template` rendered for episode `turn`."""
        return render(template, {**self.slots(turn), **extra}, self.rng, self.language)

    def tell(self, turn: int, sentence: str, *, at_end: bool = False) -> None:
        """Put `sentence` into the description of episode `turn`, before its hook, and drop scenes that no longer fit."""
        episode = self.drama.episodes[turn]
        told = sentences(episode.description)
        at = len(told) if at_end else max(0, len(told) - 1)
        told.insert(at, sentence)
        episode.description = polish(("" if self.language == "zh" else " ").join(told), self.language)
        episode.scenes = []


_PAIRS = {
    "은": "은/는",
    "는": "은/는",
    "이": "이/가",
    "가": "이/가",
    "을": "을/를",
    "를": "을/를",
    "과": "와/과",
    "와": "와/과",
}


def _paired(match: re.Match[str]) -> str:
    """The name with the particle that its last syllable asks for."""
    return polish(match.group()[:-1] + _PAIRS[match.group(1)], "ko")


def _rename(desk: _Desk, old: str, new: str) -> bool:
    old = old.strip()
    found = next(
        (c for c in desk.drama.characters if old.lower() in (c.name.lower(), c.name.split()[0].lower(), c.id.lower())),
        None,
    )
    if found is None:
        return False
    pairs = [(found.name, new)]
    if desk.language == "en" and len(found.name.split()) > 1:
        pairs.append((found.name.split()[0], new.split()[0]))

    def swap(text: str) -> str:
        for a, b in pairs:
            text = re.sub(rf"\b{re.escape(a)}\b", b, text) if desk.language == "en" else text.replace(a, b)
            if desk.language == "ko":
                text = re.sub(rf"{re.escape(b)}(은|는|이|가|을|를|과|와)(?![가-힣])", _paired, text)
        return text

    desk.facts.core, desk.facts.anchor.event = swap(desk.facts.core), swap(desk.facts.anchor.event)
    for person in desk.facts.people:
        person.name = swap(person.name)
    d = desk.drama
    d.title, d.description = swap(d.title), swap(d.description)
    for c in d.characters:
        c.name, c.description = swap(c.name), swap(c.description)
    for e in d.episodes:
        e.title, e.description = swap(e.title), swap(e.description)
        for s in e.scenes:
            s.description = swap(s.description)
            for line in s.dialogue:
                line.text = swap(line.text)
            for asset in s.assets:
                asset.prompt = swap(asset.prompt)
    return True


def _numbers(episodes: Sequence[EpisodeLite], extra: int) -> list[int]:
    taken = {e.id for e in episodes}
    free = [
        n for n in range(1, len(episodes) + extra + len(taken) + 1) if f"ep{n:02d}" not in taken and n > len(episodes)
    ]
    return free[:extra]


def _resize(desk: _Desk, count: int) -> None:
    """Cut episodes from the middle, or let the end prove false and go on; ids that stay are kept."""
    episodes = desk.drama.episodes
    count = max(1, min(count, MAX_EPISODES))
    if count < len(episodes):
        desk.drama.episodes = [*episodes[: count - 1], episodes[-1]]
        return
    extra = count - len(episodes)
    if extra <= 0:
        return
    if episodes:
        desk.tell(len(episodes) - 1, desk.say(r.FALSE_END[desk.language]), at_end=True)
        desk.tell(
            len(episodes) - 1, desk.say(Deck(desk.language, desk.rng).deal("H").summary, len(episodes) - 1), at_end=True
        )
    told = drama_text(desk.drama)
    fresh = make_plan(desk.shape, [desk.plan.chosen["clue"]], desk.rng, avoid=told)
    people = people_slots(seats_of(desk.drama.characters, desk.language), {}, desk.language)
    new = compose_episodes(
        _numbers(episodes, extra), phases(extra + 1)[1:], fresh, people, desk.facts, desk.rng, start=len(episodes)
    )
    desk.drama.episodes = [*episodes, *new]


def _regenre(desk: _Desk, name: str) -> None:
    desk.shape = shapes(desk.language)[name]
    desk.plan = with_event(make_plan(desk.shape, desk.facts.things, desk.rng), desk.facts, desk.drama.characters)
    people = people_slots(seats_of(desk.drama.characters, desk.language), {}, desk.language)
    slots = desk.slots()
    count = len(desk.drama.episodes)
    roles = {f"{p}.role": slots[p] for p in "LPAFW"}
    lead = seats_of(desk.drama.characters, desk.language)["L"]
    roles["L.role"] = _role_of(lead.description, desk)
    written = compose_episodes(range(1, count + 1), phases(count), desk.plan, {**people, **roles}, desk.facts, desk.rng)
    for old, new in zip(desk.drama.episodes, written, strict=True):
        new.id = old.id
    desk.drama.episodes = written
    desk.drama.title = render(desk.plan.chosen["title"], slots, desk.rng, desk.language)
    told = desk.facts.language
    desk.drama.description = describe(desk.facts, desk.plan, slots, desk.rng, told, desk.drama.characters)


def _role_of(description: str, desk: _Desk) -> str:
    role = next((p.role for p in desk.facts.people if p.role and p.role in description), "")
    role = role or desk.rng.choice(parts(desk.language).DEFAULT_ROLES["L"])
    return f"a {role}" if desk.language == "en" else role


def _add_person(desk: _Desk, name: str, role: str) -> None:
    d, part = desk.drama, "A" if re.search(r.VILLAIN, role) else "F"
    if any(c.name == name for c in d.characters):
        return
    members = [
        Member("L", seats_of(d.characters, desk.language)["L"].name, "", "", "", True),
        Member(part, name, role, desk.rng.choice(("female", "male")), "", True),
    ]
    new = dress(members, random.Random(f"{name}{role}"), desk.language)[1]
    while new.id in {c.id for c in d.characters}:
        new.id += "_2"
    new.main = False
    if len(d.characters) >= 6:
        spare = [c for c in d.characters if not c.main]
        d.characters.remove(spare[-1])
    d.characters.append(new)
    shown = f"a {role}" if desk.language == "en" else role
    desk.tell(min(1, len(d.episodes) - 1), desk.say(r.ENTER_LINES[desk.language], name=name, role=shown))


def _add_thing(desk: _Desk, thing: str) -> None:
    lines = r.THING_LINES[desk.language]
    last = len(desk.drama.episodes) - 1
    desk.tell(0, desk.say(lines[0], thing=thing))
    if last > 1:
        desk.tell(last // 2, desk.say(lines[1], last // 2, thing=thing))
    if last:
        desk.tell(last, desk.say(lines[2], last, thing=thing))


def _end(desk: _Desk, kind: str) -> None:
    last = desk.drama.episodes[-1]
    kept = sentences(last.description)
    last.description = ("" if desk.language == "zh" else " ").join(kept[: max(1, len(kept) - 1)])
    desk.tell(
        len(desk.drama.episodes) - 1,
        desk.say(r.END_LINES[desk.language][kind], len(desk.drama.episodes) - 1),
        at_end=True,
    )


def _episodes_wanted(feedback: str, now: int) -> int | None:
    more, fewer = re.search(r.MORE, feedback, re.IGNORECASE), re.search(r.FEWER, feedback, re.IGNORECASE)
    number = episode_count(feedback)
    if more:
        step = number if number and re.search(r"(?i)more|extra|additional|再|多|加|더", feedback) else 1
        return now + step
    if fewer:
        return max(1, now - (number or 1))
    return number


def improve(drama: DramaLite, premise: str, feedback: str, *, seed: int = 0) -> DramaLite:
    """Return a copy of `drama` with `feedback` applied; ids of what stays are kept, changed episodes lose their scenes.

    Understood in English, Chinese and Korean: a number of episodes, more or fewer, renaming, genre, tone, ending, a new
    person with a name, a new thing. Words that ask for none of these are woven in as a motif.
    """
    feedback = clean(feedback)[:2000]
    text = drama_text(drama)
    language = detect_language(text)
    facts = read_premise(premise, language)
    rng = random.Random(f"{premise}\n{feedback}\n{seed}\nimprove")
    shape = choose_shape(text + facts.premise, language, animal=any(p.species for p in facts.people[:1]))
    plan = recover_plan(text, shape, facts.things, rng, language)
    desk = _Desk(drama.model_copy(deep=True), facts, plan.shape, plan, rng, language)
    if not feedback or not desk.drama.episodes or not desk.drama.characters:
        return desk.drama
    done = False
    rest = feedback
    for pattern in r.RENAME:
        for hit in re.finditer(pattern, feedback):
            if _rename(desk, hit["old"], hit["new"]):
                done, rest = True, rest.replace(hit.group(), " ")
    genre = next((g for g, words in r.GENRES.items() if re.search(words, rest, re.IGNORECASE)), None)
    if genre:
        _regenre(desk, genre)
        done = True
    wanted = _episodes_wanted(rest, len(desk.drama.episodes))
    if wanted and wanted != len(desk.drama.episodes):
        _resize(desk, wanted)
        done = True
    for pattern in r.ADD_PERSON:
        for hit in re.finditer(pattern, rest):
            _add_person(desk, hit["name"], hit["role"].strip())
            done, rest = True, rest.replace(hit.group(), " ")
    for tone, words in r.TONES.items():
        if re.search(words, rest, re.IGNORECASE) and not re.search(
            r"(?i)(?:less|not so|不要|덜)\s*(?:" + words + ")", rest
        ):
            for turn in range(len(desk.drama.episodes)):
                lines = r.TONE_LINES[language][tone]
                desk.tell(turn, desk.say(lines[turn % len(lines)], turn))
            done = True
    ending = next((kind for kind, words in r.ENDINGS.items() if re.search(words, rest, re.IGNORECASE)), None)
    if ending:
        _end(desk, ending)
        done = True
    things = [hit["thing"].strip() for pattern in r.ADD_THING for hit in re.finditer(pattern, rest, re.IGNORECASE)]
    for thing in [
        t for t in dict.fromkeys(things) if not re.search(r"(?i)episode|character|ending|[集角结]|화$|결말", t)
    ][:2]:
        _add_thing(desk, thing)
        done = True
    if not done:
        motif = sentences(rest)[0].rstrip(".!?。！？ ")[:120] if sentences(rest) else rest[:120]
        joint = "" if language == "zh" else " "
        line = r.MOTIF_LINES[language].replace("{motif}", motif)
        desk.drama.description = polish(f"{desk.drama.description}{joint}{line}", language)
        desk.tell(0, polish(r.THING_LINES[language][0].replace("{thing}", f"“{motif}”"), language))
    _mend_hooks(desk)
    return desk.drama


def _mend_hooks(desk: _Desk) -> None:
    deck = Deck(desk.language, desk.rng)
    for turn, episode in enumerate(desk.drama.episodes[:-1]):
        if not ends_on_hook(episode.description, desk.language):
            desk.tell(turn, desk.say(deck.deal("H").summary, turn), at_end=True)
