"""The cast: who plays which part, by name from the premise first; looks, drives and voices for each."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol
from typing import cast as typed

from kit.wording import Language
from services.story.local.data.regions import Region, region_of
from services.story.local.facts import Facts, Person
from services.story.local.shapes import Shape, fitting
from services.story.local.text import polish
from services.story.models import CharacterLite

ROLES = "LPAFW"
_MALE_WORK = r"fiancé\b|priest|gentleman|father|\bman\b|husband|sexton|未婚夫|父|叔|伯|약혼자|아버지|사내|할아버지"
_FEMALE_WORK = (
    r"fiancée|widow|grandmother|mother|\bwoman\b|wife|nurse|未婚妻|母|婆|寡妇|奶娘|약혼녀|할머니|과부|어머니|유모"
)


class Trades(Protocol):
    """The clothes of one language by trade (module `data/dress_<language>.py`)."""

    CLOTHES: tuple[tuple[str, str], ...]
    CHILD: str
    CHILD_AGE: str
    CHILD_CLOTHES: str
    RELATION: str


class Parts(Protocol):
    """The word lists of one language that cast and scenes are made of (module `data/<language>_parts.py`)."""

    FEMALE: tuple[str, ...]
    MALE: tuple[str, ...]
    ELDERS: tuple[str, ...]
    PETS: tuple[str, ...]
    PET_SPECIES: tuple[str, ...]
    FEMALE_ROLES: frozenset[str]
    DEFAULT_ROLES: Mapping[str, tuple[str, ...]]
    DRIVES: Mapping[str, tuple[str, ...]]
    LOOKS: Mapping[str, tuple[str, ...]]
    DESCRIPTION: str
    ANIMAL_DESCRIPTION: str
    VOICE: str
    VOICES: Mapping[str, tuple[str, ...]]
    SETTINGS: tuple[tuple[str, tuple[str, ...]], ...]
    TIMES: tuple[str, ...]
    MOODS: tuple[str, ...]
    WARM: tuple[str, ...]
    UNFIT: Mapping[str, str]
    ANCIENT: str
    LOVERS: str
    KIN: frozenset[str]
    OLD: str
    FRAMINGS: tuple[str, ...]
    CAMERAS: tuple[str, ...]
    SCENE: str
    IMAGE: str
    VIDEO: str
    SAYS: str
    TITLES: Mapping[str, tuple[str, ...]]
    LOGLINES: tuple[str, ...]
    SUBJECT: str
    MATTER_TITLES: tuple[str, ...]
    PLACE_TITLE: str
    ALSO: str
    ALSO_PLACES: str
    EMOTION_WORDS: Mapping[str, str]
    HERE: str
    ANTAGONIST: str
    AGAINST: tuple[str, ...]


def trades(language: Language) -> Trades:
    """Return the clothes by trade of `language`."""
    return typed(Trades, import_module(f"services.story.local.data.dress_{language}"))


def parts(language: Language) -> Parts:
    """Return the word lists of `language`."""
    return typed(Parts, import_module(f"services.story.local.data.{language}_parts"))


@dataclass
class Member:
    """One member of the cast: the part it plays (L lead, P partner, A antagonist, F friend, W witness, X other)."""

    part: str
    name: str
    role: str
    gender: str
    species: str
    named: bool
    relation: str = ""


def _opposes(facts: Facts, name: str) -> bool:
    short = name.split()[0] if facts.language == "en" else name
    return any(re.search(p.replace("NAME", re.escape(short)), facts.premise) for p in parts(facts.language).AGAINST)


def _seats(facts: Facts, shape: Shape) -> dict[str, Person]:
    """Give the people of the premise their parts: named people first, in the order they are named."""
    anchor = facts.anchor
    fixed = [p for p in (anchor.lead, anchor.second) if p is not None]
    others = sorted((p for p in facts.people if not any(p is f for f in fixed)), key=lambda p: not p.name)
    people = [*fixed, *others][:6]
    seats: dict[str, Person] = {}
    lovers = re.compile(parts(facts.language).LOVERS)
    foes = [p for p in others if p.name and _opposes(facts, p.name)] + [p for p in others if p.negative]
    foes = [p for p in foes if not lovers.search(p.role)] if people else []
    lead = anchor.lead or next((p for p in people if not any(p is f for f in foes)), people[0] if people else None)
    if lead is None:
        return seats
    seats["L"] = lead
    rest = [p for p in people if p is not lead]
    if anchor.second is not None:
        seats["P"] = anchor.second
        rest = [p for p in rest if p is not anchor.second]
    foe = next((p for p in foes if p is not lead and any(p is r for r in rest)), None)
    if foe is None and shape.name == "rivalry" and rest:
        foe = rest[0]
    if foe is not None:
        seats["A"] = foe
        rest = [p for p in rest if p is not foe]
    for part in "PFWX":
        if rest and part not in seats:
            seats[part] = rest.pop(0)
    if rest:
        seats["A"] = seats.get("A", rest[0])
    return seats


def _pools(facts: Facts, lists: Parts) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The names of women, men and the old that fit the place of the story."""
    region = region_of(facts.premise, facts.language)
    if region is None:
        return lists.FEMALE, lists.MALE, lists.ELDERS
    return region.female, region.male, _elders(region, facts.language)


