"""Reads a drama as an editor does, and says in its language what holds and what to change, episode by episode."""

from __future__ import annotations

import re

from kit.wording import Language, detect_language
from services.story.local.cast import seats_of
from services.story.local.data.critique_words import WORDS
from services.story.local.facts import read_premise
from services.story.local.hooks import ends_on_hook
from services.story.local.outline import drama_text
from services.story.local.text import grams, polish
from services.story.local.turns import speech_seconds
from services.story.models import DramaLite, EpisodeLite, missing_voice_qualities


def _words(text: str, language: Language) -> int:
    return len(text.split()) if language == "en" else len(re.findall(r"\w", text))


def _mentions(name: str, text: str, language: Language) -> bool:
    short = name.split()[0] if language == "en" and name.split() and len(name.split()[0]) > 3 else name
    return bool(name) and (name in text or short in text)


def _repeats(a: EpisodeLite, b: EpisodeLite, language: Language) -> float:
    one, two = grams(a.description, language, 4), grams(b.description, language, 4)
    return len(one & two) / min(len(one), len(two)) if one and two else 0.0


def critique(drama: DramaLite, premise: str) -> str:
    """Return an editor's report on `drama`: strengths, then numbered points with the episode or person each is about.

    Looks at hooks, use of the cast, repetition, the premise's names and places, voices, pacing and lines of scenes.
    """
    language = detect_language(drama_text(drama))
    w = WORDS[language]
    points: list[str] = []
    good: list[str] = []
    episodes = drama.episodes
    label = {e.id: f"{e.id} «{e.title}»" for e in episodes}
    flat = [e for e in episodes[:-1] if not ends_on_hook(e.description, language)]
    points += [w["no_hook"].format(ep=label[e.id]) for e in flat]
    if len(episodes) > 1 and not flat:
        good.append(w["hooks"].format(n=len(episodes) - 1, ep=label[episodes[0].id]))
    if episodes and ends_on_hook(episodes[-1].description, language):
        points.append(w["open_end"].format(ep=label[episodes[-1].id]))
    points += _cast_points(drama, language, good)
    for n, a in enumerate(episodes):
        for b in episodes[n + 1 :]:
            share = _repeats(a, b, language)
            if share > 0.25:
                points.append(w["repeat"].format(a=label[a.id], b=label[b.id], share=round(share * 100)))
    facts = read_premise(premise)
    text = drama_text(drama) + " ".join(c.name + c.description for c in drama.characters)
    lost = [x for x in [*facts.names, *facts.places, *facts.things] if x.lower() not in text.lower()]
    if lost:
        points.append(w["lost"].format(what=", ".join(lost)))
    elif facts.names or facts.places:
        good.append(w["premise"].format(what=", ".join([*facts.names, *facts.places][:6])))
    points += _pace_points(drama, language, label)
    head = w["head"].format(title=drama.title, n=len(episodes), c=len(drama.characters))
    strong = polish(w["strong"] + " " + (" ".join(good) if good else w["nothing"]), language)
    listed = "\n".join(
        f"{n}. {p}"
        for n, p in enumerate(points or [w["fine"].format(ep=label[episodes[-1].id] if episodes else drama.title)], 1)
    )
    return f"{head}\n\n{strong}\n\n{w['weak']}\n{listed}"


def _cast_points(drama: DramaLite, language: Language, good: list[str]) -> list[str]:
    w, points = WORDS[language], list[str]()
    mains = [c for c in drama.characters if c.main]
    if not 1 <= len(mains) <= 2:
        points.append(w["mains"].format(n=len(mains)))
    if len(drama.characters) < 4:
        points.append(w["small"].format(n=len(drama.characters)))
    elif len(drama.characters) > 6:
        points.append(w["large"].format(n=len(drama.characters)))
    for c in drama.characters:
        seen = [e for e in drama.episodes if _mentions(c.name, e.description, language)]
        if not seen:
            points.append(w["unused"].format(name=c.name))
        elif c.main and len(seen) < len(drama.episodes):
            points.append(w["absent"].format(name=c.name, ep=", ".join(e.id for e in drama.episodes if e not in seen)))
        missing = missing_voice_qualities(c.voice_description)
        if missing:
            points.append(w["voice"].format(name=c.name, what=", ".join(missing)))
    voices = [c.voice_description for c in drama.characters]
    if len(set(voices)) < len(voices):
        points.append(w["same_voice"])
    elif voices and not any(missing_voice_qualities(v) for v in voices):
        good.append(w["voices"].format(n=len(voices)))
    if drama.characters:
        seats = seats_of(drama.characters, language)
        first = drama.episodes[0] if drama.episodes else None
        if (
            first is not None
            and seats["A"] is not seats["L"]
            and not _mentions(seats["A"].name, first.description, language)
        ):
            points.append(w["late_foe"].format(name=seats["A"].name, ep=first.id))
    return points


def _pace_points(drama: DramaLite, language: Language, label: dict[str, str]) -> list[str]:
    w, points = WORDS[language], list[str]()
    low, high = (25, 170) if language == "en" else (45, 420)
    for e in drama.episodes:
        n = _words(e.description, language)
        if n < low:
            points.append(w["thin"].format(ep=label[e.id], n=n))
        elif n > high:
            points.append(w["thick"].format(ep=label[e.id], n=n))
        if e.scenes and not 3 <= len(e.scenes) <= 5:
            points.append(w["scenes"].format(ep=label[e.id], n=len(e.scenes)))
        for s in e.scenes:
            seconds = sum(speech_seconds(d.text, language) for d in s.dialogue)
            if seconds > 10:
                points.append(w["long_lines"].format(scene=s.id, s=round(seconds)))
    if len(drama.episodes) == 1:
        points.append(w["single"].format(ep=label[drama.episodes[0].id]))
    return points
