"""Puts what the premise turns on into a plan: its event as the inciting incident, its things as slots of every text."""

from __future__ import annotations

from collections.abc import Sequence

from kit.wording import Language, detect_language
from services.story.local import anchor_ko, anchor_zh
from services.story.local.facts import Facts
from services.story.local.shapes import Plan
from services.story.models import CharacterLite

MAX_EVENT = {"en": 260, "zh": 90, "ko": 130}


def event_of(facts: Facts, characters: Sequence[CharacterLite]) -> str:
    """Return the premise's event with `{L}` for the lead of `characters`, or an empty text when it tells of none."""
    event = facts.anchor.event
    if not event and facts.language in ("zh", "ko") and characters:
        lead, second = characters[0].name, characters[1].name if len(characters) > 1 else ""
        reader = anchor_zh if facts.language == "zh" else anchor_ko
        event = reader.event_of(facts.core, lead, second) if lead in facts.premise else ""
    told = event if len(event) <= MAX_EVENT[facts.language] and detect_language(event) == facts.language else ""
    return told.replace("|", " ").replace("[", "").replace("]", "")


def with_event(plan: Plan, facts: Facts, characters: Sequence[CharacterLite]) -> Plan:
    """Return `plan` with the premise's own event as its inciting incident, if it has one."""
    event = event_of(facts, characters)
    return Plan(plan.shape, {**plan.chosen, "incite": event}) if event else plan


def matter_slots(facts: Facts, clue: str, language: Language) -> dict[str, str]:
    """Return the slots `matter`, `matter2` and `matter_long`: what the story is about, or the thing everyone wants."""
    thing = f"the {clue}" if language == "en" else clue
    known = facts.anchor.matters
    first = known[0] if known else thing
    return {
        "matter": first,
        "matter2": known[1] if len(known) > 1 else thing,
        "matter_long": facts.anchor.matter_long or first,
        "matter_bare": first.removeprefix("the "),
    }