def _elders(region: Region, language: Language) -> tuple[str, ...]:
    form = {"en": ("Mrs {}", "Mr {}"), "zh": ("{}婆婆", "{}伯"), "ko": ("{} 할머니", "{} 아저씨")}[language]
    return tuple(f.format(name) for name in region.surnames for f in form)


def make_cast(facts: Facts, shape: Shape, rng: random.Random) -> list[Member]:
    """Return five or six members in the order L, P, A, F, W, X; people of the premise keep name, role and species."""
    lists = parts(facts.language)
    seats = _seats(facts, shape)
    women, men, elders = _pools(facts, lists)
    taken = {n for p in facts.people for n in (p.name, p.name.split()[0] if p.name else "")}
    cast: list[Member] = []
    for part in "LPAFWX":
        person = seats.get(part)
        if person is None and part == "X":
            continue
        person = person or Person()
        pet = bool(person.species) or (shape.name == "animals" and part in "FW" and not person.role)
        species = person.species or (rng.choice(lists.PET_SPECIES) if pet else "")
        gender = person.gender or ("female" if _sounds_female(person, lists) else rng.choice(("female", "male")))
        if part == "P" and cast and not person.gender and shape.name == "forbidden_love":
            gender = "male" if cast[0].gender == "female" else "female"
        pool = (
            lists.PETS if pet else elders if part == "W" and not person.role else women if gender == "female" else men
        )
        name = person.name or rng.choice([n for n in pool if n not in taken] or list(lists.ELDERS))
        if part == "W" and not person.role and not person.name and not pet:
            gender = (
                "female"
                if any(mark in name for mark in ("할머니", "Granny", "Aunt", "Mrs", "Sister", "婆"))
                else "male"
            )
        taken.add(name)
        fresh = {"A": shape.antagonists, "W": shape.witnesses}.get(part) or lists.DEFAULT_ROLES[
            "L" if part == "L" else "F" if part in "FX" else "P"
        ]
        unlike = f"{trades(facts.language).CHILD}|{_MALE_WORK if gender == 'female' else _FEMALE_WORK}"
        fresh = tuple(r for r in fresh if not re.search(unlike, r)) or fresh
        role = ("" if person.role in lists.KIN and not person.relation else person.role) or (
            species if pet else rng.choice(fresh)
        )
        if person.negative and cast:
            role = re.sub(r"\b(?:him|her)$", cast[0].name.split()[0], role)
            role = re.sub(r"\b(?:his|her)\b", f"{cast[0].name.split()[0]}'s", role)
        cast.append(Member(part, name, role, gender, species, bool(person.name), person.relation))
    return cast


def _sounds_female(person: Person, lists: Parts) -> bool:
    return any(word in lists.FEMALE_ROLES for word in person.role.split())


def _slug(name: str, part: str, language: Language) -> str:
    from services.story.local.romanize import romanize

    slug = re.sub(r"[^a-z0-9]+", "_", romanize(name).lower()).strip("_")[:40]
    return slug or {"L": "lead", "P": "partner", "A": "rival", "F": "friend", "W": "witness", "X": "other"}[part]


def _clothes(m: Member, fallback: str, language: Language, banned: re.Pattern[str] | None) -> str:
    """What somebody of that trade wears, or `fallback`."""
    trade = trades(language)
    if re.search(trade.CHILD, m.role):
        return trade.CHILD_CLOTHES
    found = next((cloth for pattern, cloth in trade.CLOTHES if re.search(pattern, m.role.lower())), fallback)
    return fallback if banned is not None and banned.search(found) else found


