"""Writes a drama: facts, shape, cast and plan become a title, a description and episodes that end on hooks."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from kit.wording import Language
from services.story.local.cast import dress, make_cast, parts
from services.story.local.data.regions import is_fair, region_of
from services.story.local.facts import MAX_EPISODES, Facts, read_premise
from services.story.local.grammar import render
from services.story.local.matter import event_of, matter_slots, with_event
from services.story.local.shapes import Deck, Plan, Shape, choose_shape, fitting, make_plan, shapes, unfit
from services.story.local.text import clean, polish, sentences
from services.story.models import CharacterLite, DramaLite, EpisodeLite

_PRONOUNS: dict[Language, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "en": (("he", "him", "his"), ("she", "her", "her")),
    "zh": (("他", "他", "他的"), ("她", "她", "她的")),
    "ko": (("그", "그", "그의"), ("그녀", "그녀", "그녀의")),
}
_SMALL = {"of", "the", "a", "an", "in", "at", "on", "and", "for", "to"}


def _title_case(text: str) -> str:
    words = [w if i and w in _SMALL else w[:1].upper() + w[1:] for i, w in enumerate(text.split(" "))]
    return " ".join(words)


def _at(place: str, language: Language) -> str:
    """The place with its preposition, where the language puts one."""
    if language == "zh":
        return f"在{place}"
    if language == "ko":
        return f"{place}에서"
    if place.startswith("the "):
        if re.search(
            r"(quarter|town|city|kingdom|village|forest|valley|capital|desert|garden|country|mountains?)$", place
        ):
            return f"in {place}"
        on = re.search(r"(island|isle|beach|pier|moon|farm|ranch|ship|boat|train|ferry|rooftop|wharf|colony)$", place)
        return f"{'on' if on else 'at'} {place}"
    return (
        "on " if re.search(r"(Street|Avenue|Road|Lane|Island|Isle|Beach|Moon|Mars|Wharf|Pier)$", place) else "in "
    ) + place


def people_slots(seats: Mapping[str, CharacterLite], roles: Mapping[str, str], language: Language) -> dict[str, str]:
    """Return the slots of the cast: `{L}` a name as prose uses it, `{L.he}`, `{L.him}`, `{L.his}`, `{L.role}`."""
    slots: dict[str, str] = {}
    firsts = [c.name.split()[0] for c in seats.values()]
    for part, c in seats.items():
        words = c.name.split()
        titled = (
            language != "en"
            or not words
            or words[0].rstrip(".")
            in (
                "Old",
                "Aunt",
                "Uncle",
                "Mr",
                "Mrs",
                "Ms",
                "Sister",
                "Granny",
                "The",
                "Dr",
                "Sir",
                "Lady",
                "Lord",
                "Madame",
                "Miss",
            )
        )
        slots[part] = clean(c.name if titled or firsts.count(words[0]) > 1 else words[0]) or c.id
        she = c.gender.lower() in ("female", "woman", "f", "여성", "여", "女")
        he, him, his = _PRONOUNS[language][she]
        slots[f"{part}.he"], slots[f"{part}.him"], slots[f"{part}.his"] = he, him, his
        slots[f"{part}.role"] = roles.get(part) or described(c, language)
    return slots


def articled(role: str, language: Language) -> str:
    """Return `role` as it stands in apposition: with an article in English, unless it has one or names whose it is."""
    if language != "en" or not role or re.match(r"(?:an?|the|\w+['’]s)\b", role):
        return role
    return f"the {role}" if " who " in role or re.match(r"(?:last|only|first) ", role) else f"a {role}"


def described(character: CharacterLite, language: Language) -> str:
    """Return who `character` is, from the first words of the description, or words that fit anybody."""
    text = clean(character.description).removeprefix(clean(character.name)).lstrip(" ,，:：")
    found = re.match(r"[^,;.，。；]{2,60}(?=[,;.，。；])", text)
    if found and not re.search(r"\d|hair|岁|세$", found.group()):
        return articled(found.group().strip(), language)
    return {"en": "who stands in the way", "zh": "", "ko": ""}[language]


def place_slots(places: Sequence[str], turn: int, language: Language) -> dict[str, str]:
    """Return the slots of place; `turn` rotates through the places of the premise so that each gets its scene."""
    lists = parts(language)
    known = list(places) or [lists.HERE]
    here, other = known[turn % len(known)], known[(turn + 1) % len(known)]
    if other == here:
        other = {"en": f"the far side of {here}", "zh": f"{here}的另一头", "ko": f"{here} 변두리"}[language]
    return {
        "place": here,
        "place2": other,
        "at": _at(here, language),
        "Place": _title_case(here),
        "At": _title_case("x " + _at(here, language))[2:] if language == "en" else _at(here, language),
    }


def clue_slots(clue: str, facts: Facts) -> dict[str, str]:
    """Return the slots of the thing everyone wants and of what the premise turns on."""
    language = facts.language
    return {
        **matter_slots(facts, clue, language),
        "clue": f"the {clue}" if language == "en" else clue,
        "clue_bare": clue,
        "Clue": _title_case(clue) if language == "en" else clue,
    }


def settings(text: str, language: Language) -> tuple[str, ...]:
    """Return the rooms and corners that fit a story told by `text`, those of its first two settings in turn."""
    low = text.lower()
    hits = [(m.start(), rooms) for words, rooms in parts(language).SETTINGS if words and (m := re.search(words, low))]
    if not hits:
        return parts(language).SETTINGS[-1][1]
    lists = [rooms for _, rooms in sorted(hits, key=lambda h: h[0])[:2]]
    mixed = [room for pair in zip_longest(*lists) for room in pair if room is not None]
    return tuple(dict.fromkeys(mixed))[:8]


def banned_in(facts: Facts) -> re.Pattern[str] | None:
    """Return the words that do not fit the age or the animals of `facts`, or None."""
    return unfit(facts.premise, facts.language, animal=any(p.species for p in facts.people[:2]))


def phases(count: int) -> list[str]:
    """Return the phases of each of `count` episodes, one letter per scene; every episode but the last ends with H."""
    if count == 1:
        return ["SIMXE"]
    if count == 2:
        return ["SICH", "MRXE"]
    middle = ["CCCH" for _ in range(count - 2)]
    half = max(0, (count - 3) // 2)
    middle[half] = "CMRH" if count == 3 else "CMCH"
    if count > 3:
        middle[min(half + 1, count - 3)] = "CRDH"
    for n in range(half + 2, count - 2, 3):
        middle[n] = "CDCH"
    return ["SICH", *middle, "DXE" if count == 3 else "CXE"]


def compose_episodes(
    numbers: Sequence[int],
    shape_of: Sequence[str],
    plan: Plan,
    people: Mapping[str, str],
    facts: Facts,
    rng: random.Random,
    start: int = 0,
) -> list[EpisodeLite]:
    """Return one episode per number, told by the phases in `shape_of` with the people and the plan given.

    `start` says how many episodes stand before these, so that the places of the premise go on taking turns.
    """
    language = facts.language
    banned = banned_in(facts)
    deck, lists = Deck(language, rng, banned), parts(language)
    rooms = settings(facts.premise, language)
    titles = {k: rng.sample(fitting(v, banned), len(fitting(v, banned))) for k, v in lists.TITLES.items()}
    found: list[EpisodeLite] = []
    count, own = (
        len(shape_of),
        "{matter" not in plan.chosen["incite"] and plan.chosen["incite"] not in plan.shape.fields["incite"],
    )
    for turn, (number, letters) in enumerate(zip(numbers, shape_of, strict=True), start):
        base = {
            **people,
            **clue_slots(plan.chosen["clue"], facts),
            **place_slots(facts.places, turn, language),
            "sub": rng.choice(rooms),
        }
        slots = plan.slots(base, rng, language)
        about = rng.choice([n for n, one in enumerate(letters) if one in "CMDX"] or [-1]) if turn or count == 1 else -1
        told: list[str] = []
        for _ in range(4):  # an episode without its lead is dealt again
            told = [
                render(
                    deck.deal(letter, "ev_" if letter == "I" and own else "{matter" if n == about else "").summary,
                    {**slots, "sub": rng.choice(rooms)},
                    rng,
                    language,
                )
                for n, letter in enumerate(letters)
            ]
            if any(people["L"] in sentence for sentence in told):
                break
        kind = "first" if "S" in letters else "last" if "E" in letters else "middle"
        title = render(titles[kind][turn % len(titles[kind])], slots, rng, language)
        joint = "" if language == "zh" else " "
        found.append(
            EpisodeLite(
                id=f"ep{number:02d}",
                title=_title_case(title) if language == "en" else title,
                description=polish(joint.join(told), language),
            )
        )
    return found


def drama_text(drama: DramaLite) -> str:
    """Return all the words of the outline, for matching."""
    return "\n".join([drama.title, drama.description, *(f"{e.title}\n{e.description}" for e in drama.episodes)])


def title_of(facts: Facts, role: str, plan: Plan, rng: random.Random) -> str:
    """Return the template of a title that names what the premise turns on, or else the shape's own title."""
    words = role.split()[-1:] if facts.language != "zh" else [role[-4:]]
    if not facts.anchor.matters:
        unnamed = facts.anchor.lead is not None and not facts.anchor.lead.name and facts.places and words
        place = parts(facts.language).PLACE_TITLE if unnamed else plan.chosen["title"]
        return place.replace("{role}", words[0] if words else "")
    options = [t for t in parts(facts.language).MATTER_TITLES if "{role}" not in t or (words and len(role) < 24)]
    plural = re.search(r"[^s]s$", facts.anchor.matters[0]) is not None
    options = [t for t in options if not (plural and "Remembers" in t)]
    return rng.choice(options).replace("{role}", words[0] if words else "")