def _age(m: Member, cast: list[Member], language: Language) -> str:
    """An age that work or family asks for, or an empty text."""
    years = 0
    if re.search(r"(?<!step)\b(?:grand)?(?:daughter|son)\b|女儿|儿子|孙|^딸|딸$|아들|손녀|손자", m.relation):
        years = 22
    elif re.search(
        r"mother|father|uncle|aunt|母|父|妈|爸|奶奶|爷爷|外|어머니|아버지|엄마|아빠|할머니|할아버지", m.relation
    ):
        years = 64
    elif re.search(r"retired|\bold\b|elderly|widow|退休|年迈|老兵|은퇴|늙은|노인", m.role):
        years = 58
    elif m.part == "L" and any(re.search(r"daughter|\bson\b|女儿|儿子|딸|아들", o.relation) for o in cast):
        years = 48
    return {"en": f"{years} years old", "zh": f"{years}岁", "ko": f"{years}세"}[language] if years else ""


def _who(m: Member, lead: str, language: Language) -> str:
    """Who somebody is in the story: a relative by whose they are, anybody else by trade."""
    return trades(language).RELATION.replace("{L}", lead).replace("{role}", m.role) if m.relation else m.role


def dress(
    cast: list[Member], rng: random.Random, language: Language, banned: re.Pattern[str] | None = None, fair: bool = True
) -> list[CharacterLite]:
    """Return the cast as characters: ids, descriptions with looks and drive, and voices that no two share.

    `fair` allows blond and red hair, which few people have in many parts of the world.
    """
    lists = parts(language)
    decks = {
        key: rng.sample(values, len(values)) for key, values in {**lists.LOOKS, **lists.VOICES, **lists.DRIVES}.items()
    }
    decks = {key: list(fitting(tuple(values), banned)) for key, values in decks.items()}
    if not fair:
        decks |= {k: [h for h in decks[k] if not re.search("blond|red|ginger", h)] for k in ("hair_f", "hair_m")}
    ids: list[str] = []
    found: list[CharacterLite] = []
    lead = cast[0].name.split()[0] if language == "en" else cast[0].name
    for n, m in enumerate(cast):

        def draw(key: str, at: int = n) -> str:
            return decks[key][at % len(decks[key])]

        g = "f" if m.gender == "female" else "m"
        slug = _slug(m.name, m.part, language)
        base = f"char_{slug}"
        while base in ids:
            base += "_2"
        ids.append(base)
        child = re.search(trades(language).CHILD, m.role) is not None
        old = m.part == "W" and not child and not m.named
        drive = draw(m.part if m.part in decks else "F").replace("{L}", lead)
        values = {
            "name": m.name,
            "role": _who(m, lead, language),
            "species": m.species,
            "hair": draw(f"hair_old_{g}" if old else f"hair_{g}"),
            "clothes": _clothes(m, draw(f"clothes_{g}"), language, banned),
            "mark": draw("mark"),
            "coat": draw("coat"),
            "drive": drive[:1].upper() + drive[1:] if drive[:1] != "{" else drive,
            "age": _age(m, cast, language)
            or (trades(language).CHILD_AGE if child else draw("age_old" if old else "age")),
            "he": ("she" if g == "f" else "he"),
            "his": ("her" if g == "f" else "his"),
            "tone": draw("tone"),
            "pitch": draw(f"pitch_{g}"),
            "pace": draw("pace"),
            "accent": draw("accent"),
            "emotion": draw("emotion"),
            "style": draw("style"),
        }
        pattern = lists.ANIMAL_DESCRIPTION if m.species else lists.DESCRIPTION
        description = polish(_fill(pattern, values), language)
        main = m.part == "L" or (m.part == "P" and (m.named or bool(m.relation)))
        voice = polish(_fill(lists.VOICE, values), language)
        gender = m.gender if m.gender in ("female", "male") else "other"
        found.append(
            CharacterLite(
                id=base, name=m.name, description=description, gender=gender, voice_description=voice, main=main
            )
        )
    return found


def _fill(pattern: str, values: Mapping[str, str]) -> str:
    filled = re.sub(r"\{(\w+)\}", lambda m: values[m.group(1)], pattern)
    return re.sub(r"\{(\w+)\}", lambda m: values[m.group(1)], filled)


def seats_of(characters: list[CharacterLite], language: Language) -> dict[str, CharacterLite]:
    """Return who plays L, P, A, F and W among `characters`, whoever wrote them; a small cast plays several parts."""
    left = sorted(characters, key=lambda c: not c.main)
    seats = {"L": left.pop(0)}
    foe = re.compile(parts(language).ANTAGONIST, re.IGNORECASE)
    rival = next(
        (c for c in left if not c.main and foe.search(c.description)),
        next((c for c in left if foe.search(c.description)), None),
    )
    if rival is None and len(left) > 1:
        rival = left[1]
    if rival is not None:
        seats["A"] = rival
        left.remove(rival)
    for part in "PFW":
        if left:
            seats[part] = left.pop(0)
    for part in ROLES:
        seats.setdefault(part, seats.get("F") or seats.get("P") or seats["L"])
    return seats