def describe(
    facts: Facts,
    plan: Plan,
    slots: Mapping[str, str],
    rng: random.Random,
    told_language: Language,
    characters: Sequence[CharacterLite] = (),
) -> str:
    """Return the drama's logline: who the premise is about and what happens to them, then what is at stake.

    An unnamed subject gets its name; what the premise says after its first sentence stays.
    """
    lists = parts(facts.language)
    logline = render(rng.choice(lists.LOGLINES), slots, rng, facts.language)
    core = facts.core if told_language == facts.language else ""
    joint = "" if facts.language == "zh" else " "
    event = event_of(facts, characters) if facts.anchor.described else ""
    if event and core:
        subject = lists.SUBJECT.replace("{who}", facts.anchor.described)
        opening = render(event.replace("{L}", subject, 1), slots, rng, facts.language)
        core = joint.join([opening, *sentences(core)[1:]])
    text = joint.join(t for t in (core, logline) if t)
    strangers = [n for n in facts.names if n not in text and n.split()[0] not in slots.values()]
    if strangers:
        text += joint + lists.ALSO.replace("{names}", (", " if facts.language != "zh" else "、").join(strangers))
    lost = [p for p in facts.places if p not in text]
    if lost:
        text += joint + lists.ALSO_PLACES.replace("{places}", (", " if facts.language != "zh" else "、").join(lost))
    return polish(text, facts.language)


def write_drama(premise: str, *, episodes: int | None = None, language: str | None = None, seed: int = 0) -> DramaLite:
    """Return a drama about `premise`: a cast of five or six and its episodes, without scenes.

    `episodes` wins over a number named in the premise; without either there are two or three. `language` (en, zh, ko)
    overrides the premise's own. The same premise, language, count and seed always give the same drama.
    """
    facts = read_premise(premise, language)
    rng = random.Random(f"{premise}\n{facts.language}\n{seed}")
    told = read_premise(premise).language
    animal = any(p.species for p in facts.people[:1])
    shape = choose_shape(facts.premise, told, animal=animal)
    return build(facts, shape, rng, episodes or facts.episodes or rng.choice((2, 3)), told)


def build(facts: Facts, shape: Shape, rng: random.Random, count: int, told: Language) -> DramaLite:
    """Return the drama of `facts` in `shape` with `count` episodes; `told` is the language of the premise itself."""
    language = facts.language
    shape = shapes(language)[shape.name]
    members = make_cast(facts, shape, rng)
    region = region_of(facts.premise, language)
    characters = dress(members, rng, language, banned_in(facts), fair=region is None or is_fair(facts.premise))
    plan = make_plan(shape, facts.things if told == language else [], rng, banned_in(facts))
    plan = with_event(plan, facts, characters)
    seats = {m.part: c for m, c in zip(members, characters, strict=True)}
    people = people_slots(seats, {m.part: articled(m.role, language) for m in members}, language)
    count = max(1, min(count, MAX_EPISODES))
    written = compose_episodes(range(1, count + 1), phases(count), plan, people, facts, rng)
    base = {
        **people,
        **clue_slots(plan.chosen["clue"], facts),
        **place_slots(facts.places, 0, language),
        "sub": settings(facts.premise, language)[0],
    }
    slots = plan.slots(base, rng, language)
    slots["Matter"] = _title_case(slots["matter_bare"]) if language == "en" else slots["matter_bare"]
    title = render(title_of(facts, members[0].role, plan, rng), slots, rng, language)
    description = describe(facts, plan, slots, rng, told, characters)
    return DramaLite(
        title=_title_case(title) if language == "en" else title,
        description=description,
        characters=characters,
        episodes=written,
    )
